import { lingerMs } from '../../shared/attempt.ts';
import type { Caller, OutsideCaller } from '../../shared/caller.ts';
import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { checkLine, checkRange, firstFault } from '../input-rules.ts';
import type { Match } from '../matching/pledge.ts';
import type { NotEnoughPoints, NotFound } from '../refusals.ts';

/** How far a donation has come. Only PENDING ones change, but for the rare late success that `confirmDonation` tells of. */
export type DonationStatus = 'PENDING' | 'CONFIRMED' | 'FAILED';

/** Why accounts did not take the points. */
export type DonationRefusal = InvalidInput | NotFound | NotEnoughPoints;

/** Points a member gives to a cause, and how far that has come: the saga's record. */
export interface Donation {
  readonly id: string;
  readonly causeId: string;
  readonly causeName: string;
  readonly memberId: string;
  /** The member's language when it gave, `zh-CN` or `en`. */
  readonly locale: string;
  /** The merchant that acted for the member, if one did: it may see the donation. */
  readonly merchantIds: readonly string[];
  /** On whose behalf accounts is asked. */
  readonly actor: OutsideCaller;
  readonly points: bigint;
  readonly programme: string;
  readonly status: DonationStatus;
  readonly at: Date;
  /** What pledges have reserved for it; none once FAILED. */
  readonly matches: readonly Match[];
  /** The rest of the record is null until it is confirmed or failed. */
  readonly receiptNumber: string | null;
  readonly postingId: string | null;
  readonly refusal: DonationRefusal | null;
  /** SHA-256 of the request's input. */
  readonly inputHash: string;
  /** The attempt under way to take the points, and until when others leave it alone; null when none is. */
  readonly attemptId: string | null;
  readonly attemptUntil: Date | null;
  /** Until when an earlier attempt whose end nobody saw could still reach accounts; null if there was none. */
  readonly doubtUntil: Date | null;
}

/** Names a member in exactly one of three ways. */
export interface MemberSelector {
  readonly id?: string | null | undefined;
  readonly reference?: string | null | undefined;
  readonly cardNumber?: string | null | undefined;
}

/** What a caller sends to donate. */
export interface DonatePointsInput {
  readonly idempotencyKey: string;
  readonly causeId: string;
  readonly member?: MemberSelector | null | undefined;
  readonly programme?: string | null | undefined;
  readonly points: bigint;
}

/** The most points of one donation. */
export const mostPoints = 100_000_000;

/** How an attempt is timed, in milliseconds. */
export const timing = {
  /** How long an attempt is left alone before another may take over; longer than accounts is given to answer. */
  leaseMs: 12_000,
  /** How long a request to accounts can linger after it was sent. */
  doubtMs: lingerMs,
  /** How long a request waits for the same request under way elsewhere; long enough to take over from a dead one. */
  patienceMs: 14_000,
  /** How long a record is untouched before the sweeper takes it on. */
  untouchedMs: 3_000,
};

function checkSelector(caller: Caller, member: MemberSelector | null | undefined): InvalidInput | null {
  if (!member)
    return caller.kind === 'MEMBER' ? null : invalidInput('input.member', 'one of your members, named');
  const named = [member.id, member.reference, member.cardNumber].filter((name) => name != null);
  return named.length === 1 && named[0] !== ''
    ? null
    : invalidInput('input.member', 'exactly one of id, reference and cardNumber');
}

/** The first rule that an input to donate breaks, or null. */
export const checkDonation = (caller: Caller, input: DonatePointsInput): InvalidInput | null =>
  firstFault(
    checkKey(input.idempotencyKey),
    checkSelector(caller, input.member),
    checkLine('programme', input.programme ?? 'SHARED', 20),
    checkRange('points', input.points, 1, mostPoints),
  );

/** Who is meant by an input: the calling member where it names nobody. */
export const selectorOf = (caller: Caller, input: DonatePointsInput): MemberSelector =>
  input.member ?? (caller.kind === 'MEMBER' ? { id: caller.memberId } : {});
