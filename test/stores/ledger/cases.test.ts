import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Case } from '../../../subgraphs/accounts/case/case.ts';
import type { CaseActInput } from '../../../subgraphs/accounts/case/case-command.ts';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import {
  countRows,
  earn,
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
  world = await startLedgerWorld();
  ledger = await world.ledger();
  other = await world.ledger();
});
afterEach(async () => {
  expect((await checkLedger(await world.connect())).violations).toEqual([]);
});
afterAll(() => world.stop());

const hour = 3_600_000;
const wait = (hours: number) => {
  world.clock.at = new Date(world.clock.at.getTime() + hours * hour);
};

let hashes = 0;
const sha = () => String(++hashes).padStart(64, '0');

const command = (caller: string, act: CaseActInput, key?: string) => ({
  ...make('CASE', { act, ...(key ? { key } : {}) }),
  caller,
});

const opening = (memberId: string, disputed: bigint): CaseActInput => ({
  type: 'OPEN',
  ...{ memberId, programme, merchantId: null, reason: 'OTHER', disputed, statement: 'Look at it.' },
  evidence: [{ name: 'log', uri: 'https://example.org/log', sha256: sha() }],
});

async function open(memberId: string, disputed = 100n): Promise<Case> {
  const outcome = await ledger.execute(command('operator:ann', opening(memberId, disputed)));
  if (outcome.kind !== 'CaseChanged') throw new Error(outcome.kind);
  return outcome.case;
}

const plain = (type: 'FREEZE' | 'CONFIRM' | 'DISMISS' | 'OVERTURN' | 'REJECT_APPEAL', one: Case) => ({
  ...{ type, caseId: one.id, statement: 'Seen.' },
});
const by = (person: string, act: CaseActInput, on = ledger) => on.execute(command(`operator:${person}`, act));
const uphold = (one: Case, points: bigint): CaseActInput => ({
  ...{ type: 'UPHOLD', caseId: one.id, points, statement: 'Proved.' },
});
const kinds = (outcomes: readonly { kind: string }[]) => outcomes.map(({ kind }) => kind).sort();

async function frozen(memberId: string, disputed = 100n): Promise<Case> {
  const one = await open(memberId, disputed);
  expect(await by('bob', plain('FREEZE', one))).toMatchObject({ kind: 'CaseChanged' });
  return one;
}

const amounts = async (member: string) => {
  const { available, held, frozen, openCases } = await ledger.wallet(member, programme);
  return { available: Number(available), held: Number(held), frozen: Number(frozen), openCases };
};

test('of two reviewers at once in two processes one freezes, and the points are frozen once', async () => {
  for (let round = 0; round < 4; round++) {
    const member = `two-${round}`;
    await ledger.execute(earn(member, 300n));
    const one = await open(member);

    const outcomes = await Promise.all([
      by('bob', plain('FREEZE', one)),
      by('cy', plain('FREEZE', one), other),
      by('dee', plain('FREEZE', one)),
    ]);

    expect(kinds(outcomes)).toEqual(['CaseChanged', 'CaseStands', 'CaseStands']);
    expect(await amounts(member)).toEqual({ available: 200, held: 100, frozen: 100, openCases: 1 });
  }
});

test('the same request from two processes at once is answered the same by both', async () => {
  await ledger.execute(earn('same', 100n));
  const one = await open('same');
  const asked = command('operator:bob', plain('FREEZE', one), 'freeze-once');

  const [first, second] = await Promise.all([ledger.execute(asked), other.execute(asked)]);

  if (first.kind !== 'CaseChanged' || second.kind !== 'CaseChanged')
    throw new Error(`${first.kind} ${second.kind}`);
  expect(first.stepId).toBe(second.stepId);
  expect(first.replayed).not.toBe(second.replayed);
  expect(await other.execute({ ...asked, inputHash: 'another' })).toMatchObject({
    kind: 'IdempotencyConflict',
  });
});

test('upheld and dismissed at once by two processes, one of them happens', async () => {
  for (let round = 0; round < 4; round++) {
    const member = `both-${round}`;
    await ledger.execute(earn(member, 100n));
    const one = await frozen(member);

    const [upheld, dismissed] = await Promise.all([
      (round % 2 ? ledger : other).execute(command('operator:bob', uphold(one, 100n))),
      (round % 2 ? other : ledger).execute(command('operator:cy', plain('DISMISS', one))),
    ]);

    expect(kinds([upheld, dismissed])).toEqual(['CaseChanged', 'CaseStands']);
    expect((await amounts(member)).available).toBe(upheld.kind === 'CaseChanged' ? 0 : 100);
  }
});

