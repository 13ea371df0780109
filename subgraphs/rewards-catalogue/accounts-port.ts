import type { OutsideCaller } from '../shared/caller.ts';
import type { HouseholdLimitExceeded, NotEnoughPoints, NotFound, NotInHousehold } from './refusal.ts';
import type { PoolAllowance, Purse, Unlock } from './reward/availability.ts';

/** A member as accounts knows it. */
export interface ResolvedMember {
  readonly id: string;
  /** Ids of the merchants that registered it. */
  readonly registeredBy: readonly string[];
}

/** One of the three ways to name a member. */
export interface Selector {
  readonly id?: string | null | undefined;
  readonly reference?: string | null | undefined;
  readonly cardNumber?: string | null | undefined;
}

/** What to reserve from whom, under a key that makes sending it again harmless. */
export interface HoldRequest {
  readonly idempotencyKey: string;
  readonly memberId: string;
  readonly programme: string;
  readonly points: bigint;
  readonly merchantId: string;
  readonly reason: string;
  /** True to reserve in the pool of the member's household; left out for the member's own wallet. */
  readonly fromHousehold?: true;
}

/** Where a hold stands once it is resolved. */
export type Resolution =
  | { readonly kind: 'Captured'; readonly postingId: string }
  | { readonly kind: 'Released' };

/** What this subgraph asks of accounts. Every call throws ServiceUnavailable where accounts gives no answer. */
export interface AccountsPort {
  /** The member that a selector means to the acting caller, or null. */
  resolveMember(member: Selector, actor: OutsideCaller): Promise<ResolvedMember | null>;
  /** A member's purses by programme; null if there is no such member. */
  purses(memberId: string): Promise<ReadonlyMap<string, Purse> | null>;
  /** What a member will have each time that points unlock, soonest first. */
  unlocks(memberId: string, programme: string): Promise<readonly Unlock[]>;
  /** What a member may spend of its household's pool in a programme; null if there is no such member. */
  poolAllowance(memberId: string, programme: string): Promise<PoolAllowance | NotInHousehold | null>;
  /** The same by programme, of those in which something ever was pooled; none for a member without a household. */
  poolAllowances(memberId: string): Promise<ReadonlyMap<string, PoolAllowance>>;
  /** Which of the two exist. */
  merchantAndProgramme(
    merchantId: string,
    programme: string,
  ): Promise<{ merchant: boolean; programme: boolean }>;
  /** Reserves points. */
  holdPoints(
    request: HoldRequest,
    actor: OutsideCaller,
  ): Promise<
    | { readonly kind: 'Held'; readonly holdId: string }
    | NotInHousehold
    | HouseholdLimitExceeded
    | NotEnoughPoints
    | NotFound
  >;
  /** Takes all points of a hold, or tells that it had been released. The reward is what they are for: statements say it. */
  capturePoints(
    holdId: string,
    idempotencyKey: string,
    reward: { readonly name: string; readonly category: string } | null,
  ): Promise<Resolution>;
  /** Releases a hold, or tells that its points had been taken. */
  voidHold(holdId: string, idempotencyKey: string): Promise<Resolution>;
  /** Gives back what is left of a posting; also true if all of it was given back before. */
  reversePosting(postingId: string, idempotencyKey: string, reason: string): Promise<void>;
}
