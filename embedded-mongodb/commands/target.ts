import { ServerError } from '../bson/errors.ts';
import type { Collection } from '../storage/collection.ts';
import { ensureCollection } from '../storage/store.ts';
import { collectionIn, createIn } from '../transactions/uncommitted.ts';
import type { CommandContext } from './context.ts';

/** The collection that a write goes to, created when it is missing; by a transaction, for itself until it commits. */
export function collectionForWrite(context: CommandContext, ns: string): Collection {
  const { engine, transaction } = context;
  checkWritable(context);
  if (transaction === undefined) return ensureCollection(engine.store, ns);
  return collectionIn(engine.store, transaction, ns) ?? createIn(engine.store, transaction, ns);
}

/** The collection that a write goes to, if there is one. */
export function existingCollection(context: CommandContext, ns: string): Collection | undefined {
  const { engine, transaction } = context;
  const collection = transaction ? collectionIn(engine.store, transaction, ns) : engine.store.catalog.get(ns);
  if (collection) checkWritable(context);
  return collection;
}

function checkWritable({ db }: CommandContext): void {
  if (db === 'local' || db === 'config')
    throw new ServerError(20, `the embedded server has no writable database '${db}'`);
}
