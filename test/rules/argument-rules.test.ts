import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildSchema, type GraphQLArgument, isObjectType } from 'graphql';
import { argumentRules } from '../../subgraphs/shared/argument-rules.ts';
import { encodeCursor } from '../../subgraphs/shared/connection.ts';

const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../schema/api.graphql'), 'utf8'));

/** Every argument that a mutation's answer can have, by `Type.field`. */
const answered = Object.values(schema.getTypeMap()).flatMap((type) => {
  if (!isObjectType(type) || type.name.startsWith('__') || ['Query', 'Mutation'].includes(type.name))
    return [];
  return Object.values(type.getFields()).flatMap(({ name, args }) =>
    args.map((argument) => ({ field: `${type.name}.${name}`, argument })),
  );
});

const argumentOf = (field: string, name: string): GraphQLArgument =>
  answered.find((found) => found.field === field && found.argument.name === name)!.argument;

/** What the rule of an argument says of a value, or null. */
function faultOf(field: string, name: string, value: unknown): string | null {
  try {
    argumentRules[name]!(value, argumentOf(field, name));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

test('every argument of an answer has a rule, or takes whatever its type lets through', () => {
  const takesAll = ['programme', 'direction', 'status', 'format', 'forMember', 'fromHousehold'];

  const without = answered.filter(({ argument }) => !argumentRules[argument.name]);

  expect([...new Set(without.map(({ argument }) => argument.name))].toSorted()).toEqual(takesAll.toSorted());
});

test('every rule is of an argument that there is, and takes its default', () => {
  const withRule = answered.filter(({ argument }) => argumentRules[argument.name]);

  expect(new Set(withRule.map(({ argument }) => argument.name))).toEqual(new Set(Object.keys(argumentRules)));
  const defaults = withRule.filter(({ argument }) => argument.defaultValue !== undefined);
  expect(defaults.map(({ field, argument }) => faultOf(field, argument.name, argument.defaultValue))).toEqual(
    defaults.map(() => null),
  );
});

const cursor = encodeCursor(['2026-03-01T00:00:00.000Z', 'pos_1']);
const notGiven = 'after: not a cursor that this connection gave';

test.each([
  ['Member.postings', 'first', 1, null],
  ['Member.postings', 'first', 100, null],
  ['Member.postings', 'first', 0, 'first: must be 1 to 100, got 0'],
  ['Member.postings', 'first', -1, 'first: must be 1 to 100, got -1'],
  ['Member.postings', 'first', 101, 'first: must be 1 to 100, got 101'],
  ['Member.statements', 'first', 100, null],
  ['Member.statements', 'first', 101, 'first: must be 1 to 100, got 101'],
  ['PointsBatchIssued.results', 'first', 1_000, null],
  ['PointsBatchIssued.results', 'first', 1_001, 'first: must be 1 to 1000, got 1001'],
  ['Wallet.lots', 'after', cursor, null],
  ['Wallet.lots', 'after', '', null],
  ['Wallet.lots', 'after', 'rubbish', notGiven],
  ['Wallet.lots', 'after', Buffer.from('[1]').toString('base64url'), notGiven],
  ['Wallet.lots', 'after', Buffer.from('[]').toString('base64url'), notGiven],
  ['Wallet.expiring', 'withinDays', 0, null],
  ['HouseholdPool.expiring', 'withinDays', 3_660, null],
  ['Wallet.expiring', 'withinDays', -1, 'withinDays: must be 0 to 3660, got -1'],
  ['HouseholdPool.expiring', 'withinDays', 3_661, 'withinDays: must be 0 to 3660, got 3661'],
  ['Member.statement', 'month', '2026-03', null],
  ['Member.statement', 'month', '2026-13', 'month: must be a month written YYYY-MM'],
  ['Member.statement', 'month', '', 'month: must be a month written YYYY-MM'],
  ['Member.statement', 'locale', 'zh-CN', null],
  ['Member.statement', 'locale', 'en', null],
  ['Member.statements', 'locale', 'de', 'locale: must be zh-CN or en'],
] as const)('%s(%s: %p): %p', (field, name, value, fault) => {
  expect(faultOf(field, name, value)).toBe(fault);
});
