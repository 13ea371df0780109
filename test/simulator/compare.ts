import { operator } from '../support/callers.ts';
import { expectSame } from './disagreement.ts';
import type { Play } from './play.ts';
import type { Read } from './world.ts';

/** The most that one page holds; a play has fewer open lots. */
const mostLots = 100;

const wallets = `query ($a: ID!, $b: ID!, $c: ID!) {
  a: member(id: $a) { ...Seen } b: member(id: $b) { ...Seen } c: member(id: $c) { ...Seen }
}
fragment Seen on Member {
  wallet { available pending held arrears lots(first: ${mostLots}) { edges { node { remaining held expiresAt } } } }
}`;

const inOrder = (a: readonly number[], b: readonly number[]): number =>
  a.map((value, i) => value - b[i]!).find((difference) => difference !== 0) ?? 0;

const real = ({ wallet }: Read) => ({
  ...{ available: wallet.available, pending: wallet.pending, held: wallet.held, arrears: wallet.arrears },
  lots: wallet.lots.edges
    .map(({ node }: Read) => [Date.parse(node.expiresAt), node.remaining, node.held])
    .sort(inOrder),
});

function modelled({ model }: Play, id: string) {
  const wallet = model.wallet(id);
  const sum = (bucket: 'available' | 'pending' | 'held') =>
    wallet.lots.reduce((total, lot) => total + lot[bucket], 0);
  const open = wallet.lots.filter((lot) => lot.available + lot.pending + lot.held > 0);
  return {
    ...{ available: sum('available'), pending: sum('pending'), held: sum('held'), arrears: wallet.arrears },
    lots: open
      .map((lot) => [lot.expiresAt, lot.available + lot.pending + lot.held, lot.held])
      .sort(inOrder)
      .slice(0, mostLots),
  };
}

/** Throws a Disagreement unless every invariant of the ledger holds over the whole store. */
export async function checkInvariants({ world }: Play): Promise<void> {
  const query = '{ ledgerCheck { violations { invariant id message } } }';
  const data = await world.ask('accounts', operator, query);
  if (!data) throw new Error('accounts does not check its ledger');
  expectSame('broken invariants', data.ledgerCheck.violations, []);
}

/** Throws a Disagreement unless wallets, their lots and the stock of rewards are what the model says. */
export async function compare(play: Play): Promise<void> {
  const [a, b, c] = play.cast.players.map(({ id }) => id);
  const data = await play.world.ask('accounts', operator, wallets, { a, b, c });
  if (!data) throw new Error('accounts does not tell of its wallets');
  expectSame(
    'wallets',
    [real(data.a), real(data.b), real(data.c)],
    [a, b, c].map((id) => modelled(play, id!)),
  );
  const stock = await play.world.ask(
    'catalogue',
    operator,
    'query ($a: ID!, $b: ID!) { a: reward(id: $a) { stock } b: reward(id: $b) { stock } }',
    { a: play.cast.prizes[0]!.id, b: play.cast.prizes[1]!.id },
  );
  expectSame(
    'stock',
    [stock?.a.stock, stock?.b.stock],
    play.cast.prizes.map((prize) => prize.stock),
  );
}
