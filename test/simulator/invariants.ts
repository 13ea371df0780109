import { type CaseBook, checkCasesTold, enterCases, frozenIn, isWaiting } from './case-book.ts';
import { changeOf, emptyJournal, enter, holds, type Journal } from './journal.ts';
import { checkKept, checkKeys, usesOf } from './key-checks.ts';
import type {
  CaseRow,
  EventRow,
  Fingerprinted,
  HoldRow,
  LotRow,
  PostingRow,
  Records,
  WalletRow,
} from './records.ts';
import { enterSeals, type SealBook } from './seal-book.ts';
import { handedOnAtOnce, type Written } from './written.ts';

const buckets = ['available', 'pending', 'held', 'arrears'] as const;

/** A wallet with its open lots and all of its cases, as they are stored. */
export interface Stored {
  readonly wallet: WalletRow;
  readonly print: string;
  readonly lots: readonly LotRow[];
  readonly cases: readonly CaseRow[];
}

/** What reserves points. */
interface Reserving {
  readonly holds: readonly HoldRow[];
  readonly cases: readonly CaseRow[];
}

/** What has been checked so far: after each step only what is new, or changed, is read and checked. */
export interface Checked {
  readonly records: Records;
  readonly journal: Journal;
  readonly stored: Map<string, Stored>;
  readonly caseBook: CaseBook;
  readonly sealBook: SealBook;
  /** Where the last event of each wallet stands, and of which posting it tells. */
  readonly told: Map<string, { readonly sequence: number; readonly postingId: string }>;
  readonly events: Set<string>;
  /** What was told of postings, from the first on. */
  readonly posted: EventRow[];
  /** Ids made before the step before this one: what has smaller ones is known. */
  known: string;
  sinceLast: string;
}

/** Nothing checked yet. */
export const checkedNothing = (records: Records): Checked => ({
  records,
  journal: emptyJournal(),
  stored: new Map(),
  caseBook: new Map(),
  sealBook: new Map(),
  told: new Map(),
  events: new Set(),
  posted: [],
  known: '',
  sinceLast: '',
});

const isPool = (walletId: string): boolean => walletId.startsWith('wal_hou_');

const sum = <T>(rows: readonly T[], points: (row: T) => number): number =>
  rows.reduce((total, row) => total + points(row), 0);

function checkLot({ journal }: Checked, lot: LotRow, { holds: open, cases }: Reserving): void {
  const told = () => JSON.stringify(lot);
  const { points, remaining, held, expired } = lot;
  holds('no lot is over-allocated', 0 <= held && held <= remaining && remaining <= points, told);
  holds('no lot expired more than it had', 0 <= expired && remaining + expired <= points, told);
  holds('an open lot is found among the open ones', lot.open === remaining > 0, told);
  const { remaining: left, held: reserved } = journal.lots.get(lot._id) ?? { remaining: 0, held: 0 };
  holds("a lot of a pool is somebody's", isPool(lot.walletId) === (lot.contributorId !== null), told);
  holds('a lot equals its allocations', remaining === left && held === reserved, told);
  const parts = [...open, ...cases].flatMap((one) => one.parts).filter(({ lotId }) => lotId === lot._id);
  holds('held points of a lot equal its holds and freezes', held === sum(parts, (part) => part.points), told);
}

function checkWallet(checked: Checked, { wallet, lots, cases }: Stored, open: readonly HoldRow[]): void {
  const told = () => JSON.stringify({ wallet, lots, open, cases });
  const free = (unlocked: boolean) =>
    sum(
      lots.filter((lot) => lot.unlocked === unlocked),
      (lot) => lot.remaining - lot.held,
    );
  const inLots = { available: free(true), pending: free(false), held: sum(lots, (lot) => lot.held) };
  holds(
    'nothing is negative',
    buckets.every((bucket) => wallet[bucket] >= 0),
    told,
  );
  holds('a pool never owes', wallet.householdId === null || wallet.arrears === 0, told);
  holds('arrears never stand beside available points', wallet.arrears === 0 || wallet.available === 0, told);
  holds(
    'a wallet equals its open lots',
    wallet.available === inLots.available &&
      wallet.pending === inLots.pending &&
      wallet.held === inLots.held &&
      wallet.openLots === lots.length,
    told,
  );
  const frozen = sum(cases, frozenIn);
  const reserved = sum(open, (hold) => hold.points);
  holds('held equals open holds and frozen points', wallet.held === reserved + frozen, told);
  holds('frozen equals what cases froze', wallet.frozen === frozen, told);
  holds('a wallet counts the cases that wait', wallet.openCases === cases.filter(isWaiting).length, told);
  for (const bucket of buckets) {
    const balance = checked.journal.accounts.get(`wallet:${wallet._id}:${bucket}`) ?? 0;
    const shown = bucket === 'arrears' ? -wallet.arrears : wallet[bucket];
    holds(`${bucket} equals the journal`, shown === balance, () => `${balance} ${told()}`);
  }
}

