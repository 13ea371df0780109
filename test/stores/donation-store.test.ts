import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { pino } from 'pino';
import { newCause } from '../../subgraphs/charity/cause/cause.ts';
import type { Ports } from '../../subgraphs/charity/context.ts';
import { reserveMatches } from '../../subgraphs/charity/donation/advance-donation.ts';
import { donatePoints } from '../../subgraphs/charity/donation/donate-points.ts';
import type { Donation } from '../../subgraphs/charity/donation/donation.ts';
import { type AccountsPort, KeyTaken } from '../../subgraphs/charity/donation/donation-ports.ts';
import { newPledge } from '../../subgraphs/charity/matching/pledge.ts';
import { createPorts } from '../../subgraphs/charity/ports.ts';
import { newId } from '../../subgraphs/shared/ids.ts';
import { buildIndexes, connectMongo, isDuplicateKey } from '../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';

let mongo: TestMongo;
let connections: Connection[];
/** Two processes on one database. */
let ports: Ports;
let other: Ports;

const at = new Date('2026-11-22T08:00:00.123Z');

const accounts: AccountsPort = {
  resolveMember: async ({ id }) => ({ id: id!, locale: 'en', registeredBy: [] }),
  takePoints: async ({ id }) => ({ kind: 'Posted', postingId: `pos_${id}` }),
};

beforeAll(async () => {
  mongo = await startTestMongo();
  const database = mongo.database('donations');
  connections = [await connectMongo(mongo.uri, database), await connectMongo(mongo.uri, database)];
  const log = pino({ level: 'silent' });
  [ports, other] = connections.map((connection) => createPorts({ connection, accounts, log })) as [
    Ports,
    Ports,
  ];
  await buildIndexes(connections[0]!);
});
afterAll(async () => {
  for (const connection of connections) await connection.close();
  await mongo.stop();
});

const request = (key = newId('key')) => ({ caller: 'member:mem_1', key, inputHash: 'hash' });

const donation = (change: Partial<Donation> = {}): Donation => ({
  id: newId('don'),
  causeId: 'cau_1',
  causeName: 'Harbour Cats',
  memberId: 'mem_1',
  locale: 'en',
  merchantIds: ['mer_1'],
  actor: { kind: 'MERCHANT', merchantId: 'mer_1', clientId: 'cli', scopes: ['REDEMPTIONS'] },
  points: 100_000_000n,
  programme: 'SHARED',
  status: 'PENDING',
  at,
  matches: [{ pledgeId: 'ple_1', goods: 'pet food', unit: 'g', quantity: 2_147_483_647 }],
  receiptNumber: null,
  postingId: null,
  refusal: null,
  inputHash: 'hash',
  attemptId: 'att_1',
  attemptUntil: new Date(at.getTime() + 5_000),
  doubtUntil: null,
  ...change,
});

const short = { kind: 'NotEnoughPoints', available: 1n, shortBy: 2n, availableFrom: at } as const;

async function givenPledge(limitQuantity: number, causeId: string): Promise<string> {
  const terms = {
    causeId,
    goods: 'pet food',
    unit: 'g',
    pointsPerStep: 1n,
    quantityPerStep: 1,
    limitQuantity,
    agreementRef: 'a',
  };
  const pledge = newPledge(newId('ple'), 'mer_1', terms, at);
  await ports.pledges.insert(pledge, request());
  return pledge.id;
}

async function givenCause(): Promise<string> {
  const terms = { name: 'n', description: 'd', kind: 'k', charityName: 'c', charityRegistrationNumber: '1' };
  const cause = newCause(newId('cau'), terms, at);
  await ports.causes.insert(cause, request());
  return cause.id;
}

const remaining = async (pledgeId: string) =>
  (await ports.pledges.findMany([pledgeId])).map((pledge) => pledge.remainingQuantity);

