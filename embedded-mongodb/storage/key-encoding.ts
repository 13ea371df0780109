import type { Binary, BSONRegExp, BSONSymbol, Code, Document, ObjectId, Timestamp } from 'bson';
import { encodeNumber, word } from './key-numbers.ts';

/**
 * Bytes that sort as BSON values compare, held as a one-byte-a-character string because such strings
 * compare fast and cost little memory. Tags leave out 0x00 and 0xff, so `prefix + '\xff'` is above every key
 * that starts with the prefix, in ascending and descending order alike.
 */
export type IndexKey = string;

/** Above every continuation of a key prefix. */
export const KEY_END = '\xff';

/** The type tags, in the comparison order of BSON types. */
export const TAG = {
  minKey: 0x05,
  undefined: 0x09,
  null: 0x0a,
  number: 0x10,
  string: 0x18,
  object: 0x20,
  array: 0x28,
  binary: 0x30,
  objectId: 0x38,
  boolean: 0x40,
  date: 0x48,
  timestamp: 0x50,
  regex: 0x58,
  dbPointer: 0x60,
  code: 0x68,
  scopedCode: 0x70,
  maxKey: 0xf0,
} as const;

/** How strings are made comparable before they are encoded; the identity when there is no collation. */
export type Fold = (text: string) => string;

const asIs: Fold = (text) => text;

/** The key of one value; `undefined` stands for a missing field and sorts with null, as in MongoDB's indexes. */
export function encodeValue(value: unknown, fold: Fold = asIs): IndexKey {
  if (value instanceof EmptyArrayKey) return String.fromCharCode(TAG.undefined);
  return encode(value, fold);
}

/** Marks the entry of an empty array in a multikey index, which MongoDB stores as BSON undefined. */
class EmptyArrayKey {}
export const EMPTY_ARRAY = new EmptyArrayKey();

/** The bytes of a key inverted, so that the order is descending. */
export function invertKey(key: IndexKey): IndexKey {
  let inverted = '';
  for (let i = 0; i < key.length; i++) inverted += String.fromCharCode(key.charCodeAt(i) ^ 0xff);
  return inverted;
}

/** The type tag under which a value is encoded; values of different tags never match a range condition. */
export function tagOf(value: unknown): number {
  return encodeValue(value).charCodeAt(0);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a zero byte is what has to be escaped
const ASCII = /^[\x01-\x7f]*$/;

function tagged(tag: number, body = ''): IndexKey {
  return String.fromCharCode(tag) + body;
}

function encode(value: unknown, fold: Fold): IndexKey {
  if (value === undefined || value === null) return tagged(TAG.null);
  if (typeof value === 'string') return tagged(TAG.string, text(fold(value)));
  if (typeof value === 'number' || typeof value === 'bigint') return encodeNumeric(value);
  if (typeof value === 'boolean') return tagged(TAG.boolean, value ? '\x02' : '\x01');
  if (Array.isArray(value)) return tagged(TAG.array, `${value.map((v) => encode(v, fold)).join('')}\x00`);
  if (value instanceof Date) return tagged(TAG.date, encodeMillis(value.getTime()));
  const type = (value as { _bsontype?: string })._bsontype;
  return type === undefined || type === 'DBRef'
    ? encodeObject(value as Document, fold)
    : encodeTyped(value, type, fold);
}

function encodeNumeric(value: unknown): IndexKey {
  return tagged(TAG.number, encodeNumber(value));
}

function encodeTyped(value: unknown, type: string, fold: Fold): IndexKey {
  switch (type) {
    case 'Int32':
    case 'Double':
    case 'Long':
    case 'Decimal128':
      return encodeNumeric(value);
    case 'ObjectId':
      return tagged(TAG.objectId, Buffer.from((value as ObjectId).id).toString('latin1'));
    case 'Timestamp':
      return tagged(TAG.timestamp, unsigned((value as Timestamp).toBigInt()));
    case 'Binary':
      return encodeBinary(value as Binary);
    case 'BSONSymbol':
      return tagged(TAG.string, text(fold((value as BSONSymbol).value)));
    case 'BSONRegExp':
      return tagged(TAG.regex, text((value as BSONRegExp).pattern) + text((value as BSONRegExp).options));
    case 'Code':
      return encodeCode(value as Code, fold);
    case 'MinKey':
      return tagged(TAG.minKey);
    case 'MaxKey':
      return tagged(TAG.maxKey);
    default:
      throw new TypeError(`cannot index a value of BSON type ${type}`);
  }
}

/** Objects compare field by field: type, then name, then value; a shorter object sorts first. */
function encodeObject(value: Document, fold: Fold): IndexKey {
  const doc =
    'toJSON' in value && value['_bsontype'] === 'DBRef' ? (value as { toJSON(): Document }).toJSON() : value;
  let body = '';
  for (const [name, field] of Object.entries(doc)) {
    const key = encode(field, fold);
    body += key[0] + text(name) + key.slice(1);
  }
  return tagged(TAG.object, `${body}\x00`);
}

function encodeBinary(value: Binary): IndexKey {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(value.position);
  head[4] = value.sub_type;
  return tagged(
    TAG.binary,
    head.toString('latin1') + Buffer.from(value.buffer).subarray(0, value.position).toString('latin1'),
  );
}

function encodeCode(value: Code, fold: Fold): IndexKey {
  if (value.scope === null || value.scope === undefined) return tagged(TAG.code, text(value.code));
  return tagged(TAG.scopedCode, text(value.code) + encode(value.scope, fold));
}

/** UTF-8, so that order is by code point; a zero byte is escaped and the end is marked below the escape. */
function text(value: string): string {
  if (ASCII.test(value)) return `${value}\x00\x01`;
  const bytes = Buffer.from(value, 'utf8').toString('latin1');
  return `${bytes.includes('\x00') ? bytes.replaceAll('\x00', '\x00\xff') : bytes}\x00\x01`;
}

/** A signed 64-bit integer, in two halves because arithmetic on bigint costs more than the rest of a key. */
function encodeMillis(millis: number): string {
  return word(Math.floor(millis / 0x1_0000_0000) ^ 0x8000_0000) + word(millis);
}

function unsigned(value: bigint): string {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt.asUintN(64, value));
  return out.toString('latin1');
}
