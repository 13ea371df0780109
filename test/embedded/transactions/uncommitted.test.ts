import { expect, test } from '@jest/globals';
import { type Document, Int32 } from 'bson';
import { addIndex } from '../../../embedded-mongodb/storage/index-building.ts';
import { defineIndex } from '../../../embedded-mongodb/storage/index-definition.ts';
import { memoryJournal } from '../../../embedded-mongodb/storage/journal.ts';
import { documentOf } from '../../../embedded-mongodb/storage/record.ts';
import {
  dropCollection,
  emptyStore,
  ensureCollection,
  releaseSnapshot,
  type Snapshot,
  type Store,
  takeSnapshot,
  treesAt,
} from '../../../embedded-mongodb/storage/store.ts';
import { readView } from '../../../embedded-mongodb/transactions/read-view.ts';
import {
  abortTransaction,
  beginTransaction,
  commitTransaction,
  type Transaction,
  takenName,
} from '../../../embedded-mongodb/transactions/transaction.ts';
import {
  checkNewIndexesIn,
  collectionIn,
  createIn,
} from '../../../embedded-mongodb/transactions/uncommitted.ts';
import { insertDocument } from '../../../embedded-mongodb/transactions/writer.ts';
import { fc } from '../../support/properties.ts';

const names = ['t.a', 't.b'] as const;
const step = fc.record({
  /** 0 writes outside transactions, the other two each in one of their own. */
  writer: fc.integer({ min: 0, max: 2 }),
  act: fc.constantFrom(
    'insert',
    'insert',
    'insert',
    'index',
    'commit',
    'commit',
    'abort',
    'look',
    'drop',
    'drop',
    'drop',
  ),
  ns: fc.constantFrom(...names),
});

type Content = Record<string, number[]>;
const inOrder = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b);
const idsOf = (documents: Iterable<Document>): number[] =>
  inOrder([...documents].map(({ _id }) => Number(_id)));

/** The `_id`s of each collection that there is. */
function contentOf(snapshot: Snapshot): Content {
  const entries = [...snapshot.catalog].map(([ns, collection]): [string, number[]] => [
    ns,
    idsOf([...treesAt(snapshot, collection).records.values()].map(documentOf)),
  ]);
  return Object.fromEntries(entries);
}

/** Does something in a transaction; says whether it may go on. */
function attempt(store: Store, transaction: Transaction, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (![112, 263].includes((error as { code?: number }).code ?? 0)) throw error;
    abortTransaction(store, transaction);
    return false;
  }
}

interface Open {
  readonly transaction: Transaction;
  /** What it should see. */
  readonly sees: Content;
  readonly wrote: [ns: string, id: number][];
}

test('however transactions create collections, each sees its own and all see what was committed, in one piece', () => {
  const seen = { created: 0, taken: 0, indexed: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 15, maxLength: 50 }), (steps) => {
      const store = emptyStore(memoryJournal());
      const committed: Content = {};
      const open = new Map<number, Open>();
      const looks: { snapshot: Snapshot; content: Content }[] = [];
      let made = 0;
      for (const { writer, act, ns } of steps) {
        if (act === 'look')
          looks.push({ snapshot: takeSnapshot(store), content: structuredClone(committed) });
        if (writer === 0) {
          if (act === 'insert') {
            const doc = { _id: new Int32(++made) };
            const target = ensureCollection(store, ns);
            insertDocument({ store, transaction: undefined }, target, doc);
            committed[ns] = [...(committed[ns] ?? []), made];
          } else if (act === 'drop') {
            const target = store.catalog.get(ns);
            // The command waits for those that have written to the collection.
            if (target === undefined || target.locks.size > 0) continue;
            dropCollection(store, target);
            delete committed[ns];
          }
          continue;
        }
        const began = { transaction: beginTransaction(store), sees: structuredClone(committed), wrote: [] };
        const mine: Open = open.get(writer) ?? began;
        if (mine !== began) abortTransaction(store, began.transaction);
        open.set(writer, mine);
        const { transaction, sees, wrote } = mine;
        const end = (): void => void open.delete(writer);
        if (act === 'insert') {
          const inserted = attempt(store, transaction, () => {
            const known = collectionIn(store, transaction, ns);
            const target = known ?? createIn(store, transaction, ns);
            if (known === undefined) seen.created++;
            insertDocument({ store, transaction }, target, { _id: new Int32(++made) });
            sees[ns] = [...(sees[ns] ?? []), made];
            wrote.push([ns, made]);
          });
          if (!inserted) end();
        } else if (act === 'index') {
          const indexed = attempt(store, transaction, () => {
            const target = collectionIn(store, transaction, ns) ?? createIn(store, transaction, ns);
            checkNewIndexesIn(transaction, target);
            addIndex(store, target, defineIndex({ key: { _id: -1 }, name: `i${++made}` }));
            sees[ns] = [];
            seen.indexed++;
          });
          if (!indexed) end();
        } else if (act === 'abort') {
          abortTransaction(store, transaction);
          end();
        } else if (act === 'commit') {
          if (takenName(store, transaction) === undefined) {
            const createdNames = [...transaction.created.keys()];
            commitTransaction(store, transaction);
            for (const name of createdNames) committed[name] ??= [];
            for (const [name, id] of wrote) committed[name] = [...(committed[name] ?? []), id];
          } else {
            seen.taken++;
            abortTransaction(store, transaction);
          }
          end();
        }
        if (open.has(writer)) {
          const view = readView(store, transaction);
          for (const name of names) {
            const trees = view.trees(name);
            expect(trees && idsOf([...trees.records.values()].map(documentOf))).toEqual(
              sees[name] && inOrder(sees[name]),
            );
          }
        }
      }
      for (const { transaction } of open.values()) abortTransaction(store, transaction);

      const last = { snapshot: takeSnapshot(store), content: committed };
      for (const { snapshot, content } of [...looks, last]) {
        const expected = Object.entries(content).map(([ns, ids]) => [ns, inOrder(ids)]);
        expect(contentOf(snapshot)).toEqual(Object.fromEntries(expected));
        releaseSnapshot(store, snapshot);
      }
      for (const { trees, locks } of store.catalog.values()) {
        for (const { entries } of trees.indexes) expect(entries.size).toBe(trees.records.size);
        expect(locks.size).toBe(0);
      }
      expect(store.snapshots.size).toBe(0);
    }),
    { numRuns: 400 },
  );
  expect(Math.min(seen.created, seen.taken, seen.indexed)).toBeGreaterThan(50);
});
