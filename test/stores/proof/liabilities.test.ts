import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHouseholdStore } from '../../../subgraphs/accounts/household/household-store.ts';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import type { Command, OutcomeOf } from '../../../subgraphs/accounts/ledger/command.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import { outstandingOf } from '../../../subgraphs/accounts/ledger/position.ts';
import type { Posting } from '../../../subgraphs/accounts/ledger/posting.ts';
import { createProof } from '../../../subgraphs/accounts/proof/proof.ts';
import { nodeCrypto } from '../../../tools/verify/node-crypto.ts';
import { verifyProof } from '../../../tools/verify/verify-proof.ts';
import { forMonths } from '../../support/policy.ts';
import {
  contribute,
  earn,
  familyOf,
  hold,
  type LedgerWorld,
  make,
  programme,
  redeem,
  startLedgerWorld,
} from '../ledger/ledger-world.ts';
import { type OpenedProof, openProof, optionsOf } from './proof-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
let opened: OpenedProof;

beforeEach(async () => {
  world = await startLedgerWorld({ validity: forMonths(1) });
  ledger = await world.ledger();
  opened = await openProof(world);
});
afterEach(() => world.stop());

const goTo = (instant: string) => {
  world.clock.at = new Date(instant);
};

async function post(command: Command): Promise<Posting> {
  const outcome = (await ledger.execute(command)) as OutcomeOf<Command>;
  if (outcome.kind !== 'PointsPosted') throw new Error(outcome.kind);
  return outcome.posting;
}

const outstanding = async () => outstandingOf((await ledger.positions(programme)).totals);

async function reportOf(memberId: string, period: string) {
  const outcome = await opened.proof.balance(walletIdOf(memberId, programme), programme, period);
  if (outcome.kind !== 'LiabilityProof') throw new Error(outcome.kind);
  const { content, hash, signature } = outcome.liabilities;
  const signingKeys = await opened.proof.signingKeys();
  const proof = { ...outcome, liabilities: { content, hash, signature }, signingKeys };
  const { verdict, facts } = await verifyProof(proof, opened.signer.publicKeys, nodeCrypto);
  const fact = (name: string) => facts.find(([each]) => each === name)![1];
  return [verdict, fact('points'), fact('arrears'), fact('pooled')];
}

/** Ann pays all she has and returns what she earned it with; Ben reserves a part; Cem gives some away. */
async function march(): Promise<void> {
  const earned = await post(earn('ann', 100n));
  await post(redeem('ann', 100n));
  await post(make('REVERSE', { postingId: earned.id, reason: 'returned' }));
  await post(earn('ben', 80n));
  expect((await ledger.execute(hold('ben', 30n))).kind).toBe('PointsHeld');
  await post(earn('cem', 60n));
  await post(make('DONATE', { memberId: 'cem', causeId: 'cats', points: 10n }));
}

test('a total is what the ledger had outstanding at the end of the month, whatever was posted since', async () => {
  await march();
  goTo('2026-03-31T23:59:59.999Z');
  await ledger.sweep();
  const atTheEnd = await outstanding();
  goTo('2026-04-01T00:30:00Z');
  await post(earn('ann', 500n));
  await post(redeem('ben', 40n));
  await post(earn('dan', 7n));
  goTo('2026-05-02T08:00:00Z');
  await ledger.sweep();

  expect(await opened.proof.sweep()).toMatchObject({ totals: 2 });

  expect(await opened.proof.liabilities(programme, '2026-03')).toMatchObject({
    leaves: 4,
    points: 130n,
    arrears: 100n,
    outstanding: 30n,
  });
  expect(atTheEnd).toBe(30n);
  expect(await reportOf('ann', '2026-03')).toEqual(['GOOD', '0', '100', '0']);
  expect(await reportOf('ben', '2026-03')).toEqual(['GOOD', '80', '0', '0']);
  expect(await reportOf('cem', '2026-03')).toEqual(['GOOD', '50', '0', '0']);
  // What was earned in March expires a month later, at the end of that day.
  expect(await opened.proof.liabilities(programme, null)).toMatchObject({ period: '2026-04', points: 407n });
  expect(await reportOf('ann', '2026-04')).toEqual(['GOOD', '400', '0', '0']);
  expect(await reportOf('cem', '2026-04')).toEqual(['GOOD', '0', '0', '0']);
  expect(await opened.violations()).toEqual([]);
});

test('what is in a pool is counted with each who put it there, and the proof says how much of the balance that is', async () => {
  const home = familyOf('hou_1', ['ann', 'ben'], world.clock.at);
  const households = createHouseholdStore(opened.connection);
  await households.insert(home);
  for (const [memberId, points] of [
    ['ann', 100n],
    ['ben', 80n],
  ] as const) {
    await post(earn(memberId, points));
    await post(contribute(memberId, home, 50n));
  }
  await post(redeem('ben', 60n, { pool: { householdId: home.id } }));
  goTo('2026-04-01T00:30:00Z');
  await post(redeem('ben', 30n, { pool: { householdId: home.id } }));
  await post(contribute('ann', home, 20n));
  goTo('2026-04-01T01:30:00Z');

  expect(await opened.proof.sweep()).toMatchObject({ totals: 1 });

  expect(await opened.proof.liabilities(programme, '2026-03')).toMatchObject({ leaves: 2, points: 120n });
  // Ann's were in the pool before ben's, and paid first.
  expect(await reportOf('ann', '2026-03')).toEqual(['GOOD', '50', '0', '0']);
  expect(await reportOf('ben', '2026-03')).toEqual(['GOOD', '70', '0', '40']);
  expect(await opened.violations()).toEqual([]);
});

