import { ServerError } from '../bson/errors.ts';
import type { Collection } from '../storage/collection.ts';
import { ensureCollection } from '../storage/store.ts';
import { writeConflict } from '../transactions/writer.ts';
import type { CommandContext } from './context.ts';

/** The collection that a write goes to, created when it is missing. */
export function collectionForWrite(context: CommandContext, ns: string): Collection {
  return checkVisible(context, ensureCollection(context.engine.store, ns));
}

/** The collection that a write goes to, if there is one. */
export function existingCollection(context: CommandContext, ns: string): Collection | undefined {
  const collection = context.engine.store.catalog.get(ns);
  return collection && checkVisible(context, collection);
}

/** A collection that another made after the snapshot may hold what the transaction cannot see. */
function checkVisible({ transaction, db }: CommandContext, collection: Collection): Collection {
  if (db === 'local' || db === 'config')
    throw new ServerError(20, `the embedded server has no writable database '${db}'`);
  if (transaction === undefined || transaction.snapshot.catalog.get(collection.ns) === collection)
    return collection;
  if (collection.trees.records.size > 0 && !transaction.own.has(collection)) throw writeConflict();
  return collection;
}
