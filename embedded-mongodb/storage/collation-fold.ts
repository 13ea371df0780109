import type { Document } from 'bson';
import type { Fold } from './key-encoding.ts';

/**
 * Maps strings that a collation holds equal to one string. The result serves equality only: its order is not
 * the collation's order, so such an index answers no range and no sort.
 */
export function foldOf(collation: Document | undefined): Fold | undefined {
  if (collation === undefined || collation['locale'] === 'simple') return undefined;
  const strength = Number(collation['strength']?.valueOf() ?? 3);
  if (strength === 1) return (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  if (strength === 2) return (text) => text.normalize('NFD').toLowerCase();
  return (text) => text.normalize('NFC');
}
