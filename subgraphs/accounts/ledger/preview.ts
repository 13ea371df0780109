import type { Clock, NewId } from '../../shared/ids.ts';
import { type DecidedBatch, decideBatch } from './decide-batch.ts';
import type { Hold } from './hold.ts';
import type { LoadPorts } from './load-batch.ts';
import { loadBatch } from './load-batch.ts';
import type { Lot } from './lot.ts';
import type { Posting } from './posting.ts';
import { NeedsLots, type Wallet } from './wallet.ts';
import type { Loaded } from './working-view.ts';

/** Wallets as they are at an instant, with what fell due until then applied but not written. */
export interface Preview {
  readonly wallets: ReadonlyMap<string, Wallet>;
  /** Their open lots, and those that what fell due has emptied. */
  readonly lots: readonly Lot[];
  readonly holds: readonly Hold[];
  /** What the sweeper is yet to write. */
  readonly postings: readonly Posting[];
}

const latest = <T extends { readonly id: string }>(rows: readonly T[]): T[] => [
  ...new Map(rows.map((row) => [row.id, row])).values(),
];

interface PreviewPorts {
  readonly load: LoadPorts;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Decides what is due in wallets; again with more loaded where that concerns other wallets: a pool's members'. */
async function decideDue(
  walletIds: readonly string[],
  ports: PreviewPorts,
): Promise<DecidedBatch & { readonly loaded: Loaded }> {
  const now = ports.clock.now();
  const commands = walletIds.map((walletId) => ({ kind: 'ADVANCE' as const, walletId }));
  const wide = new Map<string, 'MORE' | 'ALL'>();
  for (;;) {
    const loaded = await loadBatch(commands, wide, now, ports.load);
    const known = new Set(loaded.wallets.map(({ wallet }) => wallet.id));
    const existing = commands.filter((command) => known.has(command.walletId));
    try {
      return { loaded, ...decideBatch(loaded, existing, now, ports.newId) };
    } catch (error) {
      if (!(error instanceof NeedsLots) || wide.get(error.walletId) === 'ALL') throw error;
      wide.set(error.walletId, 'ALL');
    }
  }
}

/**
 * Reads wallets as they are now, whether or not the sweeper has been there: what fell due is decided just as it will be
 * when it is written, and thrown away.
 */
export async function previewWallets(walletIds: readonly string[], ports: PreviewPorts): Promise<Preview> {
  const { loaded, answers, change } = await decideDue(walletIds, ports);
  for (const answer of answers) if ('fault' in answer) throw answer.fault;
  const wallets = [...loaded.wallets, ...change.wallets].map(({ wallet }) => wallet);
  return {
    wallets: new Map(wallets.map((wallet) => [wallet.id, wallet])),
    lots: latest([...loaded.lots, ...change.lots.map(({ lot }) => lot)]),
    holds: latest([...loaded.holds, ...change.holds.map(({ hold }) => hold)]),
    postings: change.postings,
  };
}
