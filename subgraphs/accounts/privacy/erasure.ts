import type { PointsIn } from '../ledger/command.ts';

/**
 * How far an erasure has come. CLOSING: its wallets are being closed. REFUSED: they could not be, and nothing has happened;
 * another request may begin anew. ERASING: they are, and what is personal is still there. SCRUBBING: it is gone, but for copies
 * in what waits to be sent. ERASED.
 */
export type ErasureState = 'CLOSING' | 'REFUSED' | 'ERASING' | 'SCRUBBING' | 'ERASED';

/** The erasure of a member. What is left of it says nothing of who that was. */
export interface Erasure {
  readonly memberId: string;
  readonly state: ErasureState;
  readonly requestedAt: Date;
  /** The operator's, until the member is erased; null for the member itself. */
  readonly reason: string | null;
  /** What the member gave up. */
  readonly forfeit: readonly PointsIn[];
  /** When what is personal was deleted. */
  readonly erasedAt: Date | null;
  /** When somebody last took it up or carried it on. */
  readonly touchedAt: Date;
}

/** How long copies on their way are looked for: whoever made one read the member before it was deleted. */
export const scrubbingMs = 60_000;
