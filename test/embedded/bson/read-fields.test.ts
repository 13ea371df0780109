import { expect, test } from '@jest/globals';
import {
  Binary,
  BSONRegExp,
  type Document,
  Double,
  deserialize,
  Long,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';
import { readFields } from '../../../embedded-mongodb/bson/read-fields.ts';
import { fc } from '../../support/properties.ts';

const decode = (raw: Uint8Array): Document =>
  deserialize(raw, { promoteValues: false, promoteBuffers: false, bsonRegExp: true });

const raw = (doc: Document): Buffer => Buffer.from(serialize(doc, { ignoreUndefined: false }));

const utf8 = (names: readonly string[]): Buffer[] => names.map((name) => Buffer.from(name));

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer().map((n) => new Double(n / 3)),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => new Binary(bytes)),
  fc.constant(new ObjectId('0123456789abcdef01234567')),
  fc.constant(new Timestamp({ t: 7, i: 9 })),
);

const fieldName = fc.constantFrom('_id', 'a', 'ab', 'größe', 'memberIds', 'at');

const doc: fc.Arbitrary<Document> = fc.dictionary(
  fieldName,
  fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(fieldName, scalar)),
);

test('reads the fields that are named as the general decoder does, and no others', () => {
  fc.assert(
    fc.property(doc, fc.uniqueArray(fieldName), (value, names) => {
      const bytes = raw(value);
      const whole = decode(bytes);
      const wanted = Object.keys(whole).filter((name) => (names as string[]).includes(name));

      const read = readFields(bytes, utf8(names));

      expect(Object.keys(read ?? {})).toEqual(wanted);
      expect(read).toEqual(Object.fromEntries(wanted.map((name) => [name, whole[name]])));
    }),
    { numRuns: 2_000 },
  );
});

test('takes nothing for well formed that the general decoder refuses', () => {
  const change = fc.record({ at: fc.nat(400), byte: fc.nat(255) });
  fc.assert(
    fc.property(doc, fc.array(change, { minLength: 1, maxLength: 3 }), (value, changes) => {
      const bytes = raw(value);
      for (const { at, byte } of changes) bytes[at % bytes.length] = byte;

      if (readFields(bytes, utf8(['_id'])) !== undefined) expect(() => decode(bytes)).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
});

test('leaves to the general decoder what is rare, too deep or cut off', () => {
  let deep: Document = {};
  for (let i = 0; i < 120; i++) deep = { deep };

  expect(readFields(raw({ _id: 1, at: new BSONRegExp('a') }), utf8(['_id']))).toBeUndefined();
  expect(readFields(raw(deep), utf8(['_id']))).toBeUndefined();
  expect(readFields(raw({ _id: 'text' }).subarray(0, 12), utf8(['_id']))).toBeUndefined();
  expect(readFields(Buffer.alloc(0), utf8(['_id']))).toBeUndefined();
});
