import { type Document, ObjectId } from 'bson';
import { isDeeper, mayBeDeep } from '../bson/depth.ts';
import { ServerError } from '../bson/errors.ts';
import { readFields } from '../bson/read-fields.ts';
import {
  applyChange,
  type Collection,
  type IndexChange,
  type IndexTree,
  indexChanges,
  indexedFields,
  sameIndexes,
  type Trees,
} from '../storage/collection.ts';
import { duplicateKey } from '../storage/duplicate-key.ts';
import {
  decodeDocument,
  documentOf,
  encodeDocument,
  MAX_DOCUMENT_BYTES,
  makeRecord,
  type StoredRecord,
} from '../storage/record.ts';
import { beforeWrite, type Store, treesAt } from '../storage/store.ts';
import { noteChange, ownTrees, type Transaction, treesIn } from './transaction.ts';

/** Levels of nesting that a stored document may have; a message may have a few more around it. */
const MAX_STORED_DEPTH = 180;

/** Thrown by a write outside transactions that meets a lock: wait for the transaction to end, then try again. */
export class Blocked extends Error {
  readonly transaction: Transaction;

  constructor(transaction: Transaction) {
    super('blocked by an open transaction');
    this.transaction = transaction;
  }
}

/** The code-112 error that makes a driver run the transaction again. */
export function writeConflict(
  message = 'Write conflict during plan execution and yielding is disabled.',
): ServerError {
  return new ServerError(112, `${message} Please retry your operation or multi-document transaction.`, {
    errorLabels: ['TransientTransactionError'],
  });
}

/** Changes single records: at once and for all, or inside a transaction. Each call checks all locks before it changes anything. */
export interface Writer {
  readonly store: Store;
  readonly transaction: Transaction | undefined;
}

/** The content that the writer's statements read. */
export function treesFor(writer: Writer, collection: Collection): Trees {
  return writer.transaction ? treesIn(writer.transaction, collection) : collection.trees;
}

/** Inserts a document, giving it an `_id`, in front, when it has none. Fails with 11000, 112, or Blocked. */
export function insertDocument(
  writer: Writer,
  collection: Collection,
  doc: Document,
  raw?: Uint8Array,
): StoredRecord {
  const complete = withIdFirst(doc);
  const bytes = complete === doc && raw !== undefined ? raw : encodeDocument(complete);
  refuseInsert(complete, bytes);
  const record = makeRecord(collection.nextRid, bytes, complete);
  change(writer, collection, record.rid, undefined, record);
  collection.nextRid++;
  return record;
}

/** Inserts a document as it came over the wire, its `_id` in front. Fails with 11000, 112, or Blocked. */
export function insertEncoded(writer: Writer, collection: Collection, raw: Buffer): StoredRecord {
  const names = indexedFields(collection);
  const read = names && readFields(raw, names);
  if (read === undefined) return insertDocument(writer, collection, decodeDocument(raw), raw);
  if (raw.length > MAX_DOCUMENT_BYTES) throw tooLargeToInsert(raw);
  const record: StoredRecord = { rid: collection.nextRid, raw, doc: undefined };
  change(writer, collection, record.rid, undefined, record, read);
  collection.nextRid++;
  return record;
}

/** Replaces a record's document. Fails with 11000, 112, or Blocked. */
export function replaceDocument(
  writer: Writer,
  collection: Collection,
  record: StoredRecord,
  doc: Document,
): StoredRecord {
  const raw = encodeDocument(doc);
  if (raw.length > MAX_DOCUMENT_BYTES) {
    const message = `Resulting document after update is larger than ${MAX_DOCUMENT_BYTES}`;
    throw new ServerError(17419, message);
  }
  if (tooDeepToStore(doc, raw))
    throw new ServerError(15, `Document exceeds maximum nesting depth of ${MAX_STORED_DEPTH}`);
  const next = makeRecord(record.rid, raw, doc);
  change(writer, collection, record.rid, record, next);
  return next;
}

/** Removes a record. Fails with 112 or Blocked. */
export function removeDocument(writer: Writer, collection: Collection, record: StoredRecord): void {
  change(writer, collection, record.rid, record, undefined);
}

function refuseInsert(doc: Document, raw: Uint8Array): void {
  if (raw.length > MAX_DOCUMENT_BYTES) throw tooLargeToInsert(raw);
  if (!tooDeepToStore(doc, raw)) return;
  const message = `cannot insert document because it exceeds ${MAX_STORED_DEPTH} levels of nesting`;
  throw new ServerError(15, message);
}

function tooLargeToInsert({ length }: Uint8Array): ServerError {
  const limits = `size in bytes: ${length}, max size: ${MAX_DOCUMENT_BYTES}`;
  return new ServerError(2, `object to insert too large. ${limits}`);
}

