import type { Hold } from './hold.ts';
import type { Posting, PostingKind } from './posting.ts';

/** The merchant's reference was posted before, under another idempotency key. */
export interface AlreadyPosted {
  readonly kind: 'AlreadyPosted';
  readonly externalRef: string;
  readonly posting: Posting;
}

/**
 * The posting is of a kind that is not reversed, or nothing, or less than asked, is left of it, or it is part of something
 * that a service keeps a record of, which has to be undone there.
 */
export interface NotReversible {
  readonly kind: 'NotReversible';
  /** Points of the posting not yet reversed; 0 for a kind that is not reversed. */
  readonly remaining: bigint;
  /** Whose record it is part of, where that is what stands in the way; else null. */
  readonly keeper: string | null;
  /** Its kind, where that is one that is not reversed; else left out. */
  readonly final?: PostingKind;
}

/** The hold was captured, voided or timed out before. */
export interface HoldAlreadyResolved {
  readonly kind: 'HoldAlreadyResolved';
  readonly hold: Hold;
}
