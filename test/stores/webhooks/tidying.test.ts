import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import type { Delivery } from '../../../subgraphs/accounts/webhook/delivery.ts';
import {
  createDeliveryStore,
  type DeliveryStore,
} from '../../../subgraphs/accounts/webhook/delivery-store.ts';
import { replayDeadLetters } from '../../../subgraphs/accounts/webhook/replay-dead-letters.ts';
import { createTidier, type TidyPorts } from '../../../subgraphs/accounts/webhook/tidy-deliveries.ts';
import type { Webhook } from '../../../subgraphs/accounts/webhook/webhook.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { testClock } from '../../support/test-clock.ts';

let mongo: TestMongo;
let connection: Connection;
let deliveries: DeliveryStore;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('tidying'));
  deliveries = createDeliveryStore(connection);
  await buildIndexes(connection);
});

afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const day = (number: number) => new Date(Date.UTC(2026, 1, number));
const waiting = (id: string, webhookId: string, nextAttemptAt: Date): Delivery => ({
  ...{ id, webhookId, merchantId: 'mer_1', eventId: id, eventType: 'jifen.points.posted', memberId: null },
  ...{ reminderId: null, partition: 'w', sequence: 1, body: '{}', createdAt: day(1), status: 'PENDING' },
  ...{ attempts: [], failures: 0, firstFailedAt: null, nextAttemptAt, endedAt: null },
});

test('only what has waited long enough is given up, of the webhooks named, and no more at once than is asked', async () => {
  const old = Array.from({ length: 5 }, (_, i) => waiting(`old-${i}`, 'whk_1', day(2)));
  await deliveries.add([...old, waiting('young', 'whk_1', day(10)), waiting('other', 'whk_2', day(2))]);
  const giveUp = () => deliveries.giveUpWaiting(['whk_1', 'whk_3'], day(9), day(20), 3);

  expect([await giveUp(), await giveUp(), await giveUp()]).toEqual([3, 2, 0]);

  const found = await deliveries.byIds([...old.map(({ id }) => id), 'young', 'other']);
  const dead = found.filter(({ status }) => status === 'DEAD');
  expect(dead.map(({ id }) => id).sort()).toEqual(old.map(({ id }) => id));
  expect(dead.map(({ nextAttemptAt, endedAt }) => [nextAttemptAt, endedAt])).toEqual(
    old.map(() => [null, day(20)]),
  );
});

test('what waited is found in an index of nothing but what waits', async () => {
  const filter = { webhookId: { $in: ['whk_1'] }, status: 'PENDING', nextAttemptAt: { $lt: day(9) } };
  const plan = await connection.collection('webhook-deliveries').find(filter).explain();

  expect(inspect(plan, { depth: null })).toContain("'deliveries_due'");
});

const ended = (id: string, endedAt: Date, changes: Partial<Delivery> = {}): Delivery => ({
  ...{ ...waiting(id, 'whk_9', day(1)), status: 'DELIVERED', nextAttemptAt: null, endedAt },
  ...changes,
});
const attempt = { at: day(1), durationMs: 5, responseStatus: 200, error: null };

test('of a reminder the record of its attempts outlives what was sent, and an erasure still finds it', async () => {
  const reminder = { reminderId: 'rem_1', attempts: [attempt], memberId: 'mem_1', body: 'of mem_1' };
  await deliveries.add([
    ended('plain-old', day(2)),
    ended('plain-young', day(10)),
    ended('reminder-oldest', day(1), reminder),
    ended('reminder-old', day(2), reminder),
    ended('reminder-young', day(10), reminder),
    ended('reminder-dead', day(2), { ...reminder, status: 'DEAD' }),
  ]);
  const ids = [
    'plain-old',
    'plain-young',
    'reminder-oldest',
    'reminder-old',
    'reminder-young',
    'reminder-dead',
  ];
  const bodies = async () =>
    Object.fromEntries((await deliveries.byIds(ids)).map(({ id, body }) => [id, body]));

  await deliveries.removeEnded(day(9), day(0));
  const whole = { 'plain-young': '{}', 'reminder-young': 'of mem_1' };
  const bare = { 'reminder-old': null, 'reminder-dead': null };
  expect(await bodies()).toEqual({ ...whole, ...bare, 'reminder-oldest': null });
  await deliveries.removeEnded(day(9), day(2));
  expect(await bodies()).toEqual({ ...whole, ...bare });
  const kept = await deliveries.byIds(['reminder-old', 'reminder-dead']);
  expect(kept.map(({ attempts }) => attempts)).toEqual([[attempt], [attempt]]);

  await deliveries.rewrite('mem_1', 'jifen.member.erased', () => 'of nobody');
  const scrubbed = await deliveries.byIds(ids);
  expect(scrubbed.map(({ memberId }) => memberId)).toEqual([null, null, null, null]);
  expect(await bodies()).toEqual({ ...whole, ...bare, 'reminder-young': 'of nobody' });
});

