import type { ClientSession, Model, mongo } from 'mongoose';
import { currentSession } from '../../shared/mongo.ts';

/** A stored value: its id is `_id`. */
export type Row<T extends { readonly id: string }> = Omit<T, 'id'> & { _id: string };

/** A value as it is stored. */
export function toRow<T extends { readonly id: string }>({ id, ...rest }: T): Row<T> {
  return { _id: id, ...rest };
}

/** A stored value as it is used. */
export function fromRow<T extends { readonly id: string }>({ _id, ...rest }: Row<T>): T {
  return { id: _id, ...rest } as unknown as T;
}

/**
 * The driver's collection behind a model. The ledger writes and reads batches of hundreds of its own well-formed values,
 * and mongoose's casting and hydration would cost more than all the rest of a batch.
 */
export const collectionOf = <T extends object>(model: Model<T>): mongo.Collection<T> =>
  model.collection as unknown as mongo.Collection<T>;

/** The options of a read or write: the session of the transaction that it is in, if any. */
export function inSession(): { session?: ClientSession } {
  const session = currentSession();
  return session ? { session } : {};
}

/** An operation of a bulk write as the ledger uses them. */
type BulkOperation =
  | { readonly insertOne: object }
  | { readonly updateOne: object }
  | { readonly replaceOne: object };

/**
 * Puts inserts before updates. The driver sends a bulk write as one message for each run of the same kind of operation:
 * mixed, a batch of hundreds would make hundreds of round trips.
 */
export const insertsFirst = <O extends BulkOperation>(operations: readonly O[]): O[] => [
  ...operations.filter((operation) => 'insertOne' in operation),
  ...operations.filter((operation) => !('insertOne' in operation)),
];
