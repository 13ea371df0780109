import type { Collection } from './collection.ts';
import { damaged } from './data-folder.ts';
import { buildIndexes } from './index-building.ts';
import { defineIndex } from './index-definition.ts';
import { type CollectionMeta, memoryJournal } from './journal.ts';
import type { Content } from './log-compaction.ts';
import { collectionEntry, recordEntry } from './log-entries.ts';
import { type JournalOwner, openJournal } from './log-journal.ts';
import type { StoredRecord } from './record.ts';
import { numberOrder, treeOf } from './sorted-tree.ts';
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
      const collection = restoredCollection(each, folder);
      if (catalog.has(collection.ns)) throw damaged(folder, `it holds two collections '${collection.ns}'`);
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

function restoredCollection({ meta, records: bodies }: Restored, folder: string): Collection {
  const collection = newCollection(meta.id, meta.ns, meta.options, meta.uuid);
  const rids = [...bodies.keys()].sort(numberOrder);
  const restored = rids.map((rid): StoredRecord => ({ rid, raw: bodies.get(rid) as Buffer, doc: undefined }));
  const records = treeOf(rids, restored, numberOrder);
  const indexes = buildIndexes(meta.indexes.map(defineIndex), records, ({ name }) =>
    damaged(folder, `two documents share a key of the unique index ${name}`),
  );
  collection.trees = { records, indexes };
  collection.nextRid = (rids.at(-1) ?? 0) + 1;
  return collection;
}
