import type { Document } from 'bson';
import type { Collection } from '../storage/collection.ts';
import type { IndexDefinition } from '../storage/index-definition.ts';
import { findAll } from '../storage/search.ts';
import type { Store } from '../storage/store.ts';
import { Blocked, removeDocument } from '../transactions/writer.ts';

/** Removes what TTL indexes say has expired; a document that an open transaction holds is left for the next time. */
export function sweepExpired(store: Store, now: number): void {
  for (const collection of store.catalog.values()) {
    for (const { definition } of collection.trees.indexes) {
      if (definition.expireAfterSeconds !== undefined) removeExpired(store, collection, definition, now);
    }
  }
}

function removeExpired(store: Store, collection: Collection, index: IndexDefinition, now: number): void {
  const limit = new Date(now - (index.expireAfterSeconds as number) * 1000);
  const expired: Document = { [index.fields[0]!.path]: { $lte: limit } };
  const filter = index.partialFilter ? { $and: [expired, index.partialFilter] } : expired;
  for (const record of findAll(collection.trees, { filter, options: {} })) {
    try {
      removeDocument({ store, transaction: undefined }, collection, record);
    } catch (error) {
      if (!(error instanceof Blocked)) throw error;
    }
  }
}
