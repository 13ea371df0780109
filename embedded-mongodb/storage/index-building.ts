import type { Document } from 'bson';
import { type Collection, emptyIndex, entryOf, type IndexTree } from './collection.ts';
import { duplicateKey } from './duplicate-key.ts';
import type { IndexDefinition } from './index-definition.ts';
import { keysOf } from './index-keys.ts';
import type { IndexKey } from './key-encoding.ts';
import { documentOf, type StoredRecord } from './record.ts';
import { beforeWrite, type Store } from './store.ts';

/** Builds an index over a collection's content. Fails with 11000 and adds nothing when a unique one cannot be. */
export function addIndex(store: Store, collection: Collection, definition: IndexDefinition): void {
  const index = emptyIndex(definition);
  for (const record of collection.trees.records.values()) indexRecord(collection.ns, index, record);
  beforeWrite(store, collection);
  collection.trees = { ...collection.trees, indexes: [...collection.trees.indexes, index] };
  collection.indexVersion++;
}

/** The entries of a document in an index being built, whose multikey marks are brought up to date. */
export function entriesFor(index: IndexTree, doc: Document, rid: number): IndexKey[] {
  const { keys, multikey } = keysOf(index.definition, doc);
  if (multikey.includes(true)) index.multikey = index.multikey.map((was, i) => was || multikey[i] === true);
  return keys.map((key) => entryOf(index, key, rid));
}

/** Puts one record's keys into an index being built. */
function indexRecord(ns: string, index: IndexTree, record: StoredRecord): void {
  const doc = documentOf(record);
  for (const entry of entriesFor(index, doc, record.rid)) {
    if (!index.entries.setIfNotPresent(entry, record.rid) && index.entries.get(entry) !== record.rid) {
      throw duplicateKey(ns, index.definition, doc, entry);
    }
  }
}

/** Removes indexes by name. */
export function removeIndexes(store: Store, collection: Collection, names: ReadonlySet<string>): void {
  beforeWrite(store, collection);
  const indexes = collection.trees.indexes.filter((index) => !names.has(index.definition.name));
  collection.trees = { ...collection.trees, indexes };
  collection.indexVersion++;
}

/** Puts another definition in the place of an index's, keeping its entries. */
export function redefineIndex(
  store: Store,
  collection: Collection,
  index: IndexTree,
  definition: IndexDefinition,
): void {
  beforeWrite(store, collection);
  const name = index.definition.name;
  const indexes = collection.trees.indexes.map((tree) =>
    tree.definition.name === name ? { ...tree, definition } : tree,
  );
  collection.trees = { ...collection.trees, indexes };
  collection.indexVersion++;
}