/** Each posting is told once for each of its wallets and to each that is to be told, in the order of the journal. */
function checkTold(checked: Checked, posting: PostingRow, events: readonly EventRow[]): void {
  const own = events.filter((event) => event.subject === posting._id);
  const told = () => `${JSON.stringify(posting)} is told as ${JSON.stringify(own)}`;
  holds('a posting is told once for each of its wallets', own.length === posting.walletIds.length, told);
  for (const walletId of posting.walletIds) {
    const event = own.find(({ partition }) => partition === walletId);
    holds('a posting is told for each of its wallets', event !== undefined, told);
    const change = changeOf(posting, walletId, buckets);
    holds('what is told is what the journal says', event.data['change'] === change, told);
    const last = checked.told.get(walletId);
    const inOrder = !last || (last.sequence < event.sequence && last.postingId < posting._id);
    holds('what happens to a wallet is told in its order', inOrder, told);
    checked.told.set(walletId, { sequence: event.sequence, postingId: posting._id });
  }
}

async function readNew(checked: Checked): Promise<PostingRow[]> {
  const fresh: Fingerprinted<PostingRow>[] = [];
  for (const posting of await checked.records.postings(`pos_${checked.known}`)) {
    const print = checked.journal.prints.get(posting.row._id);
    if (print === undefined) fresh.push(posting);
    else holds('no posting is ever changed', print === posting.print, () => JSON.stringify(posting.row));
  }
  for (const posting of fresh) enter(checked.journal, posting);
  return fresh.map(({ row }) => row);
}

async function readEvents(checked: Checked, written: Omit<Written, 'by'>): Promise<EventRow[]> {
  const waiting = await checked.records.events(`evt_${checked.known}`);
  const told = [...waiting, ...(handedOnAtOnce(written) as unknown as EventRow[])];
  const fresh = told.filter(({ _id }) => !checked.events.has(_id));
  for (const { _id } of fresh) checked.events.add(_id);
  checked.posted.push(...fresh.filter(({ type }) => type === 'jifen.points.posted'));
  return fresh;
}

const pooled = new Set(['CONTRIBUTE', 'TAKE_BACK']);

/** What moves between a wallet and a pool is that member's, and of a pool nobody but its members' wallets get points. */
export function checkPooled(posting: PostingRow, lots: readonly LotRow[]): void {
  const { walletIds, allocations, kind } = posting;
  const own = walletIds.find((id) => !isPool(id));
  const poolId = walletIds.find(isPool);
  if (own === undefined || poolId === undefined) {
    holds('between a wallet and a pool both are named', !pooled.has(kind), () => JSON.stringify(posting));
    return;
  }
  const told = () => JSON.stringify({ posting, lots });
  const moved = allocations.flatMap(({ lotId, remaining, settles }) => {
    const lot = lots.find(({ _id }) => _id === lotId);
    return lot && !settles ? [{ lot, remaining }] : [];
  });
  const ofPool = moved.filter(({ lot }) => lot.walletId === poolId);
  const isOwn = ofPool.every(({ lot }) => own === `wal_${lot.contributorId}_SHARED`);
  holds("what moves between a wallet and a pool is that member's", isOwn, told);
  const total = sum(moved, ({ remaining }) => remaining);
  if (pooled.has(kind)) holds('what a pool gets somebody gives, and the other way', total === 0, told);
}

/** Open lots of these wallets and these lots, with what reserves points in the wallets of all of them. */
async function readParts(
  { records }: Checked,
  walletIds: readonly string[],
  lotIds: readonly string[],
): Promise<Reserving & { readonly lots: readonly LotRow[] }> {
  const reserving = async (ids: readonly string[]) =>
    Promise.all([records.openHolds(ids), records.cases(ids)]);
  const [lots, [open, cases]] = await Promise.all([records.lots(walletIds, lotIds), reserving(walletIds)]);
  const others = new Set(lots.map(({ walletId }) => walletId).filter((id) => !walletIds.includes(id)));
  if (others.size === 0) return { lots, holds: open, cases };
  const [openThere, casesThere] = await reserving([...others]);
  return { lots, holds: [...open, ...openThere], cases: [...cases, ...casesThere] };
}

