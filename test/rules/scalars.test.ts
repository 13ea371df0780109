import { expect, test } from '@jest/globals';
import { Kind } from 'graphql';
import { scalarResolvers } from '../../subgraphs/shared/scalars.ts';

const { DateTime } = scalarResolvers;

test.each([
  ['2026-04-30T00:00:00Z', '2026-04-30T00:00:00.000Z'],
  ['2028-02-29T12:30+08:00', '2028-02-29T04:30:00.000Z'],
  ['2026-03-01T00:30:00+01:00', '2026-02-28T23:30:00.000Z'],
  ['2026-12-31T23:59:59.999999999-12:00', '2027-01-01T11:59:59.999Z'],
  ['2026-04-30T24:00:00Z', '2026-05-01T00:00:00.000Z'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
])('reads %s as %s', (text, instant) => {
  expect(DateTime.parseValue(text)?.toISOString()).toBe(instant);
  expect(DateTime.parseLiteral({ kind: Kind.STRING, value: text })?.toISOString()).toBe(instant);
});

test.each([
  ['no time', '2026-04-30'],
  ['no time zone', '2026-04-30T00:00:00'],
  ['a month 13', '2026-13-01T00:00:00Z'],
  ['a 32 January', '2026-01-32T00:00:00Z'],
  ['a 31 April', '2026-04-31T00:00:00Z'],
  ['a 31 April east of Greenwich, where that is 30 April in UTC', '2026-04-31T00:00:00+08:00'],
  ['a 30 February', '2028-02-30T00:00:00Z'],
  ['a 29 February of another year than a leap year', '2026-02-29T23:59:59.999-12:00'],
  ['an offset into the year 10000', '9999-12-31T23:59:59-12:00'],
  ['an offset into the year before 0', '0000-01-01T00:00:00+12:00'],
])('refuses %s', (_, text) => {
  const refusal = `DateTime must be ISO 8601 with a time zone, got "${text}"`;

  expect(() => DateTime.parseValue(text)).toThrow(refusal);
  expect(() => DateTime.parseLiteral({ kind: Kind.STRING, value: text })).toThrow(refusal);
});
