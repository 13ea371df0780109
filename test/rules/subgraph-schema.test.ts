import { buildSubgraphSchema } from '@apollo/subgraph';
import { expect, test } from '@jest/globals';
import { graphql, parse, printSchema } from 'graphql';
import { readSubgraphSchema, subgraphNames } from '../../schema/subgraphs.ts';
import { makeSubgraphSchema } from '../../subgraphs/shared/subgraph-schema.ts';

test.each(subgraphNames)('the schema of %s is what @apollo/subgraph makes of it, each time', async (name) => {
  const typeDefs = readSubgraphSchema(name);
  const expected = buildSubgraphSchema({ typeDefs });

  for (const made of [makeSubgraphSchema(typeDefs, {}), makeSubgraphSchema(typeDefs, {})]) {
    expect(printSchema(made)).toBe(printSchema(expected));
    const source = '{ _service { sdl } }';
    expect(await graphql({ schema: made, source })).toEqual(await graphql({ schema: expected, source }));
  }
});

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { who: String! }
  type Thing @key(fields: "id") { id: ID! owner: String! }
`);

const named = (name: string) => ({
  Query: { who: () => name },
  Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, owner: name }) },
});

test('two schemas of one document have resolvers of their own, also for entities', async () => {
  const [first, second] = [
    makeSubgraphSchema(typeDefs, named('first')),
    makeSubgraphSchema(typeDefs, named('second')),
  ];
  const source =
    'query ($of: [_Any!]!) { who _entities(representations: $of) { ... on Thing { id owner } } }';
  const variableValues = { of: [{ __typename: 'Thing', id: 'a' }] };

  for (const [schema, name] of [
    [first, 'first'],
    [second, 'second'],
  ] as const)
    expect((await graphql({ schema, source, variableValues })).data).toEqual({
      who: name,
      _entities: [{ id: 'a', owner: name }],
    });
});

test('a document that federation refuses makes no schema, the second time neither', () => {
  const wrong = parse('type Query { who: Nobody }');

  expect(() => makeSubgraphSchema(wrong, {})).toThrow('Nobody');
  expect(() => makeSubgraphSchema(wrong, {})).toThrow('Nobody');
});
