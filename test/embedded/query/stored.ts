import { type Document, deserialize, EJSON, serialize } from 'bson';
import { ServerError } from '../../../embedded-mongodb/bson/errors.ts';

/** A document as the server holds it: through BSON, with the kinds of numbers kept. */
export function stored(document: Document): Document {
  return deserialize(serialize(document, { ignoreUndefined: false }), {
    promoteValues: false,
    promoteBuffers: false,
    bsonRegExp: true,
  });
}

/** One value as the server holds it. */
export function storedValue(value: unknown): unknown {
  return stored({ value })['value'];
}

/** A value in canonical extended JSON, so that a test also sees the kinds of numbers. */
export function typed(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(EJSON.stringify({ value }, { relaxed: false })).value;
}

/** A document with plain JavaScript numbers, for tests that do not care about kinds. */
export function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(EJSON.stringify({ value }, { relaxed: true })).value;
}

/** The code of the ServerError that an action throws; undefined when it throws none. */
export function codeOf(action: () => unknown): number | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof ServerError) return error.code;
    throw error;
  }
  return undefined;
}

/** The code of the ServerError that a promise is rejected with; undefined when it is not. */
export async function codeOfLater(action: () => Promise<unknown>): Promise<number | undefined> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ServerError) return error.code;
    throw error;
  }
  return undefined;
}
