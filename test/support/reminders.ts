/**
 * Lets a sweeper be there on each of the days before an expiry on which members are told, as one that never rests would:
 * without it points are extended when the clock is moved past their expiry.
 */
export async function remindBefore(
  expiresAt: string,
  { clock, sweep }: { clock: { set(instant: string): void }; sweep: () => Promise<unknown> },
  days: readonly number[] = [30, 7, 1],
): Promise<void> {
  for (const day of days) {
    clock.set(new Date(Date.parse(expiresAt) - day * 86_400_000).toISOString());
    await sweep();
  }
}
