import { Disagreement } from './disagreement.ts';
import type { Fingerprinted, PostingRow } from './records.ts';

/** What is left of a lot by the journal. */
export interface LotSum {
  remaining: number;
  held: number;
}

/** What the journal says, added up posting by posting. */
export interface Journal {
  /** Fingerprints by the id of the posting: none is ever changed. */
  readonly prints: Map<string, string>;
  /** Balances by account. */
  readonly accounts: Map<string, number>;
  readonly lots: Map<string, LotSum>;
  /** On which day, in UTC, each posting was recorded. */
  readonly recorded: { readonly id: string; readonly day: string }[];
  /** What of a posting can still be reversed, in all and of each lot that gave. */
  readonly reversible: Map<string, { points: number; readonly lots: Map<string, number> }>;
}

/** A journal without postings. */
export const emptyJournal = (): Journal => ({
  prints: new Map(),
  accounts: new Map(),
  lots: new Map(),
  recorded: [],
  reversible: new Map(),
});

/** Throws a Disagreement, naming an invariant of the ledger, unless it holds. */
export function holds(invariant: string, kept: boolean, told: () => string): asserts kept {
  if (!kept) throw new Disagreement(`${invariant}: ${told()}`);
}

const add = (sums: Map<string, number>, key: string, points: number): void =>
  void sums.set(key, (sums.get(key) ?? 0) + points);

/** What a posting changes in the buckets of a wallet. */
export function changeOf({ entries }: PostingRow, walletId: string, buckets: readonly string[]): number {
  const names = new Set(buckets.map((bucket) => `wallet:${walletId}:${bucket}`));
  return entries.reduce((sum, { account, points }) => (names.has(account) ? sum + points : sum), 0);
}

function changeInAll(posting: PostingRow, buckets: readonly string[]): number {
  return posting.walletIds.reduce((sum, id) => sum + changeOf(posting, id, buckets), 0);
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

function checkAlone(posting: PostingRow): void {
  const told = () => JSON.stringify(posting);
  holds('entries sum to zero', sumOf(posting.entries.map(({ points }) => points)) === 0, told);
  const remaining = sumOf(posting.allocations.map((part) => part.remaining));
  const held = sumOf(posting.allocations.map((part) => part.held));
  const inLots = changeInAll(posting, ['available', 'pending', 'held']);
  holds('every debit is fully allocated', inLots === remaining, told);
  holds('every hold is fully allocated', changeInAll(posting, ['held']) === held, told);
  const known = posting.entries.every(
    ({ account }) =>
      !account.startsWith('wallet:') || posting.walletIds.some((id) => account.startsWith(`wallet:${id}:`)),
  );
  holds('a posting names the wallets it touches', known, told);
}

/** A return gives no lot more than that lot gave. */
function takeBack(journal: Journal, posting: PostingRow): void {
  const left = journal.reversible.get(posting.reverses!);
  holds('what is reversed is there', left !== undefined, () => JSON.stringify(posting));
  left.points -= posting.points;
  for (const { lotId, points, settles } of posting.allocations) {
    if (points <= 0 || settles) continue;
    add(left.lots, lotId, -points);
    holds('a return goes to the lots that gave', left.lots.get(lotId)! >= 0, () => JSON.stringify(posting));
  }
  holds('nothing is reversed twice', left.points >= 0, () => JSON.stringify(posting));
}

/** Adds a posting that is new to the journal; throws a Disagreement where it breaks an invariant by itself. */
export function enter(journal: Journal, { row, print }: Fingerprinted<PostingRow>): void {
  checkAlone(row);
  journal.prints.set(row._id, print);
  journal.recorded.push({ id: row._id, day: row.recordedAt.toISOString().slice(0, 10) });
  for (const { account, points } of row.entries) add(journal.accounts, account, points);
  const gave = new Map<string, number>();
  for (const { lotId, points, remaining, held, settles } of row.allocations) {
    const sum = journal.lots.get(lotId) ?? { remaining: 0, held: 0 };
    sum.remaining += remaining;
    sum.held += held;
    journal.lots.set(lotId, sum);
    if (points < 0 && !settles) add(gave, lotId, -points);
  }
  journal.reversible.set(row._id, { points: row.points, lots: gave });
  if (row.reverses !== null) takeBack(journal, row);
}