test('a total waits until what fell due before the end of the month is written', async () => {
  await march();
  goTo('2026-05-01T01:00:00Z');

  expect(await opened.proof.sweep()).toMatchObject({ totals: 0 });
  await ledger.sweep();
  expect(await opened.proof.sweep()).toMatchObject({ totals: 2 });

  expect(await opened.proof.liabilities(programme, '2026-04')).toMatchObject({ points: 0n, arrears: 100n });
  expect(await opened.violations()).toEqual([]);
});

test('a total does not wait for points that are gone before they would have expired', async () => {
  await post(earn('ann', 100n));
  await post(redeem('ann', 100n));
  goTo('2026-05-01T01:00:00Z');

  await ledger.sweep();

  expect(await opened.proof.sweep()).toMatchObject({ totals: 2 });
});

test('many processes that count at once make one total and leave no rows behind', async () => {
  await march();
  const others = [await openProof(world), await openProof(world)];
  goTo('2026-04-01T01:00:00Z');
  await ledger.sweep();

  await Promise.all([opened, ...others].map(({ proof }) => proof.sweep()));

  const rows = opened.connection.collection('balance-leaves');
  expect((await rows.find({}).toArray()).map(({ walletId }) => String(walletId)).sort()).toEqual(
    ['ann', 'ben', 'cem'].map((member) => walletIdOf(member, programme)),
  );
  for (const member of ['ann', 'ben', 'cem']) expect((await reportOf(member, '2026-03'))[0]).toBe('GOOD');
  expect(await opened.violations()).toEqual([]);
});

test('a process that dies between any two of its writes loses nothing and spoils nothing', async () => {
  await march();
  goTo('2026-04-01T01:00:00Z');
  await ledger.sweep();

  let runs = 0;
  for (let allowed = 0; ; allowed++) {
    runs++;
    let left = allowed;
    const dying =
      <A extends unknown[], T>(write: (...args: A) => Promise<T>) =>
      (...args: A): Promise<T> =>
        left-- > 0 ? write(...args) : Promise.reject(new Error('died'));
    const { liabilities, balanceLeaves, chunks } = opened.stores;
    const stores = {
      ...opened.stores,
      liabilities: { ...liabilities, insert: dying(liabilities.insert) },
      balanceLeaves: {
        ...balanceLeaves,
        keep: dying(balanceLeaves.keep),
        forget: dying(balanceLeaves.forget),
      },
      chunks: { ...chunks, keep: dying(chunks.keep) },
    };
    const proof = createProof(optionsOf(opened.connection, stores, opened.signer, world));
    const died = await proof.sweep().then(
      () => false,
      () => true,
    );
    if (!died) break;
  }

  expect(runs).toBeGreaterThan(4);
  for (const member of ['ann', 'ben', 'cem']) expect((await reportOf(member, '2026-03'))[0]).toBe('GOOD');
  expect(await opened.violations()).toEqual([]);
});

test.each([
  [
    'its points',
    { points: 7n },
    ['LIABILITIES_EQUAL_JOURNAL', 'LIABILITIES_ARE_SIGNED', 'LIABILITIES_HAVE_LEAVES'],
  ],
  ['what is outstanding', { outstanding: 7n }, ['LIABILITIES_EQUAL_JOURNAL', 'LIABILITIES_ARE_SIGNED']],
  ['its text', { content: '{}' }, ['LIABILITIES_ARE_SIGNED']],
  ['its chunks', { chunks: [] }, ['LIABILITIES_HAVE_LEAVES']],
])('a total is found out that was changed in %s', async (_, change, found) => {
  await march();
  goTo('2026-04-01T01:00:00Z');
  await ledger.sweep();
  await opened.proof.sweep();

  await opened.connection.collection('liabilities').updateOne({}, { $set: change });

  expect(await opened.violations()).toEqual(found.map((invariant) => `${invariant} SHARED:2026-03`));
});

test('a posting that took effect in a month after it was counted is found out', async () => {
  await march();
  goTo('2026-04-01T01:00:00Z');
  await ledger.sweep();
  await opened.proof.sweep();

  goTo('2026-03-31T12:00:00Z');
  await post(earn('ben', 5n));

  expect(await opened.violations()).toEqual([
    'ROLL_UP_EQUALS_JOURNAL SHARED',
    'SEAL_EQUALS_JOURNAL 2026-03-31',
    'LIABILITIES_EQUAL_JOURNAL SHARED:2026-03',
  ]);
});
