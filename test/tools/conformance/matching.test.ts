import { expect, test } from '@jest/globals';
import { Binary, Decimal128, Int32, Long, ObjectId } from 'bson';
import { assertMatch, type Level } from '../../../tools/conformance/matching.ts';

const scope = {
  lsidOf: (name: string) => ({ id: new Binary(Buffer.from(name)) }),
  valueOf: (name: string) => ({ saved: name }),
};

/** What is wrong with a value, or undefined when it matches. */
function fault(expected: unknown, actual: unknown, level: Level = 'root'): string | undefined {
  try {
    assertMatch(expected, actual, scope, level);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test('only a root document may have fields that are not expected', () => {
  expect(fault({ a: 1 }, { b: 2, a: 1 })).toBeUndefined();
  expect(fault({ a: { b: 1 } }, { a: { b: 1, c: 2 } })).toBe("a: 'c' is not expected");
  expect(fault({ a: 1 }, { a: 1, b: undefined }, 'nested')).toBeUndefined();
  expect(fault([{ a: 1 }], [{ a: 1, b: 2 }], 'iterated')).toBeUndefined();
  expect(fault([{ a: 1 }], [{ a: 1, b: 2 }], 'nested')).toBe("[0]: 'b' is not expected");
});

test('arrays must be of one length and in one order', () => {
  expect(fault([1, 2], [1, 2], 'nested')).toBeUndefined();
  expect(fault({ a: [1] }, { a: [1, 2] })).toBe('a: 1 elements expected, 2 seen');
  expect(fault([1, 2], [2, 1], 'nested')).toContain('[0]');
  expect(fault([1], { 0: 1 })).toContain('expected');
});

test('numbers are equal by value, whatever their width; a decimal and a text are something else', () => {
  for (const one of [1, new Int32(1), Long.ONE, 1n]) expect(fault(1, one)).toBeUndefined();
  expect(fault(1, 1.5)).toContain('1.5');
  expect(fault(1, '1')).toContain('expected');
  expect(fault(1, Decimal128.fromString('1'))).toContain('expected');
  expect(fault(0, null)).toContain('expected');
});

test('values of the other types must be the same', () => {
  const id = '000000000000000000000001';

  expect(fault(new ObjectId(id), new ObjectId(id))).toBeUndefined();
  expect(fault(new ObjectId(id), new ObjectId())).toContain('expected');
  expect(fault(new Date(5), new Date(5))).toBeUndefined();
  expect(fault(new Date(5), new Date(6))).toContain('expected');
  expect(fault({ a: null }, {})).toBe('a: null expected, nothing seen');
});

test('operators say whether a field is there, what it may be, and what it must be if it is there', () => {
  expect(fault({ a: { $$exists: true } }, { a: null })).toBeUndefined();
  expect(fault({ a: { $$exists: false } }, { a: null })).toContain('should not exist');
  expect(fault({ a: { $$exists: true } }, {})).toContain('should exist');
  expect(fault({ a: { $$unsetOrMatches: { b: 1 } } }, {})).toBeUndefined();
  expect(fault({ a: { $$unsetOrMatches: { b: 1 } } }, { a: { b: 2 } })).toContain('a.b');
  expect(fault({ a: { $$type: ['int', 'long'] } }, { a: 5 })).toBeUndefined();
  expect(fault({ a: { $$type: 'string' } }, { a: 5 })).toContain('type');
  expect(fault({ a: { $$lte: 5 } }, { a: 5 })).toBeUndefined();
  expect(fault({ a: { $$lte: 5 } }, { a: 6 })).toContain('at most');
  expect(fault({ $$matchesHexBytes: '0aff' }, Buffer.of(10, 255))).toBeUndefined();
  expect(fault({ $$matchesHexBytes: '0aff' }, Buffer.of(10))).toContain('expected');
});

test('operators refer to sessions and saved values; one that nobody knows fails', () => {
  expect(fault({ a: { $$sessionLsid: 's' } }, { a: scope.lsidOf('s') })).toBeUndefined();
  expect(fault({ a: { $$sessionLsid: 's' } }, { a: scope.lsidOf('t') })).toContain('expected');
  expect(fault({ a: { $$matchesEntity: 'v' } }, { a: { saved: 'v' } })).toBeUndefined();
  expect(fault({ a: { $$never: 1 } }, { a: 1 })).toContain('does not know $$never');
});
