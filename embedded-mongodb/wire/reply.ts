import { type Document, serialize } from 'bson';
import { OP } from './framing.ts';

/** A cursor's batch whose documents are already encoded; sent without decoding them. */
export interface RawBatch {
  readonly field: 'firstBatch' | 'nextBatch';
  readonly documents: readonly Uint8Array[];
}

/** What a command answers. */
export interface Reply {
  readonly body: Document;
  /** When set, `body.cursor` holds only the cursor's other fields, and the batch is put in front of them. */
  readonly batch?: RawBatch;
}

let nextRequestId = 1;

/** The bytes of a reply to a request with the given opcode. */
export function encodeReply(reply: Reply, opcode: number, responseTo: number): Buffer {
  const body = reply.batch
    ? bodyWithBatch(reply.body, reply.batch)
    : serialize(reply.body, { ignoreUndefined: true });
  return opcode === OP.query ? frameQueryReply(body, responseTo) : frameMessage(body, responseTo);
}

function frameMessage(body: Uint8Array, responseTo: number): Buffer {
  const out = Buffer.allocUnsafe(21 + body.length);
  writeHeader(out, responseTo, OP.message);
  out.writeUInt32LE(0, 16);
  out[20] = 0;
  out.set(body, 21);
  return out;
}

function frameQueryReply(body: Uint8Array, responseTo: number): Buffer {
  const out = Buffer.alloc(36 + body.length);
  writeHeader(out, responseTo, OP.reply);
  out.writeInt32LE(8, 16);
  out.writeInt32LE(1, 32);
  out.set(body, 36);
  return out;
}

function writeHeader(out: Buffer, responseTo: number, opcode: number): void {
  out.writeInt32LE(out.length, 0);
  out.writeInt32LE(nextRequestId, 4);
  out.writeInt32LE(responseTo, 8);
  out.writeInt32LE(opcode, 12);
  nextRequestId = (nextRequestId + 1) & 0x7fffffff;
}

/** `{ cursor: { <batch>, ...cursor }, ...rest }`, copying the documents' bytes as they are. */
function bodyWithBatch(body: Document, batch: RawBatch): Uint8Array {
  const { cursor, ...rest } = body;
  const array = encodeArray(batch.documents);
  const fields = elementsOf(serialize(cursor as Document));
  const name = Buffer.from(`\x04${batch.field}\0`, 'latin1');
  const inner = Buffer.concat([name, array, fields]);
  return wrap([Buffer.from('\x03cursor\0', 'latin1'), wrap([inner]), elementsOf(serialize(rest))]);
}

/** The elements of a document without its length and its terminator. */
function elementsOf(doc: Uint8Array): Uint8Array {
  return doc.subarray(4, doc.length - 1);
}

function wrap(parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 5);
  const out = Buffer.allocUnsafe(length);
  out.writeInt32LE(length, 0);
  let at = 4;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  out[at] = 0;
  return out;
}

function encodeArray(documents: readonly Uint8Array[]): Buffer {
  const parts: Uint8Array[] = [];
  documents.forEach((doc, i) => {
    parts.push(Buffer.from(`\x03${i}\0`, 'latin1'), doc);
  });
  return wrap(parts);
}
