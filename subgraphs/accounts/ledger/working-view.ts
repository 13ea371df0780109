import type { Case } from '../case/case.ts';
import type { Hold } from './hold.ts';
import type { Lot } from './lot.ts';
import type { Posting } from './posting.ts';
import type { Roster } from './roster.ts';
import type { MerchantPrices, ProgrammeTerms } from './terms.ts';
import type { Change, KeyRecord, LedgerView } from './view.ts';
import type { Coverage, Wallet } from './wallet.ts';

/** A wallet as far as it was loaded. */
export interface LoadedWallet {
  readonly wallet: Wallet;
  readonly coverage: Coverage;
}

/** What was loaded for a batch of commands. */
export interface Loaded {
  readonly wallets: readonly LoadedWallet[];
  readonly lots: readonly Lot[];
  readonly holds: readonly Hold[];
  readonly cases: readonly Case[];
  readonly postings: readonly Posting[];
  readonly reversals: readonly Posting[];
  readonly keys: readonly KeyRecord[];
  readonly terms: ReadonlyMap<string, ProgrammeTerms | null>;
  /** By `priceKey`. */
  readonly prices: ReadonlyMap<string, MerchantPrices | null>;
  /** Of the households whose pools are concerned, by id. */
  readonly rosters: ReadonlyMap<string, Roster>;
}

/** The key of a merchant's prices in a programme. */
export const priceKey = (merchantId: string, programme: string): string => `${merchantId}|${programme}`;

/** A view that takes in what was decided, so that the next command of a batch is decided on top of it. */
export interface WorkingView extends LedgerView {
  apply(change: Change): void;
}

interface WorkingWallet {
  wallet: Wallet;
  readonly lots: Map<string, Lot>;
  readonly holds: Map<string, Hold>;
  readonly cases: Map<string, Case>;
  readonly coverage: Coverage;
}

function place(
  wallets: Map<string, WorkingWallet>,
  { lots, holds, cases }: Pick<Change, 'lots' | 'holds' | 'cases'>,
): void {
  for (const lot of lots) wallets.get(lot.walletId)?.lots.set(lot.id, lot);
  for (const hold of holds) wallets.get(hold.walletId)?.holds.set(hold.id, hold);
  for (const one of cases) wallets.get(one.walletId)?.cases.set(one.id, one);
}

function addReversal(reversals: Map<string, Posting[]>, posting: Posting): void {
  if (posting.reverses === null) return;
  const known = reversals.get(posting.reverses);
  if (known) known.push(posting);
  else reversals.set(posting.reverses, [posting]);
}

/** Makes a view of what was loaded. */
export function createWorkingView(loaded: Loaded): WorkingView {
  const wallets = new Map<string, WorkingWallet>(
    loaded.wallets.map(({ wallet, coverage }) => [
      wallet.id,
      { wallet, coverage, lots: new Map(), holds: new Map(), cases: new Map() },
    ]),
  );
  const holds = new Map(loaded.holds.map((hold) => [hold.id, hold]));
  const cases = new Map(loaded.cases.map((one) => [one.id, one]));
  const postings = new Map(loaded.postings.map((posting) => [posting.id, posting]));
  const keys = new Map(loaded.keys.map((key) => [key.id, key]));
  const reversals = new Map<string, Posting[]>();
  for (const posting of loaded.reversals) addReversal(reversals, posting);
  place(wallets, loaded);
  const apply = (change: Change): void => {
    for (const wallet of change.wallets) wallets.get(wallet.id)!.wallet = wallet;
    place(wallets, change);
    for (const hold of change.holds) holds.set(hold.id, hold);
    for (const one of change.cases) cases.set(one.id, one);
    for (const key of change.keys) keys.set(key.id, key);
    for (const posting of change.postings) {
      postings.set(posting.id, posting);
      addReversal(reversals, posting);
    }
  };
  return {
    wallet: (id) => wallets.get(id),
    hold: (id) => holds.get(id) ?? null,
    case: (id) => cases.get(id) ?? null,
    posting: (id) => postings.get(id) ?? null,
    reversalsOf: (id) => reversals.get(id) ?? [],
    key: (id) => keys.get(id) ?? null,
    terms: (programme) => loaded.terms.get(programme) ?? null,
    prices: (merchantId, programme) => loaded.prices.get(priceKey(merchantId, programme)) ?? null,
    roster: (householdId) => loaded.rosters.get(householdId) ?? null,
    apply,
  };
}
