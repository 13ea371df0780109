import { frozenOf } from '../rules/ledger/reference-cases.ts';
import { spendableNow, spentIn } from '../rules/ledger/reference-households.ts';
import { operator } from '../support/callers.ts';
import type { Play } from './acting.ts';
import {
  answeredCase,
  type CasePicture,
  casesSeen,
  modelledCase,
  mostCases,
  storedCase,
} from './case-picture.ts';
import { expectSame } from './disagreement.ts';
import { checkAll, checkNews, type Stored } from './invariants.ts';
import { compareStatements } from './statements.ts';
import type { Read } from './world.ts';

/** The most that one page holds; a play has fewer open lots. */
const mostLots = 100;

const seen = `${casesSeen} wallet { available pending held frozen arrears lots(first: ${mostLots}) { edges { node { remaining held expiresAt } } } }`;

const inOrder = (a: readonly number[], b: readonly number[]): number =>
  a.map((value, i) => value - b[i]!).find((difference) => difference !== 0) ?? 0;

/** What a wallet is: its buckets, expiry, remaining and held points of each open lot, and the cases over it; of a pool's lots whose they are too. */
interface Picture {
  readonly available: number;
  readonly pending: number;
  readonly held: number;
  readonly frozen: number;
  readonly arrears: number;
  readonly lots: readonly (readonly number[])[];
  readonly cases: readonly CasePicture[];
}

const picture = (
  { available, pending, held, frozen, arrears }: Omit<Picture, 'lots' | 'cases'>,
  lots: readonly (readonly number[])[],
  cases: readonly CasePicture[],
): Picture => ({
  ...{ available, pending, held, frozen, arrears },
  lots: [...lots].sort(inOrder).slice(0, mostLots),
  cases: cases.slice(-mostCases),
});

const answered = ({ wallet, cases }: Read): Picture =>
  picture(
    wallet,
    wallet.lots.edges.map(({ node }: Read) => [Date.parse(node.expiresAt), node.remaining, node.held]),
    cases.edges.map(({ node }: Read) => answeredCase(node)).reverse(),
  );

const stored = (play: Play, { wallet, lots, cases }: Stored): Picture =>
  picture(
    wallet,
    lots.map((lot) => [
      ...[lot.expiresAt.getTime(), lot.remaining, lot.held],
      ...ownerOf(play, lot.contributorId),
    ]),
    cases.map(storedCase),
  );

function modelled(play: Play, id: string): Picture {
  const wallet = play.model.wallet(id);
  const sum = (bucket: 'available' | 'pending' | 'held') =>
    wallet.lots.reduce((total, lot) => total + lot[bucket], 0);
  const open = wallet.lots.filter((lot) => lot.available + lot.pending + lot.held > 0);
  return picture(
    {
      ...{ available: sum('available'), pending: sum('pending'), held: sum('held') },
      ...{ frozen: frozenOf(wallet), arrears: wallet.arrears },
    },
    open.map((lot) => [
      ...[lot.expiresAt, lot.available + lot.pending + lot.held, lot.held],
      ...ownerOf(play, lot.contributor),
    ]),
    wallet.cases.map(modelledCase),
  );
}

/** Asks accounts, as a dashboard does, for wallets of these members; they have to be what the model says. */
async function compareAnswers(play: Play, ids: readonly string[]): Promise<void> {
  const parts = ids.map((_, i) => `m${i}: member(id: $m${i}) { ${seen} }`);
  const query = `query (${ids.map((_, i) => `$m${i}: ID!`).join(', ')}) { ${parts.join(' ')} }`;
  const variables = Object.fromEntries(ids.map((id, i) => [`m${i}`, id]));
  const data = await play.world.ask('accounts', operator, query, variables);
  if (!data) throw new Error('accounts does not tell of its wallets');
  for (const [i, id] of ids.entries())
    expectSame(`wallet of ${id}`, answered(data[`m${i}`]), modelled(play, id));
}

/** Which of the players a member is. */
const playerOf = ({ cast }: Play, member: string): number =>
  cast.players.findIndex(({ id }) => id === member);

const ownerOf = (play: Play, contributor: string | null): number[] =>
  contributor === null ? [] : [playerOf(play, contributor)];

const nothing = picture({ available: 0, pending: 0, held: 0, frozen: 0, arrears: 0 }, [], []);

