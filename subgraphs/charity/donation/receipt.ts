/** The year that a receipt of this instant belongs to, in UTC. */
export const receiptYear = (at: Date): number => at.getUTCFullYear();

/** A receipt's number: the year and its place in that year, e.g. `JF-2026-000042`. */
export const receiptNumber = (year: number, place: number): string =>
  `JF-${year}-${String(place).padStart(6, '0')}`;