function tooDeepToStore(doc: Document, raw: Uint8Array): boolean {
  return mayBeDeep(raw, MAX_STORED_DEPTH) && isDeeper(doc, MAX_STORED_DEPTH);
}

function withIdFirst(doc: Document): Document {
  if (doc['_id'] === undefined) return { _id: new ObjectId(), ...doc };
  for (const first in doc) return first === '_id' ? doc : { _id: doc['_id'], ...doc };
  return doc;
}

function change(
  writer: Writer,
  collection: Collection,
  rid: number,
  before: StoredRecord | undefined,
  after: StoredRecord | undefined,
  read?: Document,
): void {
  // A statement that paused may find its collection gone; a document of no collection would spoil the journal.
  const known = writer.transaction?.created.get(collection.ns) ?? writer.store.catalog.get(collection.ns);
  if (known !== collection)
    throw new ServerError(175, `collection ${collection.ns} was dropped while the statement ran`);
  if (writer.transaction) changeInside(writer.transaction, collection, rid, before, after, read);
  else changeNow(writer.store, collection, rid, before, after, read);
}

function changeNow(
  store: Store,
  collection: Collection,
  rid: number,
  before: StoredRecord | undefined,
  after: StoredRecord | undefined,
  read?: Document,
): void {
  const changes = indexChanges(collection.trees, before, after, read);
  if (collection.locks.size > 0) {
    for (const key of lockKeys(collection.trees, rid, changes)) {
      const holder = collection.locks.get(key);
      if (holder) throw new Blocked(holder as Transaction);
    }
  }
  if (after) refuseDuplicates(collection, collection.trees, after, changes);
  beforeWrite(store, collection);
  applyChange(collection.trees, rid, after, changes);
  store.journal.putRecord(collection.id, rid, after?.raw);
}

function changeInside(
  transaction: Transaction,
  collection: Collection,
  rid: number,
  before: StoredRecord | undefined,
  after: StoredRecord | undefined,
  read?: Document,
): void {
  refuseEnded(transaction);
  const own = ownTrees(transaction, collection);
  const base = treesAt(transaction.snapshot, collection);
  if (!sameIndexes(base, collection.trees)) {
    throw writeConflict('The indexes of the collection changed after the snapshot.');
  }
  const changes = indexChanges(own, before, after, read);
  const keys = lockKeys(own, rid, changes);
  for (const key of keys) {
    const holder = collection.locks.get(key);
    if (holder === transaction) continue;
    if (holder || changedSince(base, collection.trees, key)) throw writeConflict();
  }
  if (after) refuseDuplicates(collection, own, after, changes);
  for (const key of keys) {
    if (collection.locks.has(key)) continue;
    collection.locks.set(key, transaction);
    transaction.locks.push({ collection, key });
  }
  applyChange(own, rid, after, changes);
  noteChange(transaction, collection, rid, before, after, changes);
}

/** A statement that paused may find its transaction ended by another connection: locks it took now would stay for ever. */
function refuseEnded(transaction: Transaction): void {
  if (transaction.state === 'open') return;
  throw new ServerError(251, 'The transaction of this statement was ended while the statement ran.', {
    errorLabels: ['TransientTransactionError'],
  });
}

/** A record id locks the record; `index:key` locks a unique key, whether it is being taken or given up. */
function lockKeys(trees: Trees, rid: number, changes: readonly IndexChange[]): (number | string)[] {
  const keys: (number | string)[] = [rid];
  for (const { index, removed, added } of changes) {
    if (!trees.indexes[index]!.definition.unique) continue;
    for (const key of removed) keys.push(`${index}:${key}`);
    for (const key of added) keys.push(`${index}:${key}`);
  }
  return keys;
}

/** Whether a commit after the snapshot changed what the lock key stands for. */
function changedSince(base: Trees, live: Trees, key: number | string): boolean {
  if (base === live) return false;
  if (typeof key === 'number') return base.records.get(key) !== live.records.get(key);
  const colon = key.indexOf(':');
  const index = Number(key.slice(0, colon));
  const entry = key.slice(colon + 1);
  return base.indexes[index]!.entries.get(entry) !== live.indexes[index]!.entries.get(entry);
}

function refuseDuplicates(
  collection: Collection,
  trees: Trees,
  record: StoredRecord,
  changes: readonly IndexChange[],
): void {
  for (const { index, added } of changes) {
    const tree = trees.indexes[index] as IndexTree;
    if (!tree.definition.unique) continue;
    for (const key of added) {
      const holder = tree.entries.get(key);
      if (holder !== undefined && holder !== record.rid) {
        throw duplicateKey(collection.ns, tree.definition, documentOf(record), key);
      }
    }
  }
}
