import type { OutsideCaller } from '../../shared/caller.ts';
import type { Clock, NewId } from '../../shared/ids.ts';
import type { RequestIdentity } from '../../shared/request.ts';
import type { Pledge } from '../matching/pledge.ts';
import type { Donation, DonationRefusal, MemberSelector } from './donation.ts';

/** The member a selector means. */
export interface ResolvedMember {
  readonly id: string;
  /** BCP 47 tag, `zh-CN` or `en`. */
  readonly locale: string;
  readonly registeredBy: readonly string[];
}

/** What came of asking accounts to take the points. `Unreachable`: the request was certainly never received. */
export type TakenPoints =
  | { readonly kind: 'Posted'; readonly postingId: string }
  | { readonly kind: 'Unreachable' }
  | DonationRefusal;

/** What charity asks of accounts. Both throw where the outcome is not known. */
export interface AccountsPort {
  /** The member that a selector means to the actor, or null. */
  resolveMember(selector: MemberSelector, actor: OutsideCaller): Promise<ResolvedMember | null>;
  /** Takes a donation's points from the member's wallet; once, however often it is asked. */
  takePoints(donation: Donation): Promise<TakenPoints>;
}

/** The donations' records. */
export interface DonationRecords {
  find(id: string): Promise<Donation | null>;
  findByRequest(request: RequestIdentity): Promise<Donation | null>;
  /** Throws KeyTaken, and fails its transaction, if the caller's key is taken. */
  insert(donation: Donation, request: RequestIdentity): Promise<void>;
  /** Gives a PENDING record to an attempt if `previous` is still the attempt it knows. */
  claim(
    id: string,
    previous: string | null,
    attempt: { id: string; until: Date; doubtUntil: Date | null; now: Date },
  ): Promise<boolean>;
  /** Ends an attempt without a result; the record stays PENDING. */
  release(id: string, attemptId: string, doubtUntil: Date | null, now: Date): Promise<void>;
  /** Ends a PENDING record that this attempt still has. Frees the caller's key. */
  fail(id: string, attemptId: string, refusal: DonationRefusal): Promise<boolean>;
  /** Ends a record whose points were posted; writes its posting, receipt and matches. */
  confirm(donation: Donation): Promise<void>;
  /** PENDING records untouched since `before` that no attempt has at `now`, longest untouched first. */
  abandoned(before: Date, now: Date, most: number): Promise<string[]>;
}

/** Everything that carrying out a donation needs. */
export interface DonationPorts {
  readonly accounts: AccountsPort;
  readonly donations: DonationRecords;
  readonly pledges: {
    /** Pledges of a cause that have something left, oldest first. */
    openOfCause(causeId: string, most: number): Promise<Pledge[]>;
    /** Reserves if so much is left. */
    reserve(pledgeId: string, quantity: number): Promise<boolean>;
    /** Gives a reservation back. */
    giveBack(pledgeId: string, quantity: number): Promise<void>;
    /** Counts a reservation as confirmed. */
    confirm(pledgeId: string, quantity: number): Promise<unknown>;
  };
  readonly causes: {
    nameOf(id: string): Promise<string | null>;
    /** Adds a confirmed donation to the cause's counters. */
    count(causeId: string, points: bigint): Promise<void>;
  };
  readonly receipts: { next(year: number): Promise<number> };
  /** Runs `work` in one transaction; those of one cause take turns within this process. */
  transaction<T>(causeId: string, work: () => Promise<T>): Promise<T>;
  wait(ms: number): Promise<void>;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** The caller's idempotency key stands for another donation. */
export class KeyTaken extends Error {
  override name = 'KeyTaken';
}

/** The donation's end is not known yet: the same request sent again, or the sweeper, brings it about. */
export class DonationUnsettled extends Error {
  override name = 'DonationUnsettled';
}
