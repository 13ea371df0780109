import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import type { ReachChange } from '../../../subgraphs/accounts/webhook/reach.ts';
import { createReachStore, type ReachStore } from '../../../subgraphs/accounts/webhook/reach-store.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';

let mongo: TestMongo;
let connection: Connection;
let reaches: ReachStore;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('reaches'));
  reaches = createReachStore(connection);
  await buildIndexes(connection);
});

afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const day = (number: number) => new Date(Date.UTC(2026, 1, number));
const begun = (reminderId: string, programme: string, expires: number, deliveryIds: string[] = []) => ({
  ...{ reminderId, deliveryIds },
  begun: { programme, expiresAt: day(expires) },
});
const later = (reminderId: string, deliveryIds: string[]): ReachChange => ({
  ...{ reminderId, deliveryIds },
  begun: null,
});
const idsOf = async (programme: string, expiresAfter = day(1)) =>
  (await reaches.unreached({ programme, expiresAfter }, 10, null)).map(({ reminderId }) => reminderId);

test('what comes again changes nothing, and what a reminder’s later events add is added', async () => {
  const first = begun('a-1', 'A', 10, ['d1']);
  for (const change of [first, later('a-1', ['d2', 'd3']), first, later('a-1', ['d2'])])
    await reaches.addReaches([change]);

  expect(await reaches.unreached({ programme: 'A', expiresAfter: day(1) }, 10, null)).toEqual([
    { reminderId: 'a-1', programme: 'A', expiresAt: day(10), deliveryIds: ['d1', 'd2', 'd3'] },
  ]);
});

test('the first success counts, and events that come again do not undo it', async () => {
  await reaches.addReaches([begun('b-1', 'B', 10, ['d1']), begun('b-2', 'B', 10)]);
  await reaches.noteReached('b-1', day(2));
  await reaches.noteReached('b-1', day(3));
  await reaches.addReaches([begun('b-1', 'B', 10, ['d1'])]);

  expect(await reaches.reachedAt('b-1')).toEqual(day(2));
  expect(await reaches.reachedAt('b-2')).toBeNull();
  expect(await idsOf('B')).toEqual(['b-2']);
});

test('a reminder of before this was kept is not begun by its later events', async () => {
  await reaches.addReaches([later('old', ['d1'])]);
  await reaches.noteReached('old', day(2));

  expect(await reaches.reachedAt('old')).toBeNull();
  expect(await connection.collection('reminder-reaches').countDocuments({ programme: null })).toBe(0);
});

test('reminders are found by expiry and id, from a place on, and only while their points are there', async () => {
  const changes = [begun('c-3', 'C', 11), begun('c-2', 'C', 10), begun('c-1', 'C', 10), begun('c-0', 'C', 5)];
  await reaches.addReaches(changes);

  expect(await idsOf('C')).toEqual(['c-0', 'c-1', 'c-2', 'c-3']);
  expect(await idsOf('C', day(5))).toEqual(['c-1', 'c-2', 'c-3']);
  const place = [day(10).toISOString(), 'c-1'];
  const rest = await reaches.unreached({ programme: 'C', expiresAfter: day(1) }, 1, place);
  expect(rest.map(({ reminderId }) => reminderId)).toEqual(['c-2']);
});

test('those of one programme, and those of all, are found in an index that has nothing but them', async () => {
  const rows = connection.collection('reminder-reaches');
  const open = { reached: false, expiresAt: { $gt: day(1) } };

  for (const [filter, index] of [
    [open, 'reaches_unreached'],
    [{ ...open, programme: 'C' }, 'reaches_unreached_of'],
  ] as const) {
    const plan = await rows.find(filter).sort({ expiresAt: 1, _id: 1 }).explain();
    const text = inspect(plan, { depth: null });
    expect(text).toContain(`'${index}'`);
    expect(text).not.toContain("'SORT'");
  }
});
