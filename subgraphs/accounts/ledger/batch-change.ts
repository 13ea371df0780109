import type { Case } from '../case/case.ts';
import type { CaseWrite } from './case-store.ts';
import type { Hold } from './hold.ts';
import type { HoldWrite } from './hold-store.ts';
import type { Lot } from './lot.ts';
import type { LotWrite } from './lot-store.ts';
import type { Posting } from './posting.ts';
import type { Change, KeyRecord } from './view.ts';
import type { Wallet } from './wallet.ts';
import type { WalletWrite } from './wallet-store.ts';
import type { Loaded } from './working-view.ts';

/** That a household still is as it was when its pools were decided on. */
export interface HouseholdGuard {
  readonly id: string;
  readonly version: number;
}

/** All that a batch writes: the last value of each row, and what of it is new. */
export interface BatchChange {
  readonly wallets: readonly WalletWrite[];
  readonly lots: readonly LotWrite[];
  readonly holds: readonly HoldWrite[];
  readonly cases: readonly CaseWrite[];
  readonly postings: readonly Posting[];
  readonly keys: readonly KeyRecord[];
  /** The households whose pools are written, each with the version that it was decided on. */
  readonly households: readonly HouseholdGuard[];
}

function guardsOf(changes: readonly Change[], { rosters }: Loaded): HouseholdGuard[] {
  const written = changes.flatMap(({ wallets }) => wallets.map(({ householdId }) => householdId));
  return [...new Set(written)].flatMap((id) => {
    if (id === null) return [];
    const roster = rosters.get(id);
    if (!roster) throw new Error(`a pool of ${id} is written, whose roster was not loaded`);
    return [{ id, version: roster.version }];
  });
}

/** Merges what the commands of a batch change, in the order of their decisions. */
export function mergeChanges(changes: readonly Change[], loaded: Loaded): BatchChange {
  const versions = new Map(loaded.wallets.map(({ wallet }) => [wallet.id, wallet.version]));
  const knownLots = new Set(loaded.lots.map((lot) => lot.id));
  const stepsBefore = new Map(loaded.cases.map((one) => [one.id, one.steps.length]));
  const knownHolds = new Set(loaded.holds.map((hold) => hold.id));
  const last = <T extends { readonly id: string }>(rows: readonly T[]): T[] => [
    ...new Map(rows.map((row) => [row.id, row])).values(),
  ];
  const all = <T>(pick: (change: Change) => readonly T[]): T[] =>
    changes.flatMap((change) => [...pick(change)]);
  return {
    wallets: last<Wallet>(all((change) => change.wallets)).map((wallet) => ({
      wallet,
      loadedVersion: versions.get(wallet.id)!,
    })),
    lots: last<Lot>(all((change) => change.lots)).map((lot) => ({ lot, isNew: !knownLots.has(lot.id) })),
    holds: last<Hold>(all((change) => change.holds)).map((hold) => ({
      hold,
      isNew: !knownHolds.has(hold.id),
    })),
    cases: last<Case>(all((change) => change.cases)).map((one) => ({
      case: one,
      stepsBefore: stepsBefore.get(one.id) ?? 0,
    })),
    postings: all((change) => change.postings),
    keys: all((change) => change.keys),
    households: guardsOf(changes, loaded),
  };
}
