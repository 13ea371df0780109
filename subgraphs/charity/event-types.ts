/** Source of all that this subgraph tells. */
export const charitySource = 'urn:jifen:charity';

/** A member gave points to a cause. */
export const donationMade = 'jifen.donation.made';

/** A pledge set goods aside for a donation. */
export const donationMatched = 'jifen.donation.matched';

/** A cause can be given to. */
export const causeOpened = 'jifen.cause.opened';

/** A merchant promised goods in proportion to donations. */
export const pledgeMade = 'jifen.pledge.made';