test('a freeze and a payment at once never use the same points', async () => {
  for (let round = 0; round < 6; round++) {
    const member = `pay-${round}`;
    await ledger.execute(earn(member, 100n));
    const one = await open(member);

    const [froze, paid] = await Promise.all([
      (round % 2 ? ledger : other).execute(command('operator:bob', plain('FREEZE', one))),
      (round % 2 ? other : ledger).execute(redeem(member, 60n)),
    ]);

    const { frozen: points } = await amounts(member);
    expect([froze.kind, paid.kind, points]).toEqual(
      paid.kind === 'PointsPosted'
        ? ['CaseChanged', 'PointsPosted', 40]
        : ['CaseChanged', 'NotEnoughPoints', 100],
    );
  }
});

test('a lapse shows before the sweeper wrote it, is written once by two sweepers, and is counted either way', async () => {
  await ledger.execute(earn('late', 100n));
  wait(1);
  const [from, one] = [world.clock.at, await frozen('late')];
  wait(72);
  const counted = async (at: Date) => ledger.caseCounts(at, new Date(at.getTime() + 1));
  const read = async () => [await ledger.case(one.id), await amounts('late'), await counted(world.clock.at)];
  const unwritten = await read();
  const page = { first: 10, after: null };
  const listed = async () =>
    (await ledger.cases({ memberId: 'late', status: 'LAPSED' }, page)).map(({ id }) => id);
  const before = await countRows(world);

  expect(await by('bob', uphold(one, 1n))).toEqual({ kind: 'CaseStands', status: 'LAPSED' });
  expect(await countRows(world)).toEqual(before);
  expect(await listed()).toEqual([one.id]);
  expect(await ledger.hasOpenCase('late')).toBe(false);
  await Promise.all([ledger.sweep(), other.sweep(), ledger.sweep()]);

  expect(await read()).toEqual(unwritten);
  expect(unwritten[1]).toEqual({ available: 100, held: 0, frozen: 0, openCases: 0 });
  expect(unwritten[2]).toMatchObject({ opened: 0, frozen: 0, lapsed: 1, upheld: 0 });
  expect(await counted(from)).toMatchObject({ opened: 1, frozen: 1, lapsed: 0 });
  expect(await listed()).toEqual([one.id]);
  const lapses = await ledger.postings({ memberId: 'late', kinds: ['UNFREEZE'] }, page);
  expect(lapses.map(({ points, at, recordedAt }) => [points, at, recordedAt])).toEqual([
    [100n, new Date(from.getTime() + 72 * hour), world.clock.at],
  ]);
});

test('a decided appeal gives back once, whichever of two processes is asked', async () => {
  await ledger.execute(earn('back', 100n));
  const one = await frozen('back');
  await by('bob', uphold(one, 70n));
  const appeal: CaseActInput = {
    ...{ type: 'APPEAL', caseId: one.id, memberId: 'back', statement: 'It was not me.', evidence: [] },
  };
  await ledger.execute(command('member:back', appeal));
  expect(await ledger.hasOpenCase('back')).toBe(true);

  const outcomes = await Promise.all([
    by('cy', plain('OVERTURN', one)),
    by('dee', plain('OVERTURN', one), other),
    by('eve', plain('REJECT_APPEAL', one), other),
  ]);

  expect(kinds(outcomes)).toEqual(['CaseChanged', 'CaseStands', 'CaseStands']);
  const overturned = (await ledger.case(one.id))?.status === 'OVERTURNED';
  expect((await amounts('back')).available).toBe(overturned ? 100 : 30);
  expect(await ledger.hasOpenCase('back')).toBe(false);
});

