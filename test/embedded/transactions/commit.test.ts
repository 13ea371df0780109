import { expect, test } from '@jest/globals';
import { type Document, Int32 } from 'bson';
import type { Collection, Trees } from '../../../embedded-mongodb/storage/collection.ts';
import { addIndex } from '../../../embedded-mongodb/storage/index-building.ts';
import { defineIndex } from '../../../embedded-mongodb/storage/index-definition.ts';
import { memoryJournal } from '../../../embedded-mongodb/storage/journal.ts';
import { documentOf } from '../../../embedded-mongodb/storage/record.ts';
import {
  createCollection,
  emptyStore,
  releaseSnapshot,
  type Snapshot,
  type Store,
  takeSnapshot,
  treesAt,
} from '../../../embedded-mongodb/storage/store.ts';
import {
  abortTransaction,
  beginTransaction,
  commitTransaction,
  type Transaction,
} from '../../../embedded-mongodb/transactions/transaction.ts';
import {
  Blocked,
  insertDocument,
  removeDocument,
  replaceDocument,
  treesFor,
} from '../../../embedded-mongodb/transactions/writer.ts';
import { fc } from '../../support/properties.ts';

const writers = 3;
const step = fc.record({
  /** 0 writes outside transactions, the others each in one of their own. */
  writer: fc.integer({ min: 0, max: writers }),
  act: fc.constantFrom(
    'insert',
    'replace',
    'replace',
    'remove',
    'commit',
    'commit',
    'abort',
    'look',
    'index',
  ),
  pick: fc.nat({ max: 7 }),
  value: fc.nat({ max: 5 }),
});

const indexes = [
  { key: { unique: 1 }, name: 'unique', unique: true },
  { key: { tags: 1, value: -1 }, name: 'tags' },
];

function newCollection(store: Store, specs: readonly Document[]): Collection {
  const collection = createCollection(store, 't.c');
  for (const spec of specs) addIndex(store, collection, defineIndex(spec));
  return collection;
}

const content = (trees: Trees): Document[] => [...trees.records.values()].map(documentOf);

/** Says whether it was done: what meets a lock, a conflict or a taken key changes nothing. */
function attempt(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    const { code } = error as { code?: number };
    if (error instanceof Blocked || code === 112 || code === 11000) return false;
    throw error;
  }
}

test('however transactions and plain writes interleave, indexes equal data and snapshots stand still', () => {
  let adopted = 0;
  let merged = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const store = emptyStore(memoryJournal());
      const collection = newCollection(store, indexes.slice(0, 1));
      const open = new Map<number, Transaction>();
      const looks: { snapshot: Snapshot; seen: Document[] }[] = [];
      let made = 0;
      for (const { writer, act, pick, value } of steps) {
        const transaction = writer === 0 ? undefined : (open.get(writer) ?? beginTransaction(store));
        if (transaction) open.set(writer, transaction);
        const target = { store, transaction };
        const records = [...treesFor(target, collection).records.values()];
        const record = records[pick % Math.max(1, records.length)];
        const doc = (_id: Int32) => ({
          _id,
          unique: new Int32(value),
          tags: ['a', `t${value}`],
          value: pick,
        });
        if (act === 'look') {
          const snapshot = takeSnapshot(store);
          looks.push({ snapshot, seen: content(treesAt(snapshot, collection)) });
        } else if (act === 'index') {
          if (collection.locks.size === 0 && collection.trees.indexes.length === 2)
            addIndex(store, collection, defineIndex(indexes[1]!));
        } else if (act === 'commit' && transaction) {
          const untouched = treesAt(transaction.snapshot, collection) === collection.trees;
          if (transaction.own.has(collection) && untouched) adopted++;
          else if (transaction.own.has(collection)) merged++;
          commitTransaction(store, transaction);
          open.delete(writer);
        } else if (act === 'abort' && transaction) {
          abortTransaction(store, transaction);
          open.delete(writer);
        } else if (act === 'insert')
          attempt(() => insertDocument(target, collection, doc(new Int32(made++))));
        else if (act === 'replace' && record)
          attempt(() => replaceDocument(target, collection, record, doc(documentOf(record)['_id'])));
        else if (act === 'remove' && record) attempt(() => removeDocument(target, collection, record));
      }
      for (const transaction of open.values()) abortTransaction(store, transaction);

      for (const { snapshot, seen } of looks) {
        expect(content(treesAt(snapshot, collection))).toEqual(seen);
        releaseSnapshot(store, snapshot);
      }
      const specs = collection.trees.indexes.slice(1).map((index) => index.definition.spec);
      const again = emptyStore(memoryJournal());
      const copy = newCollection(again, specs);
      for (const record of collection.trees.records.values()) {
        copy.nextRid = record.rid;
        insertDocument({ store: again, transaction: undefined }, copy, documentOf(record));
      }
      collection.trees.indexes.forEach((index, i) => {
        expect(index.entries.toArray()).toEqual(copy.trees.indexes[i]!.entries.toArray());
      });
      expect(collection.locks.size).toBe(0);
    }),
    { numRuns: 1_000 },
  );
  expect(adopted).toBeGreaterThan(50);
  expect(merged).toBeGreaterThan(50);
});
