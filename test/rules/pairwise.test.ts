import { buildSubgraphSchema } from '@apollo/subgraph';
import { expect, test } from '@jest/globals';
import { graphql, parse } from 'graphql';
import type { Caller } from '../../subgraphs/shared/caller.ts';
import { pairwiseIds } from '../../subgraphs/shared/pairwise.ts';
import { asMember, asMerchant, asService, operator } from '../support/callers.ts';
import { memberIds } from '../support/member-ids.ts';

const member = 'mem_00000000000000000000000001';
const shownTo = (merchantId: string) => memberIds.shown(member, merchantId);

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  directive @memberId(within: Boolean, where: String) on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
  type Query { one(id: ID @memberId): Member  many(inputs: [Item!]!, ids: [ID!] @memberId): [Member]!  later: Member }
  type Member @key(fields: "id") { id: ID! @memberId  wallet: String! @memberId(within: true)  said: ID!  all: [ID!]! @memberId  named: Sent!  sent: Sent! }
  type Sent { id: ID! @memberId(within: true, where: "isId") }
  input Item { member: Named!  note: String  inside: Item }
  input Named { id: ID @memberId  reference: String }
`);

/** What the resolvers were given, in order. */
const met: unknown[] = [];

function meet<T>(given: unknown, answer: T): T {
  met.push(given);
  return answer;
}

const found = (id: string) => ({
  ...{ id, said: id, wallet: `wal_${id}_SHARED`, all: [id, id] },
  ...{ named: { id, isId: true }, sent: { id, isId: false } },
});

const schema = pairwiseIds(
  buildSubgraphSchema({
    typeDefs,
    resolvers: {
      Query: {
        one: (_: unknown, { id }: { id: string }) => meet(id, id === member ? found(id) : null),
        many: (_: unknown, args: object) => meet(args, [found(member)]),
        later: async () => found(member),
      },
      Member: { __resolveReference: ({ id }: { id: string }) => meet(id, found(id)) },
    },
  }),
  memberIds,
);

async function ask(caller: Caller, source: string, variableValues: Record<string, unknown> = {}) {
  met.length = 0;
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue: { caller } });
  expect(errors).toBeUndefined();
  return JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
}

test('a merchant sends and is shown its own id, however the resolver answers and wherever the id stands', async () => {
  const shown = shownTo('mer_1');
  const query = 'query ($id: ID) { one(id: $id) { id wallet all } later { id } }';

  expect(await ask(asMerchant('mer_1'), query, { id: shown })).toEqual({
    one: { id: shown, wallet: `wal_${shown}_SHARED`, all: [shown, shown] },
    later: { id: shown },
  });
  expect(met).toEqual([member]);
});

test('what may be an id is shown as one only in objects that say that it is', async () => {
  expect(await ask(asMerchant('mer_1'), '{ later { named { id } sent { id } } }')).toEqual({
    later: { named: { id: shownTo('mer_1') }, sent: { id: member } },
  });
});

test('a session that a merchant minted speaks in the ids of that merchant', async () => {
  const session = asMember(member, 'mer_1');

  expect(await ask(session, 'query ($id: ID) { one(id: $id) { id } }', { id: shownTo('mer_1') })).toEqual({
    one: { id: shownTo('mer_1') },
  });
});

test.each([
  ['an operator', operator],
  ['a member of no merchant', asMember(member)],
  ['a service', asService(asMerchant('mer_1'))],
] as const)('%s meets the member’s own id', async (_, caller) => {
  expect(await ask(caller, 'query ($id: ID) { one(id: $id) { id wallet } }', { id: member })).toEqual({
    one: { id: member, wallet: `wal_${member}_SHARED` },
  });
});

test.each([
  ['another merchant’s id', shownTo('mer_2')],
  ['the member’s own', member],
  ['anything else', 'x'],
  ['nothing', ''],
])('%s is nobody’s to a merchant', async (_, id) => {
  expect(await ask(asMerchant('mer_1'), 'query ($id: ID) { one(id: $id) { id } }', { id })).toEqual({
    one: null,
  });
  expect(met).not.toContain(member);
});

test('ids are read in lists and inside inputs, and all else of them is left as it is', async () => {
  const id = shownTo('mer_1');
  const query = 'query ($i: [Item!]!, $ids: [ID!]) { many(inputs: $i, ids: $ids) { id } }';
  const i = [
    { member: { id }, note: id },
    { member: { reference: id }, inside: { member: { id } } },
  ];

  await ask(asMerchant('mer_1'), query, { i, ids: [id] });

  expect(JSON.parse(JSON.stringify(met))).toEqual([
    {
      inputs: [
        { member: { id: member }, note: id },
        { member: { reference: id }, inside: { member: { id: member } } },
      ],
      ids: [member],
    },
  ]);
});

test('a gateway names an entity as another subgraph showed it to the same caller', async () => {
  const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Member { id said } } }';
  const representation = (id: string) => ({ r: [{ __typename: 'Member', id }] });

  const merchant = await ask(asMerchant('mer_1'), query, representation(shownTo('mer_1')));
  expect(merchant).toEqual({ _entities: [{ id: shownTo('mer_1'), said: member }] });
  await ask(asMerchant('mer_1'), query, representation(shownTo('mer_2')));
  expect(met).not.toContain(member);
  expect(await ask(operator, query, representation(member))).toEqual({
    _entities: [{ id: member, said: member }],
  });
});
