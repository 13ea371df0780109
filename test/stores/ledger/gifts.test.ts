import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import {
  countRows,
  earn,
  give,
  type LedgerWorld,
  make,
  programme,
  redeem,
  startLedgerWorld,
} from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
let other: Ledger;

beforeAll(async () => {
  world = await startLedgerWorld({
    transfers: { allowed: true, mostPerTransfer: 50n, mostPerDay: 100n, declineWithinDays: 7 },
  });
  ledger = await world.ledger();
  other = await world.ledger();
});
afterEach(async () => {
  expect((await checkLedger(await world.connect())).violations).toEqual([]);
});
afterAll(() => world.stop());

const available = async (member: string) => Number((await ledger.wallet(member, programme)).available);

async function gift(from: string, to: string, points: bigint): Promise<string> {
  const outcome = await ledger.execute(give(from, to, points));
  if (outcome.kind !== 'PointsPosted') throw new Error(outcome.kind);
  return outcome.posting.id;
}

const decline = (postingId: string, memberId: string, key?: string) =>
  make('DECLINE', { postingId, memberId, ...(key ? { key } : {}) });

test('the limit of a day holds, however many gifts two processes are asked for at once', async () => {
  await ledger.execute(earn('ann', 1_000n));

  const outcomes = await Promise.all(
    Array.from({ length: 30 }, (_, i) => (i % 2 ? ledger : other).execute(give('ann', `to-${i % 3}`, 15n))),
  );

  const kinds = outcomes.map((outcome) => outcome.kind).sort();
  expect(kinds).toEqual([
    ...Array<string>(24).fill('GiftLimitExceeded'),
    ...Array<string>(6).fill('PointsPosted'),
  ]);
  expect(await available('ann')).toBe(910);
  expect((await ledger.wallet('ann', programme)).gifted).toEqual({ day: '2026-03-01', points: 90n });
  expect(await other.execute(give('ann', 'to-1', 11n))).toMatchObject({
    kind: 'GiftLimitExceeded',
    left: 10n,
  });
});

test('two processes that decline the same gift at once do it once', async () => {
  await ledger.execute(earn('cy', 100n));
  for (let round = 0; round < 5; round++) {
    const id = await gift('cy', 'di', 10n);

    const outcomes = await Promise.all([
      ledger.execute(decline(id, 'di')),
      other.execute(decline(id, 'di')),
      ledger.execute(decline(id, 'di')),
    ]);

    expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual([
      'AlreadyDeclined',
      'AlreadyDeclined',
      'PointsPosted',
    ]);
    expect([await available('cy'), await available('di')]).toEqual([100, 0]);
  }
});

test('the same decline from two processes at once is answered the same by both', async () => {
  await ledger.execute(earn('ed', 100n));
  const id = await gift('ed', 'flo', 10n);
  const command = decline(id, 'flo', 'same');

  const [one, two] = await Promise.all([ledger.execute(command), other.execute(command)]);

  if (one.kind !== 'PointsPosted' || two.kind !== 'PointsPosted') throw new Error(`${one.kind} ${two.kind}`);
  expect(one.posting.id).toBe(two.posting.id);
  expect(one.replayed).not.toBe(two.replayed);
});

test('of a decline and a payment with the same points at once one wins, and no point is lost', async () => {
  await ledger.execute(earn('gus', 100n));
  for (let round = 0; round < 6; round++) {
    const id = await gift('gus', 'hal', 10n);
    const [declined, paid] = await Promise.all([
      (round % 2 ? ledger : other).execute(decline(id, 'hal')),
      (round % 2 ? other : ledger).execute(redeem('hal', 10n)),
    ]);

    expect([`${declined.kind} ${paid.kind}`]).toEqual([
      declined.kind === 'PointsPosted' ? 'PointsPosted NotEnoughPoints' : 'GiftUsed PointsPosted',
    ]);
    expect(await available('hal')).toBe(0);
  }
});

test('a refused gift and a refused decline write nothing', async () => {
  await ledger.execute(earn('ida', 100n));
  const id = await gift('ida', 'jo', 10n);
  await ledger.execute(redeem('jo', 1n));
  const before = await countRows(world);

  const outcomes = [
    await ledger.execute(give('ida', 'jo', 51n)),
    await ledger.execute(give('ida', 'jo', 5n, { beneficiaryFrom: null })),
    await ledger.execute(decline(id, 'jo')),
    await ledger.execute(decline(id, 'ida')),
  ];

  expect(outcomes.map((outcome) => outcome.kind)).toEqual([
    'GiftLimitExceeded',
    'NotABeneficiary',
    'GiftUsed',
    'NotFound',
  ]);
  expect(await countRows(world)).toEqual(before);
});

test("a member's gifts are found by direction, newest first, without reading its other postings", async () => {
  await ledger.execute(earn('kay', 100n));
  const first = await gift('kay', 'lou', 1n);
  const second = await gift('kay', 'lou', 2n);
  const back = await gift('lou', 'kay', 1n);
  const page = { first: 5, after: null };
  const found = async (side?: 'GIVER' | 'RECEIVER') =>
    (await ledger.postings({ memberId: 'kay', kinds: ['TRANSFER'], side }, page)).map(({ id }) => id).sort();

  expect(await found('GIVER')).toEqual([first, second].sort());
  expect(await found('RECEIVER')).toEqual([back]);
  expect(await found()).toEqual([first, second, back].sort());
  const connection = await world.connect();
  const plan: object = await connection
    .collection('ledger-postings')
    .find({ $and: [{ memberIds: 'kay' }, { kind: { $in: ['TRANSFER'] } }] })
    .sort({ at: -1, _id: -1 })
    .explain();
  expect(inspect(plan, { depth: null })).toContain('postings_gifts');
});

test('the check finds a gift that its giver did not count and a decline that does not add up, and bears older rows', async () => {
  await ledger.execute(earn('max', 100n));
  const id = await gift('max', 'ned', 10n);
  const declined = await ledger.execute(decline(id, 'ned'));
  const connection = await world.connect();
  const postings = connection.collection<{ _id: string }>('ledger-postings');
  const wallets = connection.collection<{ _id: string }>('ledger-wallets');
  const found = async () => (await checkLedger(connection)).violations.map(({ invariant }) => invariant);
  const reversal = declined.kind === 'PointsPosted' ? declined.posting.id : '';
  const wallet = { _id: `wal_max_${programme}` };

  await wallets.updateOne(wallet, { $set: { 'gifted.points': 9n } });
  expect(await found()).toEqual(['GIFTS_OF_DAY_COUNTED']);
  await wallets.updateOne(wallet, { $set: { 'gifted.points': 10n } });
  await postings.updateOne({ _id: reversal }, { $set: { points: 9n } });
  expect(await found()).toEqual(['DECLINED_GIFT_IS_RETURNED']);
  await postings.updateOne({ _id: reversal }, { $set: { points: 10n } });

  await wallets.updateOne(wallet, { $unset: { gifted: 1 } });
  await postings.updateOne({ _id: id }, { $unset: { declinableUntil: 1 } });
  expect(await found()).toEqual([]);
  expect(await ledger.wallet('max', programme)).toMatchObject({ gifted: null });
});