/** What each member is counted to have spent of a pool in its latest month is what the model says. */
function compareSpent({ homes }: Play, id: string, found: Stored | undefined): void {
  for (const { memberId, month, points } of found?.wallet.poolSpent ?? [])
    expectSame(`spent by ${memberId}`, points, spentIn(homes.get(id)!, memberId, Date.parse(month)));
}

/** Asks accounts, as its head does, for the pool of the household that there is, if there is one, and whose points are in it. */
async function comparePool(play: Play): Promise<void> {
  if (!play.home) return;
  const { model, seats } = play.home;
  const query = `{ viewer { member { household { pool { available held spendableByYou
    shares { member { id } available held } } } } } }`;
  const data = await play.world.ask('accounts', play.cast.players[0]!.caller, query);
  if (!data) throw new Error('accounts does not tell of the pool');
  const { available, held, spendableByYou, shares } = data.viewer.member.household.pool;
  // What a hold reserves of who has left is in the pool, but the household is not shown it: it is on its way back.
  const shown = play.cast.players.filter((_, player) => seats[player]).map(({ id }) => id);
  const sum = (bucket: 'available' | 'held', of: readonly string[] = shown) =>
    model.pool.lots.reduce((total, lot) => (of.includes(lot.contributor!) ? total + lot[bucket] : total), 0);
  expectSame('pool', [available, held], [sum('available'), sum('held')]);
  expectSame('spendable', spendableByYou, spendableNow(play.model, play.cast.players[0]!.id));
  for (const [player, seat] of seats.entries()) {
    if (!seat) continue;
    const share = shares.find((one: Read) => one.member.id === seat);
    const is = [share?.available ?? 0, share?.held ?? 0];
    const own = [play.cast.players[player]!.id];
    expectSame(`share of ${player}`, is, [sum('available', own), sum('held', own)]);
  }
}

/**
 * Throws a Disagreement unless what is stored of each wallet is what the model says. In some wallets something may have
 * fallen due that nobody has written yet. Answers say it all the same: each time that time passes, and where such a wallet
 * changes, one of their members in turn is asked for.
 */
async function compareWallets(play: Play): Promise<void> {
  const { now } = play.world;
  const overdue: { id: string; print: string }[] = [];
  for (const id of [...play.cast.players.map((player) => player.id), ...play.homes.keys()]) {
    const found = play.checked.stored.get(`wal_${id}_SHARED`);
    const due = found?.wallet.nextDueAt;
    if (due && due.getTime() <= now) overdue.push({ id, print: found.print });
    else {
      expectSame(`wallet of ${id}`, found ? stored(play, found) : nothing, modelled(play, id));
      compareSpent(play, id, found);
    }
  }
  const state = JSON.stringify([now, overdue]);
  const next = overdue[play.sent % Math.max(1, overdue.length)];
  if (next && state !== play.askedAt)
    await (play.homes.has(next.id) ? comparePool(play) : compareAnswers(play, [next.id]));
  play.askedAt = state;
}

/**
 * Throws a Disagreement unless all that was written since the last time keeps the invariants of the ledger, and wallets,
 * their lots and the stock of rewards are what the model says.
 */
export async function compare(play: Play): Promise<void> {
  const { world, cast, checked } = play;
  const { by, ...written } = world.wroteSince();
  if (by.has('accounts')) await checkNews(checked, world.newestId(), written);
  await compareWallets(play);
  if (!by.has('catalogue')) return;
  const stock = await checked.records.stock(cast.prizes.map(({ id }) => id));
  expectSame(
    'stock',
    stock,
    cast.prizes.map((prize) => prize.stock),
  );
}

/**
 * Throws a Disagreement unless every invariant holds over the whole store, by what is stored and by accounts' own check,
 * and accounts answers what the model says.
 */
export async function compareAll(play: Play): Promise<void> {
  await checkAll(play.checked);
  await compareAnswers(
    play,
    play.cast.players.map(({ id }) => id),
  );
  await comparePool(play);
  await compareStatements(play);
  const query = '{ ledgerCheck { violations { invariant id message } } }';
  const data = await play.world.ask('accounts', operator, query);
  if (!data) throw new Error('accounts does not check its ledger');
  expectSame('broken invariants', data.ledgerCheck.violations, []);
}
