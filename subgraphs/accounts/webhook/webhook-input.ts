import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { isLabel } from '../text.ts';
import {
  checkTarget,
  hostOf,
  isAddress,
  isAllowedAddress,
  publicTarget,
  type TargetTerms,
} from './target.ts';
import { webhookEventTypes } from './webhook.ts';

/** What a merchant says of a webhook. */
export interface WebhookInput {
  readonly url?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly eventTypes?: readonly string[] | null | undefined;
}

/** What checking a webhook needs. */
export interface CheckWebhookPorts {
  readonly targets: TargetTerms;
  /** The addresses of a host name; none if it has none at present. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
}

/**
 * The first fault of a webhook's input, or null. A name without an address at present is let through: each connection
 * checks the address that it is made to.
 */
export async function checkWebhook(
  { url, description, eventTypes }: WebhookInput,
  { targets, resolve }: CheckWebhookPorts,
): Promise<InvalidInput | null> {
  if (typeof description === 'string' && !isLabel(description, 200))
    return invalidInput('input.description', '1 to 200 characters without a space at either end');
  const strange = eventTypes?.findIndex((type) => !webhookEventTypes.includes(type)) ?? -1;
  if (strange >= 0)
    return invalidInput(`input.eventTypes.${strange}`, `one of ${webhookEventTypes.join(', ')}`);
  if (typeof url !== 'string') return null;
  const expected = checkTarget(url, targets);
  if (expected !== null) return invalidInput('input.url', expected);
  const host = hostOf(new URL(url));
  const addresses = isAddress(host) ? [] : await resolve(host);
  return addresses.every((address) => isAllowedAddress(address, targets))
    ? null
    : invalidInput('input.url', publicTarget);
}
