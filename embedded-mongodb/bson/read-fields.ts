import { isUtf8 } from 'node:buffer';
import { type Document, deserialize } from 'bson';

/** Deeper documents are left to the general decoder. */
const MOST_DEEP = 100;

/** Bytes of values whose length follows from their type: null, MinKey, MaxKey, Int32, Double, Date, Timestamp, … */
const FIXED = new Int8Array(256).fill(-1);
for (const [type, bytes] of [
  [0x01, 8],
  [0x07, 12],
  [0x09, 8],
  [0x0a, 0],
  [0x10, 4],
  [0x11, 8],
  [0x12, 8],
  [0x13, 16],
  [0x7f, 0],
  [0xff, 0],
] as const)
  FIXED[type] = bytes;

const DECODE = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const;

/**
 * Decodes only the fields of a document that have one of these names, in UTF-8, having checked that all of it is well formed: decoding all would be most
 * of what an insert costs. Undefined if the document is not well formed, or holds something rare; then the general
 * decoder has to say what it is.
 */
export function readFields(raw: Buffer, names: readonly Buffer[]): Document | undefined {
  const parts: Buffer[] = [];
  let length = 5;
  const sound = eachElement(raw, 0, raw.length, 0, (start, nameEnd, end) => {
    if (!names.some((name) => isNamed(raw, start + 1, nameEnd, name))) return;
    parts.push(raw.subarray(start, end));
    length += end - start;
  });
  if (!sound) return undefined;
  const picked = Buffer.allocUnsafe(length);
  picked.writeInt32LE(length, 0);
  let at = 4;
  for (const part of parts) at += part.copy(picked, at);
  picked[at] = 0;
  return deserialize(picked, DECODE);
}

function isNamed(raw: Buffer, from: number, to: number, name: Buffer): boolean {
  if (to - from !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (raw[from + i] !== name[i]) return false;
  return true;
}

type Visit = (start: number, nameEnd: number, end: number) => void;

/** Walks the elements of a document that has to fill these bytes; false as soon as one is not plainly well formed. */
function eachElement(raw: Buffer, from: number, to: number, depth: number, visit?: Visit): boolean {
  if (depth > MOST_DEEP || to - from < 5 || raw.readInt32LE(from) !== to - from || raw[to - 1] !== 0)
    return false;
  const last = to - 1;
  let at = from + 4;
  while (at < last) {
    const type = raw[at] as number;
    const nameEnd = raw.indexOf(0, at + 1);
    if (type === 0 || nameEnd < 0 || nameEnd >= last) return false;
    const end = valueEnd(raw, type, nameEnd + 1, last, depth);
    if (end < 0 || end > last) return false;
    visit?.(at, nameEnd, end);
    at = end;
  }
  return at === last;
}

/** Where a value ends; -1 if it is not plainly well formed. */
function valueEnd(raw: Buffer, type: number, at: number, last: number, depth: number): number {
  const fixed = FIXED[type] as number;
  if (fixed >= 0) return at + fixed;
  if (type === 0x08) return (raw[at] as number) <= 1 ? at + 1 : -1;
  if (at + 5 > last) return -1;
  const length = raw.readInt32LE(at);
  if (type === 0x02) return stringEnd(raw, at + 4, length, last);
  if (type === 0x05) return length >= 0 ? at + 5 + length : -1;
  if (type !== 0x03 && type !== 0x04) return -1;
  const end = at + length;
  return length >= 5 && end <= last && eachElement(raw, at, end, depth + 1) ? end : -1;
}

function stringEnd(raw: Buffer, at: number, length: number, last: number): number {
  const end = at + length;
  if (length < 1 || end > last || raw[end - 1] !== 0) return -1;
  for (let i = at; i < end; i++)
    if ((raw[i] as number) > 0x7f) return isUtf8(raw.subarray(at, end)) ? end : -1;
  return end;
}
