import type { OutsideCaller } from '../shared/caller.ts';

/** Names a member in one of three ways; see MemberSelector in the schema. */
export interface MemberChoice {
  readonly id?: string | null | undefined;
  readonly reference?: string | null | undefined;
  readonly cardNumber?: string | null | undefined;
}

/** A member as accounts knows it. */
export interface KnownMember {
  readonly id: string;
  readonly registeredAt: Date;
}

/** What one line earned, or loses again. */
export interface LinePoints {
  readonly id: string;
  readonly points: bigint;
}

/** An earn to post. `points` is the sum of the lines. */
export interface EarnOrder {
  readonly idempotencyKey: string;
  readonly memberId: string;
  readonly merchantId: string;
  readonly programme: string;
  readonly points: bigint;
  readonly lines: readonly LinePoints[];
  readonly externalRef: string;
  readonly campaignId: string | null;
  readonly ruleVersion: string;
  /** What was bought. */
  readonly note: { readonly categories: readonly string[] };
}

/** Points to take back, by line of the earn. */
export interface ReversalOrder {
  readonly idempotencyKey: string;
  readonly postingId: string;
  readonly lines: readonly LinePoints[];
  readonly externalRef: string;
  readonly reason: string;
}

/** The ledger posted it (now or when it was sent before), or turned it down for good. */
export type Posted =
  | { readonly kind: 'POSTED'; readonly postingId: string }
  | {
      readonly kind: 'REFUSED';
      readonly code: string;
      readonly message: string;
      readonly what: string | null;
      /** Of ISSUER_NOT_ELIGIBLE: who may issue. */
      readonly eligibleIssuerIds: readonly string[];
      /** Of POINTS_SPENT: how many points could be reversed, and how many are missing. */
      readonly spent: { readonly reversible: bigint; readonly shortBy: bigint } | null;
    };

/** What this subgraph asks of accounts. Every call throws ServiceUnavailable when the answer is not known. */
export interface AccountsPort {
  /** The member that a selector means to the acting caller, or null. */
  resolveMember(member: MemberChoice, actor: OutsideCaller): Promise<KnownMember | null>;
  /** ISO 4217 code of the merchant's tills; null if there is no such merchant. */
  merchantCurrency(merchantId: string): Promise<string | null>;
  programmeExists(code: string): Promise<boolean>;
  postEarn(order: EarnOrder): Promise<Posted>;
  reversePosting(order: ReversalOrder): Promise<Posted>;
}
