import { isDuplicateKey } from '../shared/mongo.ts';
import { Taken } from './taken.ts';

/** Waits for a write and turns MongoDB's duplicate-key error on one of the named unique indexes into Taken. */
export async function orTaken<T>(write: PromiseLike<T>, indexes: readonly string[]): Promise<T> {
  try {
    return await write;
  } catch (error) {
    const index = indexes.find((name) => isDuplicateKey(error, name));
    throw index === undefined ? error : new Taken(index);
  }
}
