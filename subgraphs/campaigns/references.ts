/** A member as this subgraph knows it: accounts owns it. */
export interface MemberRef {
  readonly id: string;
  /** Ids of the merchants that registered it, as far as is known here; empty where the gateway did not ask accounts. */
  readonly registeredBy: readonly string[];
}

/** A merchant as this subgraph knows it: accounts owns it. */
export interface MerchantRef {
  readonly id: string;
}
