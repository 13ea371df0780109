import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import type { Delivery } from '../../../subgraphs/accounts/webhook/delivery.ts';
import {
  createDeliveryStore,
  type DeliveryStore,
} from '../../../subgraphs/accounts/webhook/delivery-store.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';

let mongo: TestMongo;
let connection: Connection;
let deliveries: DeliveryStore;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('deliveries'));
  deliveries = createDeliveryStore(connection);
  await buildIndexes(connection);
});

afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const now = new Date('2026-02-01T08:00:00Z');
const delivery = (id: string, memberId: string | null, eventType = 'jifen.points.posted'): Delivery => ({
  ...{ id, webhookId: 'whk_1', merchantId: 'mer_1', eventId: id, eventType, memberId, reminderId: null },
  ...{ partition: 'w', sequence: 1, body: `of ${memberId}`, createdAt: now, status: 'PENDING', attempts: [] },
  ...{ failures: 0, firstFailedAt: null, nextAttemptAt: now, endedAt: null },
});

test('what tells of one member is rewritten, all of it but one type of event, and nothing else', async () => {
  const own = Array.from({ length: 205 }, (_, i) => delivery(`own-${i}`, 'mem_1'));
  await deliveries.add([...own, delivery('kept', 'mem_1', 'jifen.member.erased')]);
  await deliveries.add([delivery('other', 'mem_2'), delivery('nobody', null)]);

  await deliveries.rewrite('mem_1', 'jifen.member.erased', () => 'of nobody');

  const found = await deliveries.byIds([...own.map(({ id }) => id), 'kept', 'other', 'nobody']);
  const bodies = new Map(found.map(({ id, body, memberId }) => [id, [body, memberId]]));
  expect(own.map(({ id }) => bodies.get(id))).toEqual(own.map(() => ['of nobody', null]));
  expect(bodies.get('kept')).toEqual(['of mem_1', 'mem_1']);
  expect(bodies.get('other')).toEqual(['of mem_2', 'mem_2']);
  expect(bodies.get('nobody')).toEqual(['of null', null]);
});

test('what tells of a member is found in an index that holds nothing but what tells of members', async () => {
  const rows = connection.collection('webhook-deliveries');

  const plan = await rows
    .find({ memberId: { $type: 'string', $eq: 'mem_2' }, eventType: { $ne: 'x' } })
    .explain();

  expect(inspect(plan, { depth: null })).toContain("'deliveries_member'");
});
