import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createHouseholdStore } from '../../../subgraphs/accounts/household/household-store.ts';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import { parseMonth } from '../../../subgraphs/accounts/ledger/month.ts';
import { makeStatement } from '../../../subgraphs/accounts/statement/statement.ts';
import { forMonths } from '../../support/policy.ts';
import { contribute, earn, familyOf, type LedgerWorld, redeem, startLedgerWorld } from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
beforeAll(async () => {
  world = await startLedgerWorld({ validity: forMonths(2) });
  ledger = await world.ledger();
});
const violations = async () => (await checkLedger(await world.connect(), world.clock.at)).violations;
afterEach(async () => expect(await violations()).toEqual([]));
afterAll(() => world.stop());

const at = (instant: string) => {
  world.clock.at = new Date(instant);
};
const closings = async (memberId: string) => {
  const rows = (await world.connect()).collection('ledger-closings').find({ memberId }).sort({ month: 1 });
  return (await rows.toArray()).map(({ month, available }) => [month, BigInt(available)]);
};

test('every closing passed on the way is kept, so that other months need nothing but what happened in them', async () => {
  at('2026-03-05T00:00:00Z');
  await ledger.execute(earn('ann', 100n));
  at('2026-04-05T00:00:00Z');
  await ledger.execute(redeem('ann', 30n));
  at('2026-06-10T00:00:00Z');

  const [april] = await ledger.month('ann', parseMonth('2026-04')!);

  expect(april).toMatchObject({
    opening: { available: 100n },
    closing: { available: 70n },
    expiries: [{ at: new Date('2026-05-05T23:59:59.999Z'), points: 70n }],
  });
  expect(april!.postings.map(({ kind }) => kind)).toEqual(['REDEEM']);
  expect(await closings('ann')).toEqual([
    ['2026-03', 100n],
    ['2026-04', 70n],
    ['2026-05', 0n],
  ]);
  const [again] = await ledger.month('ann', parseMonth('2026-04')!);
  expect(again).toEqual(april);
});

test('the running month is not kept, nor is one that something can still be dated in', async () => {
  at('2026-07-05T00:00:00Z');
  await ledger.execute(earn('bo', 50n));
  at('2026-08-01T00:01:00Z');

  expect(await ledger.month('bo', parseMonth('2026-08')!)).toMatchObject([
    { opening: { available: 50n }, closing: { available: 50n }, postings: [] },
  ]);
  expect(await closings('bo')).toEqual([]);
});

test('a closing that says something else than the journal is found by the check', async () => {
  at('2026-09-05T00:00:00Z');
  await ledger.execute(earn('cy', 50n));
  at('2026-10-05T00:00:00Z');
  await ledger.month('cy', parseMonth('2026-09')!);
  const rows = (await world.connect()).collection<{ _id: string }>('ledger-closings');
  const id = 'wal_cy_SHARED:2026-09';

  await rows.updateOne({ _id: id }, { $set: { available: 51n } });
  expect(await violations()).toMatchObject([{ invariant: 'CLOSING_EQUALS_JOURNAL', id }]);
  await rows.updateOne({ _id: id }, { $set: { available: 50n } });
});

test('a posting dated in a month that was closed is found by the check', async () => {
  at('2026-11-05T00:00:00Z');
  await ledger.execute(earn('di', 50n));
  at('2026-12-05T00:00:00Z');
  await ledger.month('di', parseMonth('2026-11')!);
  const postings = (await world.connect()).collection<{ _id: string }>('ledger-postings');
  const spent = await ledger.execute(redeem('di', 5n));
  if (spent.kind !== 'PointsPosted') throw new Error(spent.kind);
  const move = (instant: Date) => postings.updateOne({ _id: spent.posting.id }, { $set: { at: instant } });

  await move(new Date('2026-11-20T00:00:00Z'));
  expect(await violations()).toMatchObject([{ invariant: 'CLOSING_EQUALS_JOURNAL' }]);
  await move(spent.posting.at);
});

test('points in a pool have month ends of their own, which hold however often the month is read, and what fell due there is written first', async () => {
  at('2027-01-05T00:00:00Z');
  const home = familyOf('hou_1', ['eva', 'fay'], world.clock.at);
  await createHouseholdStore(await world.connect()).insert(home);
  for (const memberId of ['eva', 'fay']) {
    await ledger.execute(earn(memberId, 100n));
    await ledger.execute(contribute(memberId, home, 60n));
  }
  at('2027-02-05T00:00:00Z');
  // Eva's go first: both expire at once, and hers were there before.
  await ledger.execute(redeem('fay', 80n, { pool: { householdId: home.id } }));
  at('2027-05-10T00:00:00Z');
  const read = (month: string) => ledger.month('fay', parseMonth(month)!);

  const [march] = await read('2027-03');

  // What fay had in January expires on 5 March, in its wallet as in the pool.
  expect(march!.pooled).toMatchObject({
    opening: { available: 40n },
    closing: { available: 0n, held: 0n },
    expiries: [],
    postings: [{ kind: 'EXPIRE' }],
  });
  const [february] = await read('2027-02');
  expect(february!.pooled).toMatchObject({
    opening: { available: 60n },
    closing: { available: 40n },
    expiries: [{ at: new Date('2027-03-05T23:59:59.999Z'), points: 40n }],
    postings: [{ kind: 'REDEEM' }],
  });
  expect(await read('2027-02')).toEqual([february]);
  const rows = (await world.connect()).collection<{ _id: string }>('ledger-closings');
  const id = 'pooled_fay_SHARED:2027-02';
  expect(await rows.findOne({ _id: id })).toMatchObject({ memberId: 'fay', available: 40n });

  await rows.updateOne({ _id: id }, { $set: { available: 41n } });
  expect(await violations()).toMatchObject([{ invariant: 'CLOSING_EQUALS_JOURNAL', id }]);
  await rows.updateOne({ _id: id }, { $set: { available: 40n } });
});

test('what a member has in pools is found in an index that has nothing but pools, however many lots there are', async () => {
  const lots = (await world.connect()).collection('ledger-lots');

  for (const named of [{ $eq: 'fay' }, { $in: ['eva', 'fay'] }]) {
    const plan = await lots.find({ contributorId: { $type: 'string', ...named }, open: true }).explain();
    expect(inspect(plan, { depth: null })).toContain("'lots_contributor'");
  }
});

test('a running month that is read while points go into a pool and are spent there is of one piece', async () => {
  at('2027-06-05T00:00:00Z');
  const home = familyOf('hou_2', ['gil'], world.clock.at);
  await createHouseholdStore(await world.connect()).insert(home);
  await ledger.execute(earn('gil', 100n));
  const june = parseMonth('2027-06')!;
  const read = async () => makeStatement('gil', june, await ledger.month('gil', june)).programmes[0]!;
  const acts = Array.from({ length: 12 }, (_, i) => async () => {
    await ledger.execute(contribute('gil', home, 5n));
    if (i % 2) await ledger.execute(redeem('gil', 3n, { pool: { householdId: home.id } }));
  });
  const working = acts.reduce<Promise<void>>((before, act) => before.then(act), Promise.resolve());
  let busy = true;
  void working.finally(() => {
    busy = false;
  });

  const seen = new Set<bigint>();
  while (busy) seen.add((await read()).contributed);

  await working;
  expect(seen.size).toBeGreaterThan(2);
  expect(await read()).toMatchObject({ closing: 40n, pooled: { contributed: 60n, closing: 42n } });
});
