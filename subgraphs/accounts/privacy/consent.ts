/** What a member can consent to. */
export const consentPurposes = ['SHARE_BALANCE', 'SHARE_ACTIVITY', 'SHARE_PROFILE', 'MARKETING'] as const;

/** What a member consented to. */
export type ConsentPurpose = (typeof consentPurposes)[number];

/** A consent in force. */
export interface Consent {
  readonly purpose: ConsentPurpose;
  readonly grantedAt: Date;
  /** Which text the member was shown. */
  readonly textVersion: string;
}

/** A consent in force, and whom it is given to. */
export type ConsentOf = Consent & { readonly partnerId: string };

/** That a member gave one partner a consent or took it back. Added and never changed. */
export interface ConsentChange {
  readonly id: string;
  readonly memberId: string;
  /** The merchant that it is given to. */
  readonly partnerId: string;
  /** Of this member and partner, from 1 on without a gap. */
  readonly version: number;
  readonly purpose: ConsentPurpose;
  readonly granted: boolean;
  readonly at: Date;
  /** Null where it was taken back. */
  readonly textVersion: string | null;
  readonly textSha256: string | null;
  /** The merchant whose storefront relayed it, or null. */
  readonly relayedById: string | null;
  /** What is in force after it. */
  readonly inForce: readonly Consent[];
}

/** There is nothing to take back. */
export interface ConsentNotGiven {
  readonly kind: 'ConsentNotGiven';
  readonly purpose: ConsentPurpose;
}

/** Whether a purpose is among the consents in force. */
export const isGiven = (inForce: readonly Consent[], purpose: ConsentPurpose): boolean =>
  inForce.some((consent) => consent.purpose === purpose);

/** What is in force after one more was given: it replaces an earlier one of its purpose, in the order of purposes. */
export const afterGrant = (inForce: readonly Consent[], given: Consent): Consent[] =>
  consentPurposes.flatMap((purpose) =>
    purpose === given.purpose ? [given] : inForce.filter((consent) => consent.purpose === purpose),
  );

/** What is in force after one was taken back. */
export const afterWithdrawal = (inForce: readonly Consent[], purpose: ConsentPurpose): Consent[] =>
  inForce.filter((consent) => consent.purpose !== purpose);
