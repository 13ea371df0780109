import type { Attempt } from '../../shared/attempt.ts';
import type { OutcomeReason } from '../earning/earning.ts';

/** PENDING until the ledger has posted what it earned, or turned out to have nothing to post. */
export type SagaState = 'PENDING' | 'RECORDED';

/** A line of a purchase, what it earned and what of it came back. */
export interface PurchaseLine {
  readonly id: string;
  readonly sku: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly quantity: number;
  /** For the whole line. */
  readonly amountMinor: bigint;
  readonly points: bigint;
  readonly returnedQuantity: number;
  readonly pointsReturned: bigint;
}

/** What a rule with a cap per member gave on one line; a return gives its part back to the member's cap. */
export interface LineShare {
  readonly lineId: string;
  readonly points: bigint;
}

/** What one rule gave, frozen with the purchase. */
export interface RuleOutcome {
  readonly campaignId: string;
  readonly ruleCode: string;
  readonly requested: bigint;
  readonly granted: bigint;
  readonly reason: OutcomeReason;
  readonly message: string;
  /** Of rules with a cap per member only. */
  readonly shares: readonly LineShare[];
  /** What returns gave back of it to the member's cap; left out until one gave something. */
  readonly givenBack?: bigint;
}

/** A purchase as the till sent it, with its frozen evaluation. */
export interface Purchase {
  readonly id: string;
  readonly merchantId: string;
  readonly memberId: string;
  readonly externalRef: string;
  readonly programme: string;
  readonly currency: string;
  readonly at: Date;
  readonly recordedAt: Date;
  readonly state: SagaState;
  readonly totalMinor: bigint;
  readonly lines: readonly PurchaseLine[];
  readonly points: bigint;
  readonly pointsReturned: bigint;
  readonly outcomes: readonly RuleOutcome[];
  /** The campaign, if only one gave points. */
  readonly campaignId: string | null;
  /** Campaigns that gave points, with their versions. */
  readonly ruleVersion: string;
  readonly postingId: string | null;
  /** Counts the returns; each return is decided on one revision. */
  readonly revision: number;
  /** While it is PENDING, the attempts to post it whose end is not known. */
  readonly attempts?: readonly Attempt[];
}

/** A line that came back, and what that took back. */
export interface ReturnedLine {
  readonly lineId: string;
  readonly quantity: number;
  readonly points: bigint;
}

/** A return. */
export interface PurchaseReturn {
  readonly id: string;
  readonly purchaseId: string;
  readonly merchantId: string;
  readonly externalRef: string;
  readonly at: Date;
  readonly state: SagaState;
  readonly lines: readonly ReturnedLine[];
  readonly points: bigint;
  readonly postingId: string | null;
  /** While it is PENDING, the attempts to post it whose end is not known. */
  readonly attempts?: readonly Attempt[];
}

/** Identifies a request: whose key it is, and what was asked. */
export interface RequestIdentity {
  readonly caller: string;
  readonly idempotencyKey: string;
  /** Of the input as it was sent. */
  readonly inputHash: string;
  /** Of what it means: two ways to name the same member or purchase count as one. */
  readonly contentHash: string;
}