test('each step tells an event and a notice in the order of its wallet, in the transaction of the step', async () => {
  await ledger.execute(earn('told', 100n));
  const connection = await world.connect();
  const one = await frozen('told');
  await by('bob', uphold(one, 60n));

  const outbox = connection.collection('outbox').find({ partition: `wal_told_${programme}` });
  const events = await outbox.sort({ sequence: 1 }).toArray();

  expect(events.map(({ type, data }) => [type, data['kind'] ?? data['act'] ?? null])).toEqual([
    ['jifen.points.posted', 'EARN'],
    ['jifen.case.opened', 'OPENED'],
    ['jifen.member.notice', null],
    ['jifen.points.posted', 'FREEZE'],
    ['jifen.case.frozen', 'FROZEN'],
    ['jifen.member.notice', null],
    ['jifen.points.posted', 'DEDUCT'],
    ['jifen.case.decided', 'UPHELD'],
    ['jifen.member.notice', null],
  ]);
  expect(new Set(events.map(({ sequence }) => sequence)).size).toBe(events.length);
  expect(events.at(-1)).toMatchObject({ subject: 'told', data: { programme, memberId: 'told' } });
});

test('a refused act writes nothing at all', async () => {
  await ledger.execute(earn('no', 100n));
  const one = await frozen('no');
  const before = await countRows(world);

  const outcomes = [
    await by('ann', uphold(one, 1n)),
    await by('bob', uphold(one, 101n)),
    await by('bob', plain('OVERTURN', one)),
    await by('cy', plain('OVERTURN', one)),
    await by('cy', plain('FREEZE', one)),
    await by('cy', { ...plain('FREEZE', one), caseId: 'none' }),
    await by('cy', { ...opening('no', 1n), programme: 'OTHER' } as CaseActInput),
  ];

  expect(outcomes.map(({ kind }) => kind)).toEqual([
    'NotIndependent',
    'MoreThanDeductible',
    'NotIndependent',
    'CaseStands',
    'CaseStands',
    'NotFound',
    'NotFound',
  ]);
  expect(await countRows(world)).toEqual(before);
});

test('a wallet with very many lots is frozen and released in full', async () => {
  await Promise.all(Array.from({ length: 300 }, () => ledger.execute(earn('many', 1n))));
  const one = await frozen('many', 290n);
  expect(await amounts('many')).toEqual({ available: 10, held: 290, frozen: 290, openCases: 1 });

  await by('bob', uphold(one, 280n));

  expect(await amounts('many')).toEqual({ available: 20, held: 0, frozen: 0, openCases: 0 });
});

test('rows of before there were cases are read and checked as they are', async () => {
  await ledger.execute(earn('old', 100n));
  const connection = await world.connect();
  const wallets = connection.collection<{ _id: string }>('ledger-wallets');
  await wallets.updateOne({ _id: `wal_old_${programme}` }, { $unset: { frozen: 1, openCases: 1 } });
  await connection.collection('ledger-postings').updateOne({ memberIds: 'old' }, { $unset: { caseId: 1 } });

  expect((await checkLedger(connection)).violations).toEqual([]);
  expect(await amounts('old')).toEqual({ available: 100, held: 0, frozen: 0, openCases: 0 });
  await frozen('old');
  expect(await amounts('old')).toEqual({ available: 0, held: 100, frozen: 100, openCases: 1 });
});

test('the check finds a freeze that no case holds, a case that no wallet counts, and one whose postings are gone', async () => {
  await ledger.execute(earn('bad', 100n));
  const one = await frozen('bad');
  const connection = await world.connect();
  const cases = connection.collection<{ _id: string }>('ledger-cases');
  const wallets = connection.collection<{ _id: string }>('ledger-wallets');
  const found = async () => [
    ...new Set((await checkLedger(connection)).violations.map(({ invariant }) => invariant)),
  ];
  const kept = (await cases.findOne({ _id: one.id }))!;

  await cases.deleteOne({ _id: one.id });
  expect((await found()).sort()).toEqual([
    'CASE_EQUALS_JOURNAL',
    'KEY_HAS_RESULT',
    'LOT_HELD_EQUALS_HOLDS',
    'WALLET_EQUALS_CASES',
    'WALLET_HELD_EQUALS_HOLDS',
  ]);
  await cases.insertOne(kept);
  await wallets.updateOne({ _id: one.walletId }, { $set: { frozen: 99n } });
  expect(await found()).toEqual(['WALLET_EQUALS_CASES']);
  await wallets.updateOne({ _id: one.walletId }, { $set: { frozen: 100n } });
  await cases.updateOne({ _id: one.id }, { $set: { frozen: 99n } });
  expect(await found()).toEqual(['CASE_EQUALS_JOURNAL']);
  await cases.updateOne({ _id: one.id }, { $set: { frozen: 100n } });
  expect(await found()).toEqual([]);
});
