import type { Document } from 'bson';
import { defineIndex, ID_INDEX, type IndexDefinition } from './index-definition.ts';
import { keysOf } from './index-keys.ts';
import type { IndexKey } from './key-encoding.ts';
import { documentOf, type StoredRecord } from './record.ts';
import { emptyTree, numberOrder, type SortedTree, textOrder } from './sorted-tree.ts';

/** One index of one version of a collection. */
export interface IndexTree {
  readonly definition: IndexDefinition;
  /** Entry → record id. Entries of a non-unique index end in the record id, so that each is its own. */
  readonly entries: SortedTree<IndexKey, number>;
  /** Whether any document ever spread an array, field by field; only ever turns true. */
  multikey: readonly boolean[];
}

/** One version of a collection's content. `cloneTrees` copies it in constant time. */
export interface Trees {
  readonly records: SortedTree<number, StoredRecord>;
  readonly indexes: readonly IndexTree[];
}

/** The content of a new collection: nothing, indexed by `_id`. */
export function emptyTrees(idIndex: Document = ID_INDEX): Trees {
  return { records: emptyTree(numberOrder), indexes: [emptyIndex(defineIndex(idIndex))] };
}

/** An index over nothing. */
export function emptyIndex(definition: IndexDefinition): IndexTree {
  return {
    definition,
    entries: emptyTree(textOrder),
    multikey: definition.fields.map(() => false),
  };
}

/** A copy that shares all nodes until either side is written. */
export function cloneTrees(trees: Trees): Trees {
  return {
    records: trees.records.clone(),
    indexes: trees.indexes.map((index) => ({ ...index, entries: index.entries.clone() })),
  };
}

/** Whether two versions of a collection's content have the same indexes, in the same places. */
export function sameIndexes(a: Trees, b: Trees): boolean {
  if (a === b) return true;
  return (
    a.indexes.length === b.indexes.length &&
    a.indexes.every((index, i) => index.definition === b.indexes[i]!.definition)
  );
}

/** The entry for a key: the key itself when it identifies the record, else the key and the record id. */
export function entryOf({ unique }: IndexDefinition, key: IndexKey, rid: number): IndexKey {
  return unique ? key : key + ridSuffix(rid);
}

function ridSuffix(rid: number): string {
  const high = Math.floor(rid / 0x1000000);
  const low = rid % 0x1000000;
  return String.fromCharCode(
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}

/** What a change of one record does to one index. */
export interface IndexChange {
  readonly index: number;
  readonly removed: readonly IndexKey[];
  readonly added: readonly IndexKey[];
  readonly multikey: readonly boolean[];
}

/**
 * What replacing `before` with `after` does to every index; either may be undefined. `read` is what of the new document
 * the indexes read, for one that is not decoded.
 */
export function indexChanges(
  trees: Trees,
  before: StoredRecord | undefined,
  after: StoredRecord | undefined,
  read?: Document,
): IndexChange[] {
  const changes: IndexChange[] = [];
  const old = before && documentOf(before);
  const next = read ?? (after && documentOf(after));
  trees.indexes.forEach((tree, index) => {
    if (old && next && sameFields(tree.definition, old, next)) return;
    const was = old ? keysOf(tree.definition, old).keys : [];
    const is = next ? keysOf(tree.definition, next) : { keys: [], multikey: [] };
    const removed = was.filter((key) => !is.keys.includes(key));
    const added = is.keys.filter((key) => !was.includes(key));
    if (removed.length > 0 || added.length > 0)
      changes.push({ index, removed, added, multikey: is.multikey });
  });
  return changes;
}

/** Updates share what they do not change, so identity of the fields an index reads proves its keys unchanged. */
function sameFields(definition: IndexDefinition, old: Document, next: Document): boolean {
  return (
    definition.partial === undefined && definition.fields.every((f) => old[f.parts[0]!] === next[f.parts[0]!])
  );
}

interface FieldsRead {
  readonly version: number;
  readonly names: readonly Buffer[] | undefined;
}

const fieldsRead = new WeakMap<Collection, FieldsRead>();

/** The names, in UTF-8, of the top-level fields that a collection's indexes read; undefined if that cannot be told. */
export function indexedFields(collection: Collection): readonly Buffer[] | undefined {
  const known = fieldsRead.get(collection);
  if (known?.version === collection.indexVersion) return known.names;
  const names = fieldsOf(collection.trees.indexes.map((index) => index.definition));
  fieldsRead.set(collection, { version: collection.indexVersion, names });
  return names;
}

/** The names, in UTF-8, of the top-level fields that indexes read; undefined if that cannot be told. */
export function fieldsOf(definitions: readonly IndexDefinition[]): readonly Buffer[] | undefined {
  const lists = definitions.map(({ reads }) => reads);
  if (lists.includes(undefined)) return undefined;
  return [...new Set(lists.flat() as string[])].map((field) => Buffer.from(field));
}

/** Puts the change of one record into the trees. */
export function applyChange(
  trees: Trees,
  rid: number,
  after: StoredRecord | undefined,
  changes: readonly IndexChange[],
): void {
  removeEntries(trees, rid, changes);
  putRecord(trees, rid, after, changes);
}

/** The second half of a change. Of several records, remove all old entries first: one may take another's key. */
export function putRecord(
  trees: Trees,
  rid: number,
  after: StoredRecord | undefined,
  changes: readonly IndexChange[],
): void {
  addEntries(trees, rid, changes);
  if (after === undefined) trees.records.delete(rid);
  else trees.records.set(rid, after);
}

/** Takes a record's old entries out. */
export function removeEntries(trees: Trees, rid: number, changes: readonly IndexChange[]): void {
  for (const change of changes) {
    const tree = trees.indexes[change.index]!;
    for (const key of change.removed) tree.entries.delete(entryOf(tree.definition, key, rid));
  }
}

function addEntries(trees: Trees, rid: number, changes: readonly IndexChange[]): void {
  for (const change of changes) {
    const tree = trees.indexes[change.index]!;
    for (const key of change.added) tree.entries.set(entryOf(tree.definition, key, rid), rid);
    if (change.multikey.some((spread, i) => spread && !tree.multikey[i])) {
      tree.multikey = tree.multikey.map((was, i) => was || change.multikey[i] === true);
    }
  }
}

/** The collection's own part that is not content: identity, options, and who has written what in open transactions. */
export interface Collection {
  readonly id: number;
  readonly uuid: Uint8Array;
  ns: string;
  options: Document;
  trees: Trees;
  nextRid: number;
  /** Counts index creation and removal: a snapshot from before cannot write. */
  indexVersion: number;
  /** The newest snapshot that this collection's content has been put aside for. */
  frozenFor: number;
  /** Record ids and unique keys written by open transactions. */
  readonly locks: Map<number | string, object>;
}
