import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { decodeDocument, MAX_INTERNAL_BYTES, tooLarge } from '../storage/record.ts';

/** The opcodes of the wire protocol that the server knows. */
export const OP = { reply: 1, query: 2004, message: 2013 } as const;

/** The largest message taken, in bytes, as announced by hello. */
export const MAX_MESSAGE_BYTES = 48_000_000;

/** A request as it came over the wire. */
export interface Request {
  readonly requestId: number;
  readonly opcode: number;
  readonly command: Document;
  /** Arguments sent as document sequences, still encoded. */
  readonly sequences: ReadonlyMap<string, readonly Uint8Array[]>;
  /** False when the client will read no reply. */
  readonly wantsReply: boolean;
}

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const REQUIRED_BITS = 0xffff;
const KNOWN_REQUIRED = CHECKSUM_PRESENT | MORE_TO_COME;

/** The length of the first message in the buffer, or undefined when its header is not complete. */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < 16) return undefined;
  const length = bytes.readInt32LE(0);
  if (length < 16 || length > MAX_MESSAGE_BYTES)
    throw new ServerError(17, `a message of ${length} bytes is not acceptable`);
  return length;
}

/** Whether a message that cannot be read is one to which the client waits for an answer. */
export function expectsReply(message: Buffer): boolean {
  return message.readInt32LE(12) === OP.message && (message.readUInt32LE(16) & MORE_TO_COME) === 0;
}

/** Reads one whole message. Fails with 17 on what is none, with 10334, 15 or 22 on documents that cannot be taken. */
export function parseMessage(message: Buffer): Request {
  const requestId = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  if (opcode === OP.message) return parseMsg(message, requestId);
  if (opcode === OP.query) return parseQuery(message, requestId);
  throw new ServerError(17, `opcode ${opcode} is not supported`);
}

/** OP_QUERY survives only for the first hello of a connection. */
function parseQuery(message: Buffer, requestId: number): Request {
  const end = message.indexOf(0, 20);
  const namespace = message.toString('utf8', 20, end);
  if (end < 0 || !namespace.endsWith('.$cmd'))
    throw new ServerError(5739101, 'OP_QUERY is no longer supported');
  const command = decodeDocument(documentAt(message, end + 9, message.length));
  command['$db'] ??= namespace.slice(0, -'.$cmd'.length);
  return { requestId, opcode: OP.query, command, sequences: new Map(), wantsReply: true };
}

function parseMsg(message: Buffer, requestId: number): Request {
  if (message.length < 21) throw new ServerError(17, 'a message must have a body');
  const flags = message.readUInt32LE(16);
  if (flags & REQUIRED_BITS & ~KNOWN_REQUIRED) throw new ServerError(17, `unknown message flags ${flags}`);
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  const sequences = new Map<string, Uint8Array[]>();
  let command: Document | undefined;
  let at = 20;
  while (at < end) {
    const kind = message[at++];
    if (kind === 0) {
      const bytes = documentAt(message, at, end);
      if (command !== undefined) throw new ServerError(17, 'a message must have one body');
      command = decodeDocument(bytes);
      at += bytes.length;
    } else if (kind === 1) {
      at = readSequence(message, at, end, sequences);
    } else {
      throw new ServerError(17, `unknown section kind ${kind}`);
    }
  }
  if (command === undefined) throw new ServerError(17, 'a message must have a body');
  return { requestId, opcode: OP.message, command, sequences, wantsReply: (flags & MORE_TO_COME) === 0 };
}

function readSequence(
  message: Buffer,
  at: number,
  end: number,
  sequences: Map<string, Uint8Array[]>,
): number {
  const stop = at + (at + 4 <= end ? message.readInt32LE(at) : 0);
  const nameEnd = message.indexOf(0, at + 4);
  if (stop <= at + 4 || stop > end || nameEnd < 0 || nameEnd >= stop)
    throw new ServerError(17, 'bad document sequence');
  const docs: Uint8Array[] = [];
  let next = nameEnd + 1;
  while (next < stop) {
    const bytes = documentAt(message, next, stop);
    docs.push(bytes);
    next += bytes.length;
  }
  sequences.set(message.toString('utf8', at + 4, nameEnd), docs);
  return stop;
}

function documentAt(message: Buffer, at: number, end: number): Buffer {
  const length = at + 5 <= end ? message.readInt32LE(at) : 0;
  if (length < 5 || at + length > end)
    throw new ServerError(17, 'a document reaches over the end of its message');
  if (length > MAX_INTERNAL_BYTES) throw tooLarge(length);
  return message.subarray(at, at + length);
}
