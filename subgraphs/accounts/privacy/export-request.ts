/** That everything about a member was asked for. Added and never changed. */
export interface ExportRequest {
  readonly id: string;
  readonly memberId: string;
  readonly at: Date;
  readonly by: 'MEMBER' | 'OPERATOR';
  /** callerName of the caller. */
  readonly caller: string;
  /** The operator's; null for the member itself. */
  readonly reason: string | null;
  /** The merchant whose storefront relayed it, or null. */
  readonly relayedById: string | null;
}

/** Version of the format of an export's records. */
export const exportFormat = 1;
