import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/*
 * A log file is a head and then frames, one a batch:
 *
 *   head    4096 bytes: the magic text, an id of the file, their checksum, and two slots
 *   slot    how far the file was on disk when that was last known, and the checksum there
 *   frame   length (4), checksum of the length (4), payload, checksum of the payload (4)
 *
 * Each checksum starts from the one before it, the first from the id. So a frame that was changed, left out, put twice
 * or taken from another file does not fit, and neither does anything behind it.
 */

/** Bytes before the first frame. */
export const HEAD_BYTES = 4096;
/** Bytes of a frame before its payload. */
export const FRAME_HEAD_BYTES = 8;
/** Bytes of a frame behind its payload. */
export const FRAME_TAIL_BYTES = 4;
/** Where the two slots are, a disk sector each, written in turn so that one is always whole. */
export const SLOT_OFFSETS: readonly [number, number] = [512, 1024];

const MAGIC = Buffer.from('jifen embedded-mongodb 2'.padEnd(32, '\0'));
const ID_BYTES = 16;
const IDENTITY_BYTES = MAGIC.length + ID_BYTES;
const SLOT_BYTES = 16;

/** A place in a log: where a frame ends, and the checksum that the next one starts from. */
export interface LogPosition {
  readonly end: number;
  readonly checksum: number;
}

/** The head of a new file, and where its first frame goes. */
export function newHead(): { head: Buffer; seed: number; start: LogPosition } {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  randomBytes(ID_BYTES).copy(head, MAGIC.length);
  const seed = crc32(head.subarray(0, IDENTITY_BYTES));
  head.writeUInt32LE(seed, IDENTITY_BYTES);
  const start = { end: HEAD_BYTES, checksum: seed };
  for (const offset of SLOT_OFFSETS) encodeSlot(start, seed).copy(head, offset);
  return { head, seed, start };
}

/** What a file's head says; or why it says nothing. */
export function readHead(head: Buffer): { seed: number; confirmed: LogPosition } | string {
  if (head.length < HEAD_BYTES) return 'it is too short to be a journal';
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) return 'it is not a journal of this server';
  const seed = crc32(head.subarray(0, IDENTITY_BYTES));
  if (head.readUInt32LE(IDENTITY_BYTES) !== seed) return 'the checksum of its head does not match';
  const slots = SLOT_OFFSETS.map((offset) => decodeSlot(head.subarray(offset, offset + SLOT_BYTES), seed));
  const [confirmed] = slots.filter((slot) => slot !== undefined).sort((a, b) => b.end - a.end);
  return confirmed === undefined ? 'both notes of its length are unreadable' : { seed, confirmed };
}

/** The bytes of a slot: that the file was on disk up to here. */
export function encodeSlot({ end, checksum }: LogPosition, seed: number): Buffer {
  const slot = Buffer.alloc(SLOT_BYTES);
  slot.writeBigUInt64LE(BigInt(end), 0);
  slot.writeUInt32LE(checksum, 8);
  slot.writeUInt32LE(crc32(slot.subarray(0, 12), seed), 12);
  return slot;
}

function decodeSlot(slot: Buffer, seed: number): LogPosition | undefined {
  if (crc32(slot.subarray(0, 12), seed) !== slot.readUInt32LE(12)) return undefined;
  return { end: Number(slot.readBigUInt64LE(0)), checksum: slot.readUInt32LE(8) };
}

/** The bytes of a frame that follows a position, and the position behind it. */
export function encodeFrame(
  parts: readonly Uint8Array[],
  { end, checksum }: LogPosition,
): { frame: Buffer; next: LogPosition } {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + length + FRAME_TAIL_BYTES);
  frame.writeUInt32LE(length, 0);
  const headChecksum = crc32(frame.subarray(0, 4), checksum);
  frame.writeUInt32LE(headChecksum, 4);
  let at = FRAME_HEAD_BYTES;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  const ownChecksum = crc32(frame.subarray(FRAME_HEAD_BYTES, at), headChecksum);
  frame.writeUInt32LE(ownChecksum, at);
  return { frame, next: { end: end + frame.length, checksum: ownChecksum } };
}

/** The length of the payload whose frame's first bytes these are; undefined if they do not follow the position. */
export function payloadLength(frameHead: Buffer, { checksum }: LogPosition): number | undefined {
  if (frameHead.length < FRAME_HEAD_BYTES) return undefined;
  if (crc32(frameHead.subarray(0, 4), checksum) !== frameHead.readUInt32LE(4)) return undefined;
  return frameHead.readUInt32LE(0);
}

/** Takes a whole frame apart; undefined if its payload is not the one that was written. */
export function decodeFrame(
  frame: Buffer,
  { end }: LogPosition,
): { payload: Buffer; next: LogPosition } | undefined {
  const payload = frame.subarray(FRAME_HEAD_BYTES, frame.length - FRAME_TAIL_BYTES);
  const checksum = crc32(payload, frame.readUInt32LE(4));
  if (frame.readUInt32LE(frame.length - FRAME_TAIL_BYTES) !== checksum) return undefined;
  return { payload, next: { end: end + frame.length, checksum } };
}
