import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import type { Collection } from '../storage/collection.ts';
import { prepareCollection, type Store } from '../storage/store.ts';
import { type Transaction, treesIn } from './transaction.ts';
import { writeConflict } from './writer.ts';

/**
 * The collection of a name as a transaction knows it: one that it created, or one of its snapshot. Fails with 112 when
 * others created, dropped or renamed it since.
 */
export function collectionIn(store: Store, transaction: Transaction, ns: string): Collection | undefined {
  const created = transaction.created.get(ns);
  if (created) return created;
  const seen = transaction.snapshot.catalog.get(ns);
  if (store.catalog.get(ns) !== seen) throw writeConflict('The collection changed after the snapshot.');
  return seen;
}

/** Creates a collection that nobody else sees before the transaction commits. */
export function createIn(store: Store, { created }: Transaction, ns: string, options?: Document): Collection {
  const collection = prepareCollection(store, ns, options);
  created.set(ns, collection);
  return collection;
}

/** Fails with 263 unless the collection is one that the transaction made and left empty: only those get new indexes. */
export function checkNewIndexesIn(transaction: Transaction, collection: Collection): void {
  const refused = transaction.created.get(collection.ns) !== collection ? 'existing' : 'non-empty';
  if (refused === 'non-empty' && treesIn(transaction, collection).records.size === 0) {
    // What was written and removed again has left trees without the index to come.
    transaction.own.delete(collection);
    return;
  }
  throw new ServerError(
    263,
    `Cannot create new indexes on ${refused} collection ${collection.ns} in a multi-document transaction.`,
  );
}

/** Creating collections and indexes by command is for transactions that read the newest data: the manual's rule. */
export function checkCreatingIn({ readLevel }: Transaction, name: string): void {
  if (readLevel === undefined || readLevel === 'local') return;
  throw new ServerError(
    72,
    `Command ${name} does not support { readConcern: { level: "${readLevel}" } } in a transaction`,
  );
}
