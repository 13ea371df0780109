import { type Collection, emptyIndex } from './collection.ts';
import { damaged } from './data-folder.ts';
import { entriesFor } from './index-building.ts';
import { defineIndex } from './index-definition.ts';
import { type CollectionMeta, memoryJournal } from './journal.ts';
import type { IndexKey } from './key-encoding.ts';
import { openJournal } from './lmdb-journal.ts';
import { decodeDocument, type StoredRecord } from './record.ts';
import { emptyStore, newCollection, type Store } from './store.ts';

/**
 * A store over a folder, with what the folder holds, or in memory. `onSession` gets the sessions whose last commit
 * the journal kept.
 */
export async function openStore(
  folder: string | undefined,
  onSession: (id: string, state: Uint8Array) => void,
  onFailure: (error: unknown) => void,
): Promise<Store> {
  if (folder === undefined) return emptyStore(memoryJournal());
  const catalog = new Map<string, Collection>();
  const byId = new Map<number, Collection>();
  const content = {
    collection: (meta: CollectionMeta): void => {
      const collection = restoredCollection(meta);
      byId.set(meta.id, collection);
      catalog.set(meta.ns, collection);
    },
    record: (id: number, rid: number, raw: Uint8Array): void => {
      const collection = byId.get(id);
      if (collection === undefined) throw damaged(folder, 'a document belongs to no collection');
      restoreRecord(collection, { rid, raw: Buffer.from(raw), doc: undefined });
    },
    session: onSession,
  };
  const journal = await openJournal(folder, content, onFailure);
  for (const collection of byId.values()) restoreIndexes(collection);
  const nextCollectionId = Math.max(0, ...byId.keys()) + 1;
  return { ...emptyStore(journal), catalog, nextCollectionId };
}

function restoredCollection(meta: CollectionMeta): Collection {
  const collection = newCollection(meta.id, meta.ns, meta.options, meta.uuid);
  const indexes = meta.indexes.map((spec) => emptyIndex(defineIndex(spec)));
  collection.trees = { ...collection.trees, indexes };
  return collection;
}

function restoreRecord(collection: Collection, record: StoredRecord): void {
  collection.trees.records.set(record.rid, record);
  collection.nextRid = record.rid + 1;
}

/**
 * Fills the indexes of all collections. In order of their keys, because a tree that only grows at its end is built
 * several times faster; and from one decoding of each document.
 */
function restoreIndexes(collection: Collection): void {
  const { records, indexes } = collection.trees;
  const entries: [IndexKey, number][][] = indexes.map(() => []);
  for (const record of records.values()) {
    const doc = decodeDocument(record.raw);
    indexes.forEach((index, i) => {
      for (const entry of entriesFor(index, doc, record.rid)) entries[i]!.push([entry, record.rid]);
    });
  }
  indexes.forEach((index, i) => {
    for (const [entry, rid] of entries[i]!.sort(byKey)) index.entries.set(entry, rid);
  });
}

const byKey = (a: [IndexKey, number], b: [IndexKey, number]): number =>
  a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
