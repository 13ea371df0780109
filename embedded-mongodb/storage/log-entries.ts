import { type Document, Int32, serialize } from 'bson';
import type { CollectionMeta } from './journal.ts';
import { decodeDocument } from './record.ts';

/** What a log says, in the order in which it was done. An undefined body takes away what was there. */
export interface LogReader {
  collection(id: number, meta: CollectionMeta | undefined): void;
  record(collection: number, rid: number, raw: Buffer | undefined): void;
  session(id: string, state: Buffer | undefined): void;
}

const KIND = { collection: 0x63, record: 0x72, session: 0x73 } as const;
/** In the place of a length: there is nothing any more. */
const GONE = 0xffffffff;

/** The entry of a document's new bytes, or of its removal. */
export function recordEntry(collection: number, rid: number, raw: Uint8Array | undefined): Uint8Array[] {
  const head = Buffer.allocUnsafe(15);
  head[0] = KIND.record;
  head.writeUInt32LE(collection, 1);
  head.writeUIntLE(rid, 5, 6);
  head.writeUInt32LE(raw?.length ?? GONE, 11);
  return raw ? [head, raw] : [head];
}

/** The entry of a collection's name, options and indexes, or of its removal with all it holds. */
export function collectionEntry(id: number, meta: CollectionMeta | undefined): Uint8Array[] {
  const body = meta && serialize({ ...meta, id: new Int32(id) });
  const head = Buffer.allocUnsafe(9);
  head[0] = KIND.collection;
  head.writeUInt32LE(id, 1);
  head.writeUInt32LE(body?.length ?? GONE, 5);
  return body ? [head, body] : [head];
}

/** The entry of what is remembered of a session, or that it is forgotten. */
export function sessionEntry(id: string, state: Uint8Array | undefined): Uint8Array[] {
  const name = Buffer.from(id, 'latin1');
  const head = Buffer.allocUnsafe(7 + name.length);
  head[0] = KIND.session;
  head.writeUInt16LE(name.length, 1);
  name.copy(head, 3);
  head.writeUInt32LE(state?.length ?? GONE, 3 + name.length);
  return state ? [head, state] : [head];
}

/** Hands over every entry of a frame's payload. The bodies are copies. Throws on what is no entry. */
export function readEntries(payload: Buffer, reader: LogReader): void {
  let at = 0;
  const body = (lengthAt: number): Buffer | undefined => {
    const length = payload.readUInt32LE(lengthAt);
    at = lengthAt + 4;
    if (length === GONE) return undefined;
    if (at + length > payload.length) throw new RangeError('an entry reaches over its frame');
    const bytes = Buffer.from(payload.subarray(at, at + length));
    at += length;
    return bytes;
  };
  while (at < payload.length) {
    const kind = payload[at];
    const start = at;
    if (kind === KIND.record) {
      const raw = body(start + 11);
      reader.record(payload.readUInt32LE(start + 1), payload.readUIntLE(start + 5, 6), raw);
    } else if (kind === KIND.collection) {
      const raw = body(start + 5);
      reader.collection(payload.readUInt32LE(start + 1), raw && metaOf(decodeDocument(raw)));
    } else if (kind === KIND.session) {
      const nameEnd = start + 3 + payload.readUInt16LE(start + 1);
      const state = body(nameEnd);
      reader.session(payload.toString('latin1', start + 3, nameEnd), state);
    } else throw new RangeError(`an entry of unknown kind ${kind}`);
  }
}

function metaOf(doc: Document): CollectionMeta {
  return {
    id: (doc['id'] as Int32).value,
    ns: doc['ns'],
    uuid: doc['uuid'].buffer,
    options: doc['options'],
    indexes: doc['indexes'],
  };
}