test('a dead reminder of which only the record is kept is no dead letter any more and cannot be replayed', async () => {
  const webhookId = 'whk_8';
  const reminder = { webhookId, status: 'DEAD', reminderId: 'rem_1' } as const;
  await deliveries.add([ended('dead-old', day(2), reminder), ended('dead-young', day(10), reminder)]);
  await deliveries.removeEnded(day(9), day(0));
  const listed = async () =>
    (await deliveries.deadPage(webhookId, { first: 10, after: null })).map(({ id }) => id);
  const replay = (deliveryIds: readonly string[] | null) =>
    replayDeadLetters(
      'mer_1',
      { webhookId, deliveryIds },
      {
        webhookOf: async () => ({ id: webhookId }) as Webhook,
        ...{ knownDeliveries: deliveries.known, revive: deliveries.revive, clock: testClock() },
      },
    );

  expect(await listed()).toEqual(['dead-young']);
  expect(await replay(['dead-young', 'dead-old'])).toEqual({
    ...{ kind: 'InvalidInput', field: 'input.deliveryIds' },
    expected: 'deliveries given up within 30 days; dead-old was before, and its text is gone',
  });
  expect(await listed()).toEqual(['dead-young']);
  expect(await replay(null)).toMatchObject({ kind: 'DeadLettersReplayed', count: 1 });
  const [old] = await deliveries.byIds(['dead-old']);
  expect(old).toMatchObject({ status: 'DEAD', body: null });
});

test('what ended is found in indexes of nothing but what ended, whole or not', async () => {
  const rows = connection.collection('webhook-deliveries');
  const endedAt = { $type: 'date' as const, $lt: day(9) };
  const explained = (filter: object, index: string) =>
    index === 'deliveries_dead_letters'
      ? rows.find(filter).sort({ endedAt: -1, _id: -1 }).explain()
      : rows.find(filter).explain();
  for (const [filter, index] of [
    [{ endedAt, body: { $type: 'string' }, reminderId: null }, 'deliveries_ended_whole'],
    [{ endedAt, body: { $type: 'null' } }, 'deliveries_ended_bare'],
    [{ webhookId: 'whk_8', status: 'DEAD', body: { $type: 'string' } }, 'deliveries_dead_letters'],
  ] as const)
    expect(inspect(await explained(filter, index), { depth: null })).toContain(`'${index}'`);
});

test('it is tidied once an hour, and where more is left to give up than at one time, again at once', async () => {
  const clock = testClock();
  let left = 2_500;
  const asked: string[] = [];
  const ports: TidyPorts = {
    clock,
    pausedSince: async () => ['whk_1'],
    giveUpWaiting: async (_ids, _before, _at, limit) => {
      const count = Math.min(left, limit);
      left -= count;
      asked.push(`${count}`);
      return count;
    },
    removeEnded: async () => {},
    deletedIds: async () => [],
    removeOf: async () => {},
  };
  const tidy = createTidier(ports);

  for (let i = 0; i < 5; i++) await tidy();
  clock.advance({ hours: 1 });
  await tidy();

  expect(asked).toEqual(['1000', '1000', '500', '0']);
});
