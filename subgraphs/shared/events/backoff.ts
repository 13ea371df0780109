/** How long to wait between attempts. */
export interface BackoffTerms {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Milliseconds to wait after so many failures (from 1): exponential with full jitter, so that what failed together does
 * not come back together. `random` gives 0 to below 1.
 */
export function backoffMs(failures: number, terms: BackoffTerms, random: () => number): number {
  const ceiling = Math.min(terms.longestMs, terms.firstMs * 2 ** (failures - 1));
  return Math.floor(random() * ceiling);
}
