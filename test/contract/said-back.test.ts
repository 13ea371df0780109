import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
  isUnionType,
} from 'graphql';
import { memberIds } from '../support/member-ids.ts';
import { unique } from '../support/seed.ts';
import { buildWorld, type World } from './operations/world.ts';

let world: World;
beforeAll(async () => {
  world = await buildWorld();
});
afterAll(() => world.coalition.stop());

const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../schema/api.graphql'), 'utf8'));

const ofScalar: Record<string, unknown> = {
  Points: 1,
  MinorUnits: 1,
  Int: 1,
  Float: 1,
  Boolean: true,
  DateTime: '2030-01-01T00:00:00.000Z',
};

/**
 * Values of an input: with what has to be there, and besides with each part by itself that may name something. Every text is the one
 * given, but for what would be turned down before anything is looked for.
 */
function valuesOf(type: GraphQLInputType, text: string, depth = 0): unknown[] {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return valuesOf(nullable.ofType, text, depth).map((value) => [value]);
  if (isEnumType(nullable)) return [nullable.getValues()[0]!.name];
  if (!isInputObjectType(nullable)) return [ofScalar[getNamedType(nullable).name] ?? text];
  const fields = Object.values(nullable.getFields());
  const valuesOfField = fields.map(({ name, type: part }): [string, unknown[]] => {
    if (name === 'idempotencyKey') return [name, [unique('said')]];
    if (name === 'currency') return [name, ['CNY']];
    return [name, depth > 3 ? [] : valuesOf(part, text, depth + 1)];
  });
  const naming = ({ name, type: part }: GraphQLInputField): boolean =>
    /Ids?$|Ref$|reference|cardNumber|programme/i.test(name) ||
    getNamedType(part).name === 'ID' ||
    isInputObjectType(getNamedType(part));
  const needed = new Set(fields.filter(isRequiredInputField).map(({ name }) => name));
  const base = Object.fromEntries(
    valuesOfField.flatMap(([name, [first]]) => (needed.has(name) ? [[name, first]] : [])),
  );
  return [
    base,
    ...valuesOfField.flatMap(([name, values], i) =>
      naming(fields[i]!) ? values.map((value) => ({ ...base, [name]: value })) : [],
    ),
  ];
}

const canMiss = (type: GraphQLNamedType): boolean =>
  isUnionType(type) && type.getTypes().some(({ name }) => name === 'NotFound');

const mutations = Object.values(schema.getMutationType()!.getFields()).filter(({ type }) =>
  canMiss(getNamedType(type)),
);

interface Missed {
  readonly what: string;
  readonly id: string;
}

/** All that a caller is told was not found when it sends a text wherever a mutation takes one. */
async function missed(
  { name, args }: GraphQLField<unknown, unknown>,
  token: string,
  text: string,
): Promise<Missed[]> {
  const input = args.find((arg) => arg.name === 'input')!;
  const query = `mutation ($input: ${String(input.type)}) { answer: ${name}(input: $input) { ... on NotFound { what id } } }`;
  const found: Missed[] = [];
  for (const value of valuesOf(input.type, text)) {
    // Sent as it is, so that nothing is translated on the way.
    const response = await fetch(`${world.coalition.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables: { input: value } }),
    });
    const { data } = (await response.json()) as { data?: { answer: Partial<Missed> } | null };
    if (data?.answer?.what !== undefined) found.push(data.answer as Missed);
  }
  return found;
}

test('whatever a merchant names by a member’s own id comes back as it was sent, and is not turned into its own', async () => {
  const { petShop, member } = world;
  const told = [];
  for (const mutation of mutations) told.push(...(await missed(mutation, petShop.token, member.id)));

  expect(told.filter(({ id }) => id !== member.id)).toEqual([]);
  const known = [
    'CAMPAIGN',
    'CAUSE',
    'LOT',
    'MEMBER',
    'POSTING',
    'PURCHASE',
    'REDEMPTION',
    'REWARD',
    'WEBHOOK',
  ];
  expect(told.map(({ what }) => what)).toEqual(expect.arrayContaining(known));
});

test('nor is what its storefront sends as the member', async () => {
  const { petShop, member } = world;
  const own = memberIds.shown(member.id, petShop.id);
  const told = [];
  for (const mutation of mutations) told.push(...(await missed(mutation, member.token, member.id)));

  expect(told.filter(({ id }) => id === own)).toEqual([]);
  const known = ['BENEFICIARY', 'CASE', 'HOUSEHOLD_MEMBER', 'INVITATION', 'MEMBER', 'MERCHANT', 'POSTING'];
  expect(told.map(({ what }) => what)).toEqual(expect.arrayContaining(known));
});
