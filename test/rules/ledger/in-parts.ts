import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import type { AdvanceCommand, Command, Outcome } from '../../../subgraphs/accounts/ledger/command.ts';
import { decideBatch } from '../../../subgraphs/accounts/ledger/decide-batch.ts';
import { type LoadPorts, loadBatch } from '../../../subgraphs/accounts/ledger/load-batch.ts';
import { byExpiry } from '../../../subgraphs/accounts/ledger/lot.ts';
import { NeedsLots } from '../../../subgraphs/accounts/ledger/wallet.ts';
import { type LedgerInMemory, prices, programme } from './ledger-in-memory.ts';

type Identified = { readonly id: string };

const byIds =
  <T extends Identified>(rows: readonly T[]) =>
  async (ids: readonly string[]) =>
    rows.filter(({ id }) => ids.includes(id));

const ofWallets =
  <T extends { readonly walletId: string }>(rows: readonly T[]) =>
  async (ids: readonly string[]) =>
    rows.filter(({ walletId }) => ids.includes(walletId));

/** Reads a ledger in memory as the stores would be read. It has no cases, and no key is looked for. */
function portsOf({ view, journal }: LedgerInMemory, holders: readonly string[]): LoadPorts {
  const states = holders.map((holder) => view.wallet(walletIdOf(holder, programme))!);
  const lots = states.flatMap((state) => [...state.lots.values()]);
  const open = lots.filter(({ remaining }) => remaining > 0n);
  const holds = states.flatMap((state) => [...state.holds.values()]);
  return {
    wallets: byIds(states.map(({ wallet }) => wallet)),
    keys: async () => [],
    postings: byIds(journal),
    reversals: async (ids) => journal.filter(({ reverses }) => reverses !== null && ids.includes(reverses)),
    holds: byIds(holds),
    openHolds: ofWallets(holds.filter(({ status }) => status === 'OPEN')),
    cases: async () => [],
    liveCases: async () => [],
    lots: byIds(lots),
    openLots: ofWallets(open),
    firstLots: async (id, most) =>
      open
        .filter(({ walletId, unlocked }) => walletId === id && unlocked)
        .sort(byExpiry)
        .slice(0, most),
    programmeAt: async (code) => view.terms(code),
    priceAt: async () => prices,
    rosters: async (ids) => ids.map((id) => view.roster(id)!),
  };
}

/**
 * Decides on a ledger in memory as the committer does: with as little of each wallet at hand as the command asks for at
 * first, and more where it turns out to need more. The holders are all that have wallets.
 */
export function inParts(ledger: LedgerInMemory, holders: readonly string[]) {
  let made = 0;
  const newId = (prefix: string) => `${prefix}_p${String(++made).padStart(8, '0')}`;
  const tried = async (command: Command | AdvanceCommand, wide: Map<string, 'MORE' | 'ALL'>) => {
    const now = ledger.clock.now;
    const loaded = await loadBatch([command], wide, now, portsOf(ledger, holders));
    try {
      return decideBatch(loaded, [command], now, newId);
    } catch (error) {
      if (!(error instanceof NeedsLots)) throw error;
      const had = wide.get(error.walletId);
      if (had === 'ALL') throw new Error(`asks for ever for all of ${error.walletId}`);
      wide.set(error.walletId, had === 'MORE' ? 'ALL' : error.need);
      return null;
    }
  };
  const execute = async (command: Command | AdvanceCommand): Promise<Outcome | null> => {
    const wide = new Map<string, 'MORE' | 'ALL'>();
    let decided = await tried(command, wide);
    while (!decided) decided = await tried(command, wide);
    const [answer] = decided.answers;
    if ('fault' in answer!) throw answer.fault;
    const { wallets, lots, holds, postings } = decided.change;
    ledger.view.apply({
      wallets: wallets.map(({ wallet }) => wallet),
      lots: lots.map(({ lot }) => lot),
      holds: holds.map(({ hold }) => hold),
      ...{ postings, cases: [], reminders: [], keys: [] },
    });
    ledger.journal.push(...postings);
    return answer!.outcome;
  };
  return {
    execute,
    advance: (holder: string) => execute({ kind: 'ADVANCE', walletId: walletIdOf(holder, programme) }),
  };
}
