/** When points of a lot can first be spent. */
export type Unlock =
  | { readonly kind: 'IMMEDIATE' }
  | { readonly kind: 'AFTER_DAYS'; readonly days: number }
  | {
      readonly kind: 'ON_EVENT';
      /** What the issuer reports, e.g. `delivered`. */
      readonly event: string;
      /** Days after the earn by which it has to be reported. */
      readonly withinDays: number;
      /** What happens then if it was not: the points unlock all the same, or they lapse. */
      readonly otherwise: 'UNLOCK' | 'LAPSE';
    };

/** What a rolling validity is rounded up to. */
export type RoundTo = 'DAY' | 'MONTH_END' | 'QUARTER_END';

/** A day of every year; a day that a month does not have is its last. */
export interface YearDay {
  readonly month: number;
  readonly day: number;
}

/** How long points of a lot stay valid. */
export type Validity =
  | { readonly kind: 'ROLLING'; readonly months: number; readonly roundTo: RoundTo }
  | { readonly kind: 'FIXED_DATES'; readonly dates: readonly YearDay[]; readonly minimumDays: number }
  | {
      readonly kind: 'SLIDING';
      /** Calendar months after the last earn or spend. */
      readonly months: number;
    };

/** What becomes of a refund whose points were spent: they are owed, or the refund is refused. */
export type ArrearsPolicy = 'OWE' | 'REFUSE';

/** Whether and how points may be given to another member. */
export interface TransferRules {
  readonly allowed: boolean;
  /** Most points of one transfer; null for no limit. */
  readonly mostPerTransfer: bigint | null;
  /** Most points that a member may give away in a day, in UTC; null for no limit. */
  readonly mostPerDay: bigint | null;
  /** Days in which the receiver may decline; 0 if it may not. */
  readonly declineWithinDays: number;
}

/** Whether points may be put into a household's pool. */
export interface PoolingRules {
  readonly allowed: boolean;
}

/** How members are told before points expire, and what can be mended afterwards. */
export interface ReminderRules {
  /** Days before the expiry, the most first. Empty only in versions that were published before one was needed. */
  readonly daysBefore: readonly number[];
  /** Days of grace after the expiry. */
  readonly graceDays: number;
  /** Whether a member may restore a lot within the grace, once. */
  readonly restoreOnce: boolean;
}

/** What a version of a programme lays down about its points. Never changed once published. */
export interface ProgrammePolicy {
  readonly unlock: Unlock;
  readonly validity: Validity;
  /** Ids of the merchants that may issue; null for all. */
  readonly eligibleIssuerIds: readonly string[] | null;
  readonly arrears: ArrearsPolicy;
  readonly transfers: TransferRules;
  readonly pooling: PoolingRules;
  readonly reminders: ReminderRules;
}
