import { type Document, deserialize, serialize } from 'bson';
import { isDeeper, mayBeDeep } from '../bson/depth.ts';
import { ServerError } from '../bson/errors.ts';

/**
 * A stored document. Never changed once made: an update makes a new record under the same record id, so two
 * readings are the same version exactly when they are the same object.
 */
export interface StoredRecord {
  /** Counts up per collection and is never used again: the natural order. */
  readonly rid: number;
  /** The document's BSON bytes. */
  readonly raw: Uint8Array;
  /** The decoded document while it is worth keeping; see `documentOf`. */
  doc: Document | undefined;
}

/** The largest document that a collection takes, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** The largest document anywhere: a command holding one as large as a collection takes has room for its other fields. */
export const MAX_INTERNAL_BYTES = MAX_DOCUMENT_BYTES + 16 * 1024;

/** Levels of nesting that a message may have. */
const MAX_DEPTH = 200;

const DECODE = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const;
const KEEP_DECODED = 8192;
const decoded: (StoredRecord | undefined)[] = new Array(KEEP_DECODED).fill(undefined);
let hand = 0;

/** Decodes BSON keeping every type as the client sent it. Fails with 22 on what is none, with 15 on what is too deep. */
export function decodeDocument(raw: Uint8Array): Document {
  let doc: Document;
  try {
    doc = deserialize(raw, DECODE);
  } catch (error) {
    // The end of the stack; what comes before it is told by counting.
    if (error instanceof RangeError && /call stack/.test(error.message)) throw tooDeepForBson();
    throw new ServerError(22, `invalid BSON: ${(error as Error).message}`);
  }
  if (mayBeDeep(raw, MAX_DEPTH) && isDeeper(doc, MAX_DEPTH)) throw tooDeepForBson();
  return doc;
}

function tooDeepForBson(): ServerError {
  return new ServerError(15, 'BSONObj exceeds maximum nested object depth');
}

/** Encodes a document keeping types. Fails with 10334 when it is larger than any may be. */
export function encodeDocument(doc: Document): Uint8Array {
  const raw = serializeWhole(doc);
  if (raw.length > MAX_INTERNAL_BYTES) throw tooLarge(raw.length);
  return raw;
}

/** bson gives up with a RangeError at the end of its buffer of 17 MiB. */
function serializeWhole(doc: Document): Uint8Array {
  try {
    return serialize(doc, { ignoreUndefined: false });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(MAX_INTERNAL_BYTES + 1);
    // A name with a zero byte, say, that an expression made.
    throw new ServerError(2, `the result cannot be written as BSON: ${(error as Error).message}`);
  }
}

/** The error for a document that is larger than any may be. */
export function tooLarge(bytes: number): ServerError {
  const hex = bytes.toString(16).toUpperCase();
  return new ServerError(
    10334,
    `BSONObj size: ${bytes} (0x${hex}) is invalid. Size must be between 0 and ${MAX_INTERNAL_BYTES}(16MB)`,
  );
}

/** The decoded document; the few thousand decoded last stay decoded, so hot documents are not decoded again. */
export function documentOf(record: StoredRecord): Document {
  if (record.doc === undefined) keepDecoded(record, decodeDocument(record.raw));
  return record.doc as Document;
}

/** Makes a record of a document that has just been decoded or changed. */
export function makeRecord(rid: number, raw: Uint8Array, doc: Document): StoredRecord {
  const record: StoredRecord = { rid, raw, doc: undefined };
  keepDecoded(record, doc);
  return record;
}

function keepDecoded(record: StoredRecord, doc: Document): void {
  const evicted = decoded[hand];
  if (evicted !== undefined) evicted.doc = undefined;
  record.doc = doc;
  decoded[hand] = record;
  hand = (hand + 1) % KEEP_DECODED;
}
