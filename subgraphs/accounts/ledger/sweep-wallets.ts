import { type Failure, throwTogether } from '../../shared/despite-failures.ts';

/** What sweeping needs. */
export interface SweepPorts {
  /** Ids of wallets in which something has fallen due. */
  readonly dueIds: (limit: number) => Promise<readonly string[]>;
  readonly advance: (walletId: string) => Promise<unknown>;
}

const atOnce = 256;
const mostRounds = 1_000;

/**
 * Writes what has fallen due, until nothing is left. A wallet that cannot be advanced is passed over and named in the
 * error thrown at the end, so that it does not hold up the others.
 */
export async function sweepWallets(ports: SweepPorts): Promise<{ wallets: number }> {
  const failed = new Map<string, unknown>();
  const unread: Failure[] = [];
  let wallets = 0;
  for (let round = 0; round < mostRounds; round++) {
    const due = await ports.dueIds(atOnce + failed.size).catch((error: unknown) => {
      unread.push(['finding wallets', error]);
      return [];
    });
    const ids = due.filter((id) => !failed.has(id));
    if (ids.length === 0) break;
    const results = await Promise.allSettled(ids.map((id) => ports.advance(id)));
    for (const [i, result] of results.entries())
      if (result.status === 'rejected') failed.set(ids[i]!, result.reason);
      else wallets++;
  }
  throwTogether([...failed, ...unread]);
  return { wallets };
}
