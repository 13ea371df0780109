/** Parts of a wallet that points move between. `arrears` is kept as a debt: an entry on it of -5 adds 5 points of arrears. */
export type Bucket = 'available' | 'pending' | 'held' | 'arrears';

/**
 * Id of the wallet of a member, or of a household's pool, in a programme. It follows from what it is for, so that two
 * processes that open the same wallet at once meet in its `_id`, and a wallet that never held points needs no row.
 */
export const walletIdOf = (holderId: string, programme: string): string => `wal_${holderId}_${programme}`;

/** The account of one bucket of a wallet. */
export const walletAccount = (walletId: string, bucket: Bucket): string => `wallet:${walletId}:${bucket}`;

/** What a merchant granted: negative by what it issued. */
export const issuerAccount = (merchantId: string): string => `issuer:${merchantId}`;

/** What a merchant accepted. */
export const honourerAccount = (merchantId: string): string => `honourer:${merchantId}`;

/** What a cause was given. */
export const charityAccount = (causeId: string): string => `charity:${causeId}`;

/** What a case took. */
export const caseAccount = (caseId: string): string => `case:${caseId}`;

/** What expired. */
export const breakageAccount = 'breakage';
