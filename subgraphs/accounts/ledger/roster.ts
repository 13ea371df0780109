/** How much of a household's pools a member may spend, in each programme by itself. */
export interface SpendingLimits {
  /** Most points of one redemption; null for no limit. */
  readonly perRedemption: bigint | null;
  /** Most points in a calendar month in UTC; null for no limit, 0 for none at all. */
  readonly perMonth: bigint | null;
}

/** A member of a household, as far as its pools are concerned. */
export interface RosterMember {
  readonly memberId: string;
  readonly limits: SpendingLimits;
}

/** For how long a member belongs or belonged to a household. */
export interface Stay {
  readonly memberId: string;
  readonly joinedAt: Date;
  readonly leftAt: Date | null;
}

/** Who belongs to a household now. Nobody does once it was dissolved. */
export interface Roster {
  readonly id: string;
  /** Grows with every change of the household: what is decided on a roster is written only while it is this one. */
  readonly version: number;
  readonly members: readonly RosterMember[];
  /** Of all who belong to it or ever did; a member that came again has one more. */
  readonly stays: readonly Stay[];
}

/** A member on a roster; undefined for one that does not belong, or not any more. */
export const onRoster = (
  roster: Pick<Roster, 'members'> | null,
  memberId: string,
): RosterMember | undefined => roster?.members.find((member) => member.memberId === memberId);

/**
 * Whether a member belonged to a household when something fell due there by itself: what is due at the very instant at which
 * it joins or leaves comes before.
 */
export const belongedAt = (roster: Roster | null, memberId: string, at: Date): boolean =>
  roster?.stays.some(
    (stay) => stay.memberId === memberId && stay.joinedAt < at && (stay.leftAt === null || stay.leftAt >= at),
  ) ?? false;
