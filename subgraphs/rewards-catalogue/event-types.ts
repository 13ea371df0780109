/** Source of all that this subgraph tells. */
export const catalogueSource = 'urn:jifen:rewards-catalogue';

/** A member's points were taken for a reward. */
export const redemptionConfirmed = 'jifen.redemption.confirmed';

/** A redemption that had been reserved came to nothing. */
export const redemptionFailed = 'jifen.redemption.failed';

/** A redemption was undone and its points given back. */
export const redemptionCancelled = 'jifen.redemption.cancelled';

/** A redemption's voucher can be used. */
export const voucherIssued = 'jifen.voucher.issued';

/** A voucher was taken at its merchant's till. */
export const voucherConsumed = 'jifen.voucher.consumed';

/** A reward was made public. */
export const rewardPublished = 'jifen.reward.published';
