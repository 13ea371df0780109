/** Source of all that this subgraph tells. */
export const campaignsSource = 'urn:jifen:campaigns';

/** A purchase was recorded and what it earned is posted. */
export const purchaseRecorded = 'jifen.purchase.recorded';

/** A return was recorded and what it takes back is posted. */
export const returnRecorded = 'jifen.return.recorded';

/** A campaign was made public. */
export const campaignPublished = 'jifen.campaign.published';
