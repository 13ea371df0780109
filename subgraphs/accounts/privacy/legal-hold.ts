/** That a legal claim needs a member's data: until then the member is not erased. */
export interface LegalHold {
  readonly id: string;
  readonly memberId: string;
  /** Deleted with the member. */
  readonly reason: string | null;
  readonly placedAt: Date;
  /** The first instant at which it does not bind any more. */
  readonly until: Date;
  readonly releasedAt: Date | null;
}

/** Those that bind at an instant. */
export const bindingAt = (holds: readonly LegalHold[], now: Date): LegalHold[] =>
  holds.filter(({ until, releasedAt }) => releasedAt === null && now < until);
