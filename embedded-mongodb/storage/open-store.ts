import { type Collection, emptyIndex } from './collection.ts';
import { damaged } from './data-folder.ts';
import { entriesFor } from './index-building.ts';
import { defineIndex } from './index-definition.ts';
import { type CollectionMeta, memoryJournal } from './journal.ts';
import type { IndexKey } from './key-encoding.ts';
import type { Content } from './log-compaction.ts';
import { collectionEntry, recordEntry } from './log-entries.ts';
import { type JournalOwner, openJournal } from './log-journal.ts';
import { decodeDocument, type StoredRecord } from './record.ts';
import {
  collectionMeta,
  emptyStore,
  newCollection,
  releaseSnapshot,
  type Store,
  takeSnapshot,
  treesAt,
} from './store.ts';

/** What whoever opens a store is told of. */
export interface StoreHooks {
  /** A session that the journal kept, or undefined when a later entry takes it back. */
  session(id: string, state: Uint8Array | undefined): void;
  /** The journal cannot be written: nothing more may be acknowledged or read. */
  failed(error: unknown): void;
  warn(message: string): void;
}

/** A collection while the journal is read: its documents are still bare bytes. */
interface Restored {
  meta: CollectionMeta;
  readonly records: Map<number, Buffer>;
}

/** A store over a folder, with what the folder holds, or in memory. */
export async function openStore(
  folder: string | undefined,
  hooks: StoreHooks,
  slack?: number,
): Promise<Store> {
  if (folder === undefined) return emptyStore(memoryJournal());
  const restored = new Map<number, Restored>();
  let store: Store | undefined;
  const owner = {
    ...hooks,
    ...readerInto(restored),
    content: () => contentOf(store as Store),
    bytes: () => bytesOf(restored),
  };
  const journal = await openJournal(folder, owner, slack);
  try {
    const catalog = new Map<string, Collection>();
    for (const each of restored.values()) {
      const collection = restoredCollection(each);
      if (catalog.has(collection.ns)) throw damaged(folder, `it holds two collections '${collection.ns}'`);
      restoreIndexes(collection, folder);
      catalog.set(collection.ns, collection);
    }
    const nextCollectionId = Math.max(0, ...restored.keys()) + 1;
    store = { ...emptyStore(journal), catalog, nextCollectionId };
    return store;
  } catch (error) {
    await journal.close();
    throw error;
  }
}

function readerInto(restored: Map<number, Restored>): Pick<JournalOwner, 'collection' | 'record'> {
  return {
    collection: (id, meta) => {
      const known = restored.get(id);
      if (meta === undefined) restored.delete(id);
      else if (known) known.meta = meta;
      else restored.set(id, { meta, records: new Map() });
    },
    record: (id, rid, raw) => {
      const collection = restored.get(id);
      if (collection === undefined) throw new Error('a document belongs to no collection');
      if (raw) collection.records.set(rid, raw);
      else collection.records.delete(rid);
    },
  };
}

function bytesOf(restored: ReadonlyMap<number, Restored>): number {
  let bytes = 0;
  for (const { records } of restored.values()) for (const raw of records.values()) bytes += raw.length;
  return bytes;
}

/** The store as it is now, for as long as the reading takes. */
function contentOf(store: Store): Content {
  const snapshot = takeSnapshot(store);
  return {
    entries: function* entries() {
      for (const collection of snapshot.catalog.values()) {
        const trees = treesAt(snapshot, collection);
        yield collectionEntry(collection.id, collectionMeta(collection, trees));
        for (const record of trees.records.values()) yield recordEntry(collection.id, record.rid, record.raw);
      }
    },
    release: () => releaseSnapshot(store, snapshot),
  };
}

function restoredCollection({ meta, records }: Restored): Collection {
  const collection = newCollection(meta.id, meta.ns, meta.options, meta.uuid);
  const indexes = meta.indexes.map((spec) => emptyIndex(defineIndex(spec)));
  collection.trees = { ...collection.trees, indexes };
  // A tree that only grows at its end is built several times faster.
  for (const rid of [...records.keys()].sort((a, b) => a - b)) {
    const record: StoredRecord = { rid, raw: records.get(rid) as Buffer, doc: undefined };
    collection.trees.records.set(rid, record);
    collection.nextRid = rid + 1;
  }
  return collection;
}

/**
 * Fills the indexes of all collections. In order of their keys, because a tree that only grows at its end is built
 * several times faster; and from one decoding of each document.
 */
function restoreIndexes(collection: Collection, folder: string): void {
  const { records, indexes } = collection.trees;
  const entries: [IndexKey, number][][] = indexes.map(() => []);
  for (const record of records.values()) {
    const doc = decodeDocument(record.raw);
    indexes.forEach((index, i) => {
      for (const entry of entriesFor(index, doc, record.rid)) entries[i]!.push([entry, record.rid]);
    });
  }
  indexes.forEach((index, i) => {
    for (const [entry, rid] of entries[i]!.sort(byKey)) {
      if (!index.entries.setIfNotPresent(entry, rid))
        throw damaged(folder, `two documents share a key of the unique index ${index.definition.name}`);
    }
  });
}

const byKey = (a: [IndexKey, number], b: [IndexKey, number]): number =>
  a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
