import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';

/** Most items of a batch. */
export const mostItems = 1_000;

/** What is wrong with a batch as a whole, or null; what is wrong with an item by itself is that item's result. */
export function checkBatch(items: readonly { readonly idempotencyKey: string }[]): InvalidInput | null {
  if (items.length < 1 || items.length > mostItems)
    return invalidInput('input.items', `1 to ${mostItems.toLocaleString('en')} items`);
  const seen = new Set<string>();
  for (const [i, { idempotencyKey }] of items.entries()) {
    if (seen.has(idempotencyKey))
      return invalidInput(`input.items.${i}.idempotencyKey`, 'another than those of the items before it');
    seen.add(idempotencyKey);
  }
  return null;
}
