import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Document, EJSON, Int32 } from 'bson';
import { addIndex } from '../../../embedded-mongodb/storage/index-building.ts';
import { defineIndex } from '../../../embedded-mongodb/storage/index-definition.ts';
import { openStore, type StoreHooks } from '../../../embedded-mongodb/storage/open-store.ts';
import { documentOf } from '../../../embedded-mongodb/storage/record.ts';
import {
  createCollection,
  dropCollection,
  journalCollection,
  renameCollection,
  type Store,
} from '../../../embedded-mongodb/storage/store.ts';
import {
  insertDocument,
  removeDocument,
  replaceDocument,
} from '../../../embedded-mongodb/transactions/writer.ts';
import { fc } from '../../support/properties.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function hooks(sessions: Map<string, string> = new Map()): StoreHooks {
  return {
    session: (id, state) => {
      if (state) sessions.set(id, Buffer.from(state).toString());
      else sessions.delete(id);
    },
    failed: (error) => {
      throw error;
    },
    warn: (message) => {
      throw new Error(message);
    },
  };
}

/** All that a store holds, in a form that can be compared. */
function contentOf(store: Store): string {
  const content = [...store.catalog.values()]
    .map((collection) => ({
      ns: collection.ns,
      indexes: collection.trees.indexes.map((index) => index.definition.spec),
      entries: collection.trees.indexes.map((index) => index.entries.toArray()),
      documents: [...collection.trees.records.values()].map((record) => [record.rid, documentOf(record)]),
    }))
    .sort((a, b) => (a.ns < b.ns ? -1 : 1));
  return EJSON.stringify(content);
}

/** What a folder holds, when a server opens it after a crash at this moment. */
async function afterCrash(sessions: Map<string, string>): Promise<string> {
  const copy = join(folder, 'copy');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy);
  for (const name of ['data.log', 'data.log.new'])
    if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(copy, name));
  const store = await openStore(copy, hooks(sessions));
  const content = contentOf(store);
  await store.journal.close();
  return content;
}

const step = fc.record({
  act: fc.constantFrom(
    'insert',
    'insert',
    'insert',
    'replace',
    'replace',
    'remove',
    'index',
    'rename',
    'drop',
    'session',
  ),
  pick: fc.nat({ max: 9 }),
  value: fc.nat({ max: 999 }),
});
type Step = Parameters<Parameters<typeof fc.property<[{ act: string; pick: number; value: number }]>>[1]>[0];

function apply(store: Store, { act, pick, value }: Step, made: number): void {
  const writer = { store, transaction: undefined };
  const ns = `t.c${pick % 2}`;
  const collection = store.catalog.get(ns) ?? createCollection(store, ns);
  const records = [...collection.trees.records.values()];
  const record = records[pick % Math.max(1, records.length)];
  const doc = (_id: unknown): Document => ({ _id, n: new Int32(value), pad: 'x'.repeat(value) });
  if (act === 'insert') insertDocument(writer, collection, doc(new Int32(made)));
  else if (act === 'replace' && record)
    replaceDocument(writer, collection, record, doc(documentOf(record)['_id']));
  else if (act === 'remove' && record) removeDocument(writer, collection, record);
  else if (act === 'index' && collection.trees.indexes.length === 1) {
    addIndex(store, collection, defineIndex({ key: { n: 1 }, name: 'n' }));
    journalCollection(store, collection);
  } else if (act === 'rename' && value > 700) {
    const target = store.catalog.get('t.c0');
    if (collection.ns === 't.c1' && target) dropCollection(store, target);
    if (collection.ns === 't.c1') renameCollection(store, collection, 't.c0');
  } else if (act === 'drop' && value > 800) dropCollection(store, collection);
  else if (act === 'session') {
    const state = value > 300 ? Buffer.from(`state ${value}`) : undefined;
    store.journal.putSession(`s${pick}`, state);
  }
}

test.each([
  ['never written anew', 1e9],
  ['written anew all the time', 500],
])('whatever is done, a journal %s gives after a crash exactly what was flushed', async (_, slack) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      rmSync(join(folder, 'data.log'), { force: true });
      const kept = new Map<string, string>();
      const store = await openStore(folder, hooks(), slack);
      for (const [i, one] of steps.entries()) {
        apply(store, one, i);
        if (one.act === 'session' && one.value > 300) kept.set(`s${one.pick}`, `state ${one.value}`);
        else if (one.act === 'session') kept.delete(`s${one.pick}`);
        if (i % 5 === 0) await store.journal.flushed();
        if (i % 20 === 19) {
          await store.journal.flushed();
          const sessions = new Map<string, string>();
          expect(await afterCrash(sessions)).toEqual(contentOf(store));
          expect(sessions).toEqual(kept);
        }
      }
      const before = contentOf(store);
      await store.journal.close();
      const again = await openStore(folder, hooks(), slack);
      expect(contentOf(again)).toEqual(before);
      await again.journal.close();
    }),
    { numRuns: 40 },
  );
});

test('a journal that has outgrown its content is written anew, and stays small however often one document changes', async () => {
  const store = await openStore(folder, hooks(), 20_000);
  const collection = createCollection(store, 't.c');
  const writer = { store, transaction: undefined };
  let record = insertDocument(writer, collection, { _id: new Int32(1), n: new Int32(0) });
  store.journal.putSession('kept', Buffer.from('its state'));
  store.journal.putSession('forgotten', Buffer.from('its state'));
  store.journal.putSession('forgotten', undefined);
  let largest = 0;
  for (let i = 0; i < 2_000; i++) {
    record = replaceDocument(writer, collection, record, {
      _id: new Int32(1),
      n: new Int32(i),
      pad: 'x'.repeat(200),
    });
    await store.journal.flushed();
    largest = Math.max(largest, statSync(join(folder, 'data.log')).size);
  }
  const before = contentOf(store);
  await store.journal.close();

  expect(largest).toBeGreaterThan(20_000);
  expect(largest).toBeLessThan(100_000);
  expect(existsSync(join(folder, 'data.log.new'))).toBe(false);
  const sessions = new Map<string, string>();
  const again = await openStore(folder, hooks(sessions));
  expect(contentOf(again)).toEqual(before);
  expect([...sessions]).toEqual([['kept', 'its state']]);
  await again.journal.close();
});
