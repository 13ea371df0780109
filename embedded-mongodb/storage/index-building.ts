import type { Document } from 'bson';
import { readFields } from '../bson/read-fields.ts';
import { type Collection, entryOf, fieldsOf, type IndexTree, type Trees } from './collection.ts';
import { duplicateKey } from './duplicate-key.ts';
import type { IndexDefinition } from './index-definition.ts';
import { keysOf } from './index-keys.ts';
import type { IndexKey } from './key-encoding.ts';
import { decodeDocument, documentOf, type StoredRecord } from './record.ts';
import { textOrder, treeOf } from './sorted-tree.ts';
import { beforeWrite, type Store } from './store.ts';

/** The error for a second document under a key of a unique index. */
export type OnDuplicate = (definition: IndexDefinition, key: IndexKey, record: StoredRecord) => Error;

/** Builds an index over a collection's content. Fails with 11000 and adds nothing when a unique one cannot be. */
export function addIndex(store: Store, collection: Collection, definition: IndexDefinition): void {
  const { records } = collection.trees;
  const indexes = buildIndexes([definition], records, (_, key, record) =>
    duplicateKey(collection.ns, definition, documentOf(record), key),
  );
  beforeWrite(store, collection);
  collection.trees = { ...collection.trees, indexes: [...collection.trees.indexes, ...indexes] };
  collection.indexVersion++;
}

/**
 * Builds indexes over records, all of them in one go: a tree that is made of sorted keys is made several times faster
 * than one that they are put into, and of each document only what the indexes read is decoded.
 */
export function buildIndexes(
  definitions: readonly IndexDefinition[],
  records: Trees['records'],
  onDuplicate: OnDuplicate,
): IndexTree[] {
  const names = fieldsOf(definitions);
  const builds = definitions.map(
    (definition): Build => ({ definition, entries: [], rids: [], multikey: new Set() }),
  );
  for (const { rid, raw, doc } of records.values()) {
    const read = doc ?? (names && readFields(raw as Buffer, names)) ?? decodeDocument(raw);
    for (const build of builds) addEntries(build, read, rid);
  }
  return builds.map((build) => finish(build, records, onDuplicate));
}

interface Build {
  readonly definition: IndexDefinition;
  readonly entries: IndexKey[];
  /** The record of each entry. */
  readonly rids: number[];
  /** Positions of the index's fields on which an array was spread out. */
  readonly multikey: Set<number>;
}

function addEntries({ definition, entries, rids, multikey }: Build, doc: Document, rid: number): void {
  const found = keysOf(definition, doc);
  for (const [i, spread] of found.multikey.entries()) if (spread) multikey.add(i);
  for (const key of found.keys) {
    entries.push(entryOf(definition, key, rid));
    rids.push(rid);
  }
}

function finish(
  { definition, ...build }: Build,
  records: Trees['records'],
  onDuplicate: OnDuplicate,
): IndexTree {
  const { entries, rids } = isSorted(build.entries) ? build : sorted(build);
  const second = entries.findIndex((entry, i) => i > 0 && entry === entries[i - 1]);
  if (second >= 0)
    throw onDuplicate(definition, entries[second]!, records.get(rids[second]!) as StoredRecord);
  return {
    definition,
    entries: treeOf(entries, rids, textOrder),
    multikey: definition.fields.map((_, i) => build.multikey.has(i)),
  };
}

const isSorted = (entries: readonly IndexKey[]): boolean =>
  entries.every((entry, i) => i === 0 || entries[i - 1]! <= entry);

function sorted({ entries, rids }: Omit<Build, 'definition'>): Pick<Build, 'entries' | 'rids'> {
  const order = entries.map((_, i) => i).sort((a, b) => textOrder(entries[a]!, entries[b]!));
  return { entries: order.map((i) => entries[i]!), rids: order.map((i) => rids[i]!) };
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
