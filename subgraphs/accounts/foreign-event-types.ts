/** Types of events of other subgraphs that accounts hands to merchants' webhooks; a test holds them against the tellers' own. */
export const foreignEventTypes: readonly string[] = [
  'jifen.redemption.confirmed',
  'jifen.redemption.failed',
  'jifen.redemption.cancelled',
  'jifen.voucher.issued',
  'jifen.voucher.consumed',
  'jifen.reward.published',
  'jifen.purchase.recorded',
  'jifen.return.recorded',
  'jifen.campaign.published',
  'jifen.donation.made',
  'jifen.donation.matched',
  'jifen.cause.opened',
  'jifen.pledge.made',
];
