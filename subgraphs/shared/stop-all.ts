/** Something that runs, or is held, until it is let go. */
export interface Stoppable {
  stop(): Promise<unknown>;
}

/**
 * Stops groups one after another, and what is in a group at the same time. Whatever fails to stop, a loop whose database is
 * gone say, does not keep the rest from being stopped; in the end the first failure is thrown.
 */
export async function stopAll(...groups: readonly (readonly Stoppable[])[]): Promise<void> {
  const failures: unknown[] = [];
  for (const group of groups) {
    const results = await Promise.allSettled(group.map(async (one) => one.stop()));
    failures.push(...results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])));
  }
  if (failures.length > 0) throw failures[0];
}

/** What is closed rather than stopped. */
export const closing = (one: { close(): Promise<unknown> }): Stoppable => ({ stop: () => one.close() });
