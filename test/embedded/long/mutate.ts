import { type Document, Double, deserialize, Int32, Long, serialize } from 'bson';
import type { Random } from './randomly.ts';

const BYTES = [0x00, 0x01, 0x02, 0x03, 0x04, 0x7f, 0x80, 0xff];
const INTEGERS = [0, -1, 1, 4, 5, 0x7fffffff, -0x80000000, 0xffff, 48_000_000, 16_777_216];
const DECODE = { promoteValues: false, bsonRegExp: true } as const;

/** A message that is nearly a valid one: its bytes are changed, or a value in its body. */
export function mutate(messages: readonly Buffer[], random: Random): Buffer {
  const message = Buffer.from(random.pick(messages));
  if (random() < 0.5)
    return changedBody(message, messages, random) ?? changedBytes(message, messages, random);
  return changedBytes(message, messages, random);
}

function changedBytes(message: Buffer, messages: readonly Buffer[], random: Random): Buffer {
  let bytes = message;
  for (let changes = 1 + random.below(3); changes > 0; changes--) bytes = changeOnce(bytes, messages, random);
  // Most are to come past the framing; the rest are to try it.
  if (bytes.length >= 4 && random() < 0.9) bytes.writeInt32LE(bytes.length, 0);
  return bytes;
}

function changeOnce(bytes: Buffer, messages: readonly Buffer[], random: Random): Buffer {
  if (bytes.length < 8) return bytes;
  const at = random.below(bytes.length);
  switch (random.below(6)) {
    case 0:
      bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      return bytes;
    case 1:
      bytes[at] = random.pick(BYTES);
      return bytes;
    case 2:
      bytes.writeInt32LE(random.pick(INTEGERS), Math.min(at, bytes.length - 4));
      return bytes;
    case 3: {
      const place = Math.min(at, bytes.length - 4);
      bytes.writeInt32LE((bytes.readInt32LE(place) + random.below(9) - 4) | 0, place);
      return bytes;
    }
    case 4:
      return Buffer.from(bytes.subarray(0, at));
    default: {
      const other = random.pick(messages);
      const from = random.below(other.length);
      const part = other.subarray(from, from + random.below(64));
      const cut = random() < 0.5 ? part.length : 0;
      return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at + cut)]);
    }
  }
}

/** The message with values of its body exchanged, taken away or renamed; undefined if it has no plain body. */
function changedBody(message: Buffer, messages: readonly Buffer[], random: Random): Buffer | undefined {
  const body = bodyOf(message);
  if (body === undefined) return undefined;
  const pool = bodyOf(random.pick(messages)) ?? {};
  for (let changes = 1 + random.below(2); changes > 0; changes--) changeValue(body, pool, random);
  try {
    const doc = serialize(body);
    const bytes = Buffer.concat([message.subarray(0, 21), doc]);
    bytes.writeInt32LE(bytes.length, 0);
    return bytes;
  } catch {
    return undefined;
  }
}

function bodyOf(message: Buffer): Document | undefined {
  if (message.readInt32LE(12) !== 2013 || message[20] !== 0) return undefined;
  return deserialize(message.subarray(21, 21 + message.readInt32LE(21)), DECODE);
}

function changeValue(body: Document, pool: Document, random: Random): void {
  let target: Document = body;
  for (;;) {
    const keys = Object.keys(target);
    // Without the first field it is another command; that is for the changes of bytes.
    const key = random.pick(target === body ? keys.slice(1) : keys);
    if (key === undefined) return;
    const value: unknown = target[key];
    if (isContainer(value) && random() < 0.75) {
      target = value;
      continue;
    }
    const named = !Array.isArray(target);
    const choice = random();
    if (choice < 0.1 && named) delete target[key];
    else if (choice < 0.2 && named) {
      delete target[key];
      target[random.pick(NAMES)] = value;
    } else target[key] = otherValue(value, pool, random);
    return;
  }
}

const NAMES = [
  '$set',
  '$in',
  '$and',
  '$expr',
  '$add',
  '_id',
  '',
  '__proto__',
  'constructor',
  '$',
  'a.b',
  '0',
  '$$ROOT',
  'n',
];

function otherValue(value: unknown, pool: Document, random: Random): unknown {
  const made = [
    null,
    true,
    '',
    '$n',
    '$$this',
    'a\0b'.slice(0, 1),
    'x'.repeat(300),
    new Int32(random.pick(INTEGERS) | 0),
    new Double(random.pick([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e308, 0.1])),
    Long.fromString(random.pick(['9223372036854775807', '-9223372036854775808', '0'])),
    [],
    {},
    [value],
    { a: value },
    [value, value],
    new Date(random.pick([0, -62_167_219_200_000, 8.64e15])),
    inner(pool, random),
    inner(pool, random),
  ];
  return random.pick(made);
}

/** Some value out of another message. */
function inner(pool: Document, random: Random): unknown {
  let value: unknown = pool;
  while (isContainer(value) && random() < 0.7) {
    const holder: Document = value;
    const key = random.pick(Object.keys(holder));
    if (key === undefined) break;
    value = holder[key];
  }
  return value;
}

function isContainer(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !('_bsontype' in value) && !(value instanceof Date);
}
