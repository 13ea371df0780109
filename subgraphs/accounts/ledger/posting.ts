import type { Note } from './note.ts';

/** What kind of event a posting records. */
export type PostingKind =
  | 'EARN'
  | 'UNLOCK'
  | 'HOLD'
  | 'CAPTURE'
  | 'VOID'
  | 'REDEEM'
  | 'REVERSE'
  | 'TRANSFER'
  | 'DONATE'
  | 'EXPIRE'
  | 'EXTEND'
  | 'RESTORE'
  | 'CONTRIBUTE'
  | 'TAKE_BACK'
  | 'FORFEIT'
  | 'FREEZE'
  | 'UNFREEZE'
  | 'DEDUCT'
  | 'RESTITUTE';

/** One side of a posting. */
export interface Entry {
  readonly account: string;
  readonly points: bigint;
}

/** What a posting did to one lot. */
export interface Allocation {
  readonly lotId: string;
  /** Whose points they were. */
  readonly issuerId: string;
  /** What the event means for the lot: negative where it gave, positive where it received; an unlock or a hold included. */
  readonly points: bigint;
  /** Change of the lot's `remaining`. */
  readonly remaining: bigint;
  /** Change of the lot's `held`. */
  readonly held: bigint;
  /** True where the points settled arrears, which a reversal does not give back. */
  readonly settles: boolean;
  /** Of a lot in a pool, the member whose points they were; left out elsewhere. */
  readonly contributorId?: string;
}

/** Points of one line of an earn. */
export interface Line {
  readonly id: string;
  readonly points: bigint;
}

/**
 * Sums over the journal, for one merchant or for all: points, and money as points × price, which is thousandths of a
 * minor unit. Reversals are subtracted.
 */
export interface PositionTotals {
  readonly issued: bigint;
  readonly owedMilli: bigint;
  readonly honouredOnUs: bigint;
  readonly honouredOffUs: bigint;
  readonly dueOnUsMilli: bigint;
  readonly dueOffUsMilli: bigint;
  readonly donated: bigint;
  readonly expired: bigint;
  /** Taken by cases. */
  readonly deducted: bigint;
}

/** The fields of PositionTotals. */
export const positionFields = [
  'issued',
  'owedMilli',
  'honouredOnUs',
  'honouredOffUs',
  'dueOnUsMilli',
  'dueOffUsMilli',
  'donated',
  'expired',
  'deducted',
] as const satisfies readonly (keyof PositionTotals)[];

/** One business event in the journal. Never changed once written. */
export interface Posting {
  readonly id: string;
  readonly kind: PostingKind;
  /** When it took effect: for what falls due by itself, the instant it was due, whenever it was written. */
  readonly at: Date;
  /** When it was written. */
  readonly recordedAt: Date;
  readonly programme: string;
  /** Points moved, always positive. */
  readonly points: bigint;
  /** The wallets it touched; the giver of a transfer comes first. */
  readonly walletIds: readonly string[];
  /**
   * The members it concerns: those of the wallets that are members', in their order; where a pool is touched, then who
   * spends, then whose points they are.
   */
  readonly memberIds: readonly string[];
  /** The household whose pool it touched; left out where it touched none. */
  readonly householdId?: string;
  /** The issuer of an earn, the honourer of a redemption or hold; of a reversal, that of what it reverses. */
  readonly merchantId: string | null;
  /** The merchants that may see it. */
  readonly merchantIds: readonly string[];
  readonly causeId: string | null;
  readonly holdId: string | null;
  /** The case that froze, released, took or gave back; postings of before there were cases have none. */
  readonly caseId?: string | null;
  readonly externalRef: string | null;
  readonly campaignId: string | null;
  /** The service that keeps a record of its own of this event, e.g. `service:campaigns`: it alone may reverse it. */
  readonly keeper: string | null;
  readonly reason: string | null;
  /** What it was for, if the service that posted it said so; postings of before notes were kept have none. */
  readonly note?: Note | null;
  /** The posting that this one reverses. */
  readonly reverses: string | null;
  /** Points that were already spent and became arrears. */
  readonly arrears: bigint;
  /** The lot that an earn made, or that was restored. */
  readonly lotId: string | null;
  /** Of an earn, what each line earned; of a reversal by line, what each line lost. */
  readonly lines: readonly Line[];
  /** Of a gift, from when on its receiver cannot decline it any more; null for all else. */
  readonly declinableUntil: Date | null;
  /** Of an extension or a restoring, when its lots expire from then on; null for all else. */
  readonly goodUntil: Date | null;
  /** Sum to zero. */
  readonly entries: readonly Entry[];
  readonly allocations: readonly Allocation[];
  /** What it adds to positions; zeros are left out. */
  readonly effect: Partial<PositionTotals>;
}

/** The keeper of what a caller posts: the caller itself if it is a service, else nobody. */
export const keeperOf = (caller: string): string | null => (caller.startsWith('service:') ? caller : null);

/**
 * Whether it is the caller's own: its merchant's, or the service's that keeps the record of it. Nobody else takes back what it
 * granted, whoever that is: points go by a case or not at all.
 */
export const isOwn = ({ keeper, merchantId }: Posting, caller: string): boolean =>
  caller === keeper || caller === `merchant:${merchantId}`;