describe('a donation record', () => {
  test('is read as it was written', async () => {
    const written = donation();
    await ports.donations.insert(written, request());

    expect(await ports.donations.find(written.id)).toEqual(written);
  });

  test('is found by its request, and a second one under the key is refused', async () => {
    const first = donation();
    const same = request();
    await ports.donations.insert(first, same);

    expect((await ports.donations.findByRequest(same))!.id).toBe(first.id);
    await expect(ports.donations.insert(donation(), same)).rejects.toThrow(KeyTaken);
    await ports.donations.insert(donation(), { ...same, caller: 'member:mem_2' });
  });

  test('that fails keeps its refusal, loses its matches and frees its key', async () => {
    const failed = donation();
    const same = request();
    await ports.donations.insert(failed, same);

    expect(await ports.donations.fail(failed.id, 'att_1', short)).toBe(true);

    const read = await ports.donations.find(failed.id);
    expect(read).toMatchObject({ status: 'FAILED', refusal: short, matches: [], attemptId: null });
    expect(await ports.donations.findByRequest(same)).toBeNull();
    await ports.donations.insert(donation(), same);
  });

  test('that fails because its member was erased keeps no language', async () => {
    const [failed, erased] = [donation(), donation()];
    for (const each of [failed, erased]) await ports.donations.insert({ ...each, locale: 'en' }, request());

    await ports.donations.fail(failed.id, 'att_1', short);
    await ports.donations.fail(erased.id, 'att_1', { kind: 'NotFound', what: 'MEMBER', id: 'mem_1' });

    expect((await ports.donations.find(failed.id))!.locale).toBe('en');
    expect((await ports.donations.find(erased.id))!.locale).toBe('zh-CN');
  });

  test('is failed only by the attempt that has it, and never once confirmed', async () => {
    const record = donation();
    await ports.donations.insert(record, request());

    expect(await ports.donations.fail(record.id, 'att_2', short)).toBe(false);
    await ports.donations.confirm({ ...record, postingId: 'pos_1', receiptNumber: `R-${record.id}` });
    expect(await ports.donations.fail(record.id, 'att_1', short)).toBe(false);
    expect(await ports.donations.find(record.id)).toMatchObject({ status: 'CONFIRMED', postingId: 'pos_1' });
  });

  test('is claimed by one of 20 attempts at once', async () => {
    const record = donation();
    await ports.donations.insert(record, request());
    const claim = (place: number) =>
      [ports, other][place % 2]!.donations.claim(record.id, 'att_1', {
        id: `att_new_${place}`,
        until: at,
        doubtUntil: null,
        now: at,
      });

    const claimed = await Promise.all(Array.from({ length: 20 }, (_, place) => claim(place)));

    expect(claimed.filter(Boolean)).toHaveLength(1);
  });

  test('shares its receipt number with no other', async () => {
    const [one, two] = [donation(), donation()];
    for (const each of [one, two]) await ports.donations.insert(each, request());
    await ports.donations.confirm({ ...one, postingId: 'pos_1', receiptNumber: 'JF-2020-000001' });

    const again = ports.donations.confirm({ ...two, postingId: 'pos_2', receiptNumber: 'JF-2020-000001' });

    expect(isDuplicateKey(await again.catch((error: unknown) => error), 'donations_receipt')).toBe(true);
  });
});

describe('a transaction that fails', () => {
  test('leaves neither the record nor the reservation', async () => {
    const causeId = await givenCause();
    const pledgeId = await givenPledge(1_000, causeId);
    const taken = request();
    await ports.donations.insert(donation(), taken);
    const record = donation();

    const work = ports.transaction(causeId, async () => {
      const matches = await reserveMatches(ports, causeId, 400n);
      expect(matches).toMatchObject([{ quantity: 400 }]);
      await ports.donations.insert({ ...record, matches }, taken);
    });

    await expect(work).rejects.toThrow(KeyTaken);
    expect(await remaining(pledgeId)).toEqual([1_000]);
    expect(await ports.donations.find(record.id)).toBeNull();
  });

  test('leaves no gap in the receipts', async () => {
    await expect(
      ports.transaction('cau', async () => {
        await ports.receipts.next(2031);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');

    expect(await ports.transaction('cau', () => ports.receipts.next(2031))).toBe(1);
    expect(await ports.transaction('cau', () => ports.receipts.next(2031))).toBe(2);
    expect(await ports.transaction('cau', () => ports.receipts.next(2032))).toBe(1);
  });
});

describe('a reservation', () => {
  test('beyond what is left is refused and changes nothing', async () => {
    const pledgeId = await givenPledge(10, 'cau_small');

    expect(await ports.pledges.reserve(pledgeId, 11)).toBe(false);
    expect(await ports.pledges.reserve(pledgeId, 10)).toBe(true);
    expect(await ports.pledges.reserve(pledgeId, 1)).toBe(false);
    expect(await remaining(pledgeId)).toEqual([0]);
  });

  test('by two processes at once never passes the limit, and nothing is left while donations go short', async () => {
    const causeId = await givenCause();
    const first = await givenPledge(455, causeId);
    const second = await givenPledge(100, causeId);
    const give = (place: number) =>
      donatePoints(
        place % 2 ? ports : other,
        { kind: 'MEMBER', memberId: `mem_${place}` },
        { idempotencyKey: newId('key'), causeId, points: 30n },
      );

    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, place) => give(place)));

    const given = outcomes.map((outcome) => (outcome.kind === 'PointsDonated' ? outcome.donation : null)!);
    const total = given.flatMap((each) => each.matches).reduce((sum, match) => sum + match.quantity, 0);
    expect(total).toBe(555);
    expect([await remaining(first), await remaining(second)]).toEqual([[0], [0]]);
    expect(await ports.causes.find(causeId)).toMatchObject({ pointsDonated: 900n, donationCount: 30 });
    const receipts = given.map((each) => Number(each.receiptNumber!.slice(8))).sort((a, b) => a - b);
    expect(receipts).toEqual(Array.from({ length: 30 }, (_, place) => receipts[0]! + place));
  });
});

describe('the indexes', () => {
  test('are those that the queries and the uniqueness need', async () => {
    const names = async (collection: string) =>
      (await connections[0]!.collection(collection).indexes()).map((index) => String(index['name'])).sort();

    expect(await names('donations')).toEqual([
      '_id_',
      'donations_of_member',
      'donations_pending',
      'donations_receipt',
      'donations_request',
    ]);
    expect(await names('pledges')).toEqual([
      '_id_',
      'pledges_of_cause',
      'pledges_of_merchant',
      'pledges_request',
    ]);
    expect(await names('causes')).toEqual(['_id_', 'causes_newest', 'causes_request']);
  });
});
