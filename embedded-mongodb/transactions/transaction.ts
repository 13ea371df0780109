import type { Collection, IndexChange, Trees } from '../storage/collection.ts';
import { cloneTrees, indexChanges, putRecord, removeEntries, sameIndexes } from '../storage/collection.ts';
import type { StoredRecord } from '../storage/record.ts';
import {
  beforeWrite,
  registerCollection,
  releaseSnapshot,
  replaceContent,
  type Snapshot,
  type Store,
  takeSnapshot,
  treesAt,
} from '../storage/store.ts';

/** A multi-document transaction: a snapshot, its own versions of what it wrote, and the locks on it. */
export interface Transaction {
  readonly snapshot: Snapshot;
  /** Collections that this transaction created, by name; nobody else sees them before it commits. */
  readonly created: Map<string, Collection>;
  /** The read concern that it began with. */
  readLevel: string | undefined;
  /** Content with this transaction's writes, of the collections it wrote. */
  readonly own: Map<Collection, Trees>;
  readonly changes: Map<Collection, Map<number, NetChange>>;
  readonly locks: { collection: Collection; key: number | string }[];
  /** Settles when the transaction has ended either way; those that wait for its locks then try again. */
  readonly ended: Promise<void>;
  readonly end: () => void;
  state: 'open' | 'committed' | 'aborted';
}

interface NetChange {
  readonly before: StoredRecord | undefined;
  after: StoredRecord | undefined;
  /** What it does to the indexes; undefined once a record was changed again, as the steps do not add up. */
  changes: readonly IndexChange[] | undefined;
}

/** Begins a transaction that reads the store as it is now. */
export function beginTransaction(store: Store): Transaction {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    snapshot: takeSnapshot(store),
    created: new Map(),
    readLevel: undefined,
    own: new Map(),
    changes: new Map(),
    locks: [],
    ended,
    end,
    state: 'open',
  };
}

/** A collection's content as the transaction sees it. */
export function treesIn(transaction: Transaction, collection: Collection): Trees {
  return transaction.own.get(collection) ?? treesAt(transaction.snapshot, collection);
}

/** The transaction's own copy of a collection's content, to be written. */
export function ownTrees(transaction: Transaction, collection: Collection): Trees {
  let trees = transaction.own.get(collection);
  if (trees === undefined) {
    // Cloning shares nodes with the snapshot, which the live content may be: both sides copy before they write.
    trees = cloneTrees(treesAt(transaction.snapshot, collection));
    transaction.own.set(collection, trees);
  }
  return trees;
}

/** Remembers the net effect on one record, from what the snapshot had to what the transaction leaves. */
export function noteChange(
  transaction: Transaction,
  collection: Collection,
  rid: number,
  before: StoredRecord | undefined,
  after: StoredRecord | undefined,
  changes: readonly IndexChange[],
): void {
  let records = transaction.changes.get(collection);
  if (records === undefined) {
    records = new Map();
    transaction.changes.set(collection, records);
  }
  const known = records.get(rid);
  if (known === undefined) records.set(rid, { before, after, changes });
  else {
    known.after = after;
    known.changes = undefined;
  }
}

/** Whether committing would change anything. */
export function hasWrites(transaction: Transaction): boolean {
  return transaction.changes.size > 0 || transaction.created.size > 0;
}

/** The name of a collection that the transaction created and others did too, meanwhile: it cannot be committed. */
export function takenName(store: Store, { created }: Transaction): string | undefined {
  return [...created.keys()].find((ns) => store.catalog.has(ns));
}

/**
 * Makes the writes visible at once and hands them to the journal; the caller answers after the flush, and has asked for
 * `takenName` before.
 */
export function commitTransaction(store: Store, transaction: Transaction): void {
  for (const collection of transaction.created.values()) registerCollection(store, collection);
  // Its own snapshot need not be kept from its own writes.
  store.snapshots.delete(transaction.snapshot);
  for (const [collection, records] of transaction.changes) {
    const own = transaction.own.get(collection);
    // Where nobody else wrote since the snapshot, what the transaction sees is what is to be.
    const base = treesAt(transaction.snapshot, collection);
    if (own && base === collection.trees) replaceContent(store, collection, own);
    else mergeRecords(store, collection, base, records);
    for (const [rid, { after }] of records) store.journal.putRecord(collection.id, rid, after?.raw);
  }
  finish(store, transaction, 'committed');
}

/** Forgets the writes. */
export function abortTransaction(store: Store, transaction: Transaction): void {
  if (transaction.state === 'open') finish(store, transaction, 'aborted');
}

function mergeRecords(
  store: Store,
  collection: Collection,
  base: Trees,
  records: Map<number, NetChange>,
): void {
  beforeWrite(store, collection);
  const live = collection.trees;
  const known = sameIndexes(base, live);
  const edits = [...records].map(([rid, { before, after, changes }]) => ({
    rid,
    after,
    changes: (known && changes) || indexChanges(live, before, after),
  }));
  for (const edit of edits) removeEntries(live, edit.rid, edit.changes);
  for (const edit of edits) putRecord(live, edit.rid, edit.after, edit.changes);
}

function finish(store: Store, transaction: Transaction, state: 'committed' | 'aborted'): void {
  transaction.state = state;
  for (const { collection, key } of transaction.locks) collection.locks.delete(key);
  transaction.locks.length = 0;
  transaction.created.clear();
  transaction.own.clear();
  transaction.changes.clear();
  releaseSnapshot(store, transaction.snapshot);
  transaction.end();
}