/** Reads and checks the wallets that changed, and lots that postings or anything else may have; gives the cases over them. */
async function readChanged(
  checked: Checked,
  postings: readonly PostingRow[],
  written: ReadonlySet<string>,
): Promise<readonly CaseRow[]> {
  const changed = (await checked.records.wallets()).filter(
    ({ row, print }) => checked.stored.get(row._id)?.print !== print,
  );
  if (changed.length === 0 && written.size === 0) return [];
  const ids = changed.map(({ row }) => row._id);
  const touched = new Set(postings.flatMap(({ allocations }) => allocations.map(({ lotId }) => lotId)));
  for (const id of written) touched.add(id);
  const { lots, ...reserving } = await readParts(checked, ids, [...touched]);
  for (const lot of lots) checkLot(checked, lot, reserving);
  const { holds: open, cases } = reserving;
  for (const posting of postings) checkPooled(posting, lots);
  for (const { row: wallet, print } of changed) {
    const of = <T extends { readonly walletId: string }>(rows: readonly T[]): T[] =>
      rows.filter(({ walletId }) => walletId === wallet._id);
    const stored = { wallet, print, lots: of(lots).filter((lot) => lot.open), cases: of(cases) };
    checkWallet(checked, stored, of(open));
    checked.stored.set(wallet._id, stored);
  }
  return cases;
}

/**
 * Checks what was written since the last time: every new posting and step of a case, all that they touched and all that was
 * written besides, and what was told of them. `newest` is the newest id there may be.
 */
export async function checkNews(
  checked: Checked,
  newest: string,
  written: Omit<Written, 'by'>,
): Promise<void> {
  holds('what is only added to is not rewritten', written.rewrites.length === 0, () =>
    written.rewrites.join(),
  );
  const [count, keys] = await Promise.all([
    checked.records.countPostings(),
    checked.records.keysOf([...written.keys]),
  ]);
  const postings = await readNew(checked);
  holds('no posting is lost', count === checked.journal.prints.size, () => `${count} are there`);
  checkKept(postings, usesOf(keys));
  const events = await readEvents(checked, written);
  const posted = events.filter(({ type }) => type === 'jifen.points.posted');
  for (const posting of postings) checkTold(checked, posting, posted);
  const subjects = new Set(postings.map(({ _id }) => _id));
  for (const event of posted)
    holds('what is told happened', subjects.has(event.subject), () => JSON.stringify(event));
  const cases = await readChanged(checked, postings, written.lots);
  checkCasesTold(enterCases(checked.caseBook, checked.journal, cases), events);
  checked.known = checked.sinceLast;
  checked.sinceLast = newest;
}

/** Reads everything again: no posting has been changed or lost, and no lot or wallet has been changed past the journal. */
export async function checkAll(checked: Checked): Promise<void> {
  const { records, journal } = checked;
  const postings = await records.postings('');
  holds('no posting is lost', postings.length === journal.prints.size, () => `${postings.length} are there`);
  for (const { row, print } of postings)
    holds('no posting is ever changed', journal.prints.get(row._id) === print, () => JSON.stringify(row));
  const wallets = await records.wallets();
  const ids = wallets.map(({ row }) => row._id);
  const [open, cases] = [await records.openHolds(ids), await records.cases(ids)];
  const lots = await records.allLots();
  for (const lot of lots) checkLot(checked, lot, { holds: open, cases });
  for (const { row: wallet, print } of wallets) {
    const of = <T extends { readonly walletId: string }>(rows: readonly T[]): T[] =>
      rows.filter(({ walletId }) => walletId === wallet._id);
    const stored = { wallet, print, lots: of(lots).filter((lot) => lot.open), cases: of(cases) };
    checkWallet(checked, stored, of(open));
  }
  enterCases(checked.caseBook, journal, cases);
  enterSeals(checked.sealBook, journal.recorded, await records.seals(''));
  const rows = postings.map(({ row }) => row);
  await checkKeys(records, rows, cases);
}
