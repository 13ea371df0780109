import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection, mongo } from 'mongoose';
import {
  mostWarmLines,
  type SetWarmLinePorts,
  setWarmLine,
} from '../../subgraphs/accounts/statement/set-warm-line.ts';
import {
  createWarmLineStore,
  type WarmLineStore,
} from '../../subgraphs/accounts/statement/warm-line-store.ts';
import { buildIndexes, connectMongo, inTransaction } from '../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';
import { testClock } from '../support/test-clock.ts';

let server: TestMongo;
let connection: Connection;
let store: WarmLineStore;
let ports: SetWarmLinePorts;

beforeAll(async () => {
  server = await startTestMongo();
  connection = await connectMongo(server.uri, server.database('warm-lines'));
  store = createWarmLineStore(connection);
  await buildIndexes(connection);
  ports = {
    lineByRequest: store.byRequest,
    linesInForce: store.inForce,
    latestLine: store.latest,
    insertLine: store.insert,
    inTransaction: (work) => inTransaction(connection, work),
    clock: testClock(),
  };
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

let keys = 0;

/** Sets what a merchant says of a category, the same in both languages; withdraws it for null. */
async function set(merchantId: string, category: string, text: string | null) {
  const texts = text === null ? null : { 'zh-CN': text, en: text };
  const input = { idempotencyKey: `key-${++keys}`, category, texts };
  return (await setWarmLine(`merchant:${merchantId}`, merchantId, input, ports)).kind;
}

/** What is in force of a merchant: category, revision and text. */
const inForce = async (merchantId: string) =>
  (await store.inForce(merchantId)).map(({ category, revision, texts }) => [category, revision, texts.en]);

/** How many documents and keys the server looks at for what the store asks of it. */
async function examined(merchantId: string): Promise<{ documents: number; keys: number }> {
  const sent: mongo.BSON.Document[] = [];
  const listen = ({ commandName, command }: mongo.CommandStartedEvent) => {
    if (commandName === 'find') sent.push(command);
  };
  connection.getClient().on('commandStarted', listen);
  await store.inForce(merchantId);
  connection.getClient().off('commandStarted', listen);
  expect(sent).toHaveLength(1);
  const { find, filter, sort } = sent[0]!;
  const { executionStats } = await connection.db!.command({
    explain: { find, filter, sort },
    verbosity: 'executionStats',
  });
  const { totalDocsExamined, totalKeysExamined } = executionStats;
  return { documents: Number(totalDocsExamined), keys: Number(totalKeysExamined) };
}

/** Makes rows say what those of an earlier release did: nothing of what is past. */
const forgetPast = (merchantId: string) =>
  connection.collection('warm-lines').updateMany({ merchantId }, { $unset: { past: '' } });

test('of many revisions and withdrawn categories what is in force is read, and nothing else', async () => {
  for (let i = 1; i <= 30; i++) await set('m1', 'book', `text ${i}`);
  for (let i = 0; i < 30; i++) for (const text of ['x', null]) await set('m1', `gone-${i}`, text);
  await set('m1', 'tea', 'Hot');

  expect(await inForce('m1')).toEqual([
    ['book', 30, 'text 30'],
    ['tea', 1, 'Hot'],
  ]);
  const { documents, keys: read } = await examined('m1');
  expect(documents).toBe(2);
  // The one after the last may be looked at to see that it is the end.
  expect(read).toBeLessThanOrEqual(3);
  expect(await connection.collection('warm-lines').countDocuments({ merchantId: 'm1' })).toBe(91);
});

test('a category that was withdrawn is said anew under the next revision, and leaves room for another', async () => {
  for (let i = 0; i < mostWarmLines; i++) await set('m2', `c${i}`, 'x');
  expect(await set('m2', 'more', 'x')).toBe('TooManyWarmLines');

  expect(await set('m2', 'c0', null)).toBe('WarmLineSet');
  expect(await set('m2', 'more', 'x')).toBe('WarmLineSet');
  await set('m2', 'c1', null);
  await set('m2', 'c0', 'again');

  expect((await inForce('m2'))[0]).toEqual(['c0', 3, 'again']);
  expect(await store.latest('m2', 'c1')).toMatchObject({ revision: 2, texts: null });
});

test('what an earlier release kept is read as it was, and marked when its category is set again', async () => {
  for (const text of ['a', 'b', 'c']) await set('m3', 'book', text);
  for (const text of ['x', null]) await set('m3', 'gone', text);
  await forgetPast('m3');

  expect(await inForce('m3')).toEqual([['book', 3, 'c']]);
  expect((await examined('m3')).documents).toBe(5);
  await set('m3', 'book', 'd');
  await set('m3', 'gone', null);

  expect(await inForce('m3')).toEqual([['book', 4, 'd']]);
  expect((await examined('m3')).documents).toBe(1);
});

test('of many who set a category at once each has its revision, and the latest alone is in force', async () => {
  const texts = Array.from({ length: 6 }, (_, i) => `text ${i}`);

  expect(await Promise.all(texts.map((text) => set('m4', 'book', text)))).toEqual(
    texts.map(() => 'WarmLineSet'),
  );

  expect(await inForce('m4')).toEqual([['book', 6, expect.stringContaining('text')]]);
  expect((await examined('m4')).documents).toBe(1);
});

test('of a set that fails half way nothing is left: what it was to replace is in force', async () => {
  await set('m5', 'book', 'kept');
  const failing: SetWarmLinePorts = {
    ...ports,
    insertLine: async (line, request) => {
      await store.insert(line, request);
      throw new Error('the process died');
    },
  };
  const input = { idempotencyKey: 'half', category: 'book', texts: null };

  await expect(setWarmLine('merchant:m5', 'm5', input, failing)).rejects.toThrow('the process died');

  expect(await inForce('m5')).toEqual([['book', 1, 'kept']]);
});
