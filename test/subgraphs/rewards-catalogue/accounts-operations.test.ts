import { buildSubgraphSchema } from '@apollo/subgraph';
import { expect, test } from '@jest/globals';
import { parse, validate } from 'graphql';
import { readSubgraphSchema } from '../../../schema/subgraphs.ts';
import { accountsOperations } from '../../../subgraphs/rewards-catalogue/accounts-client.ts';

const schema = buildSubgraphSchema({ typeDefs: readSubgraphSchema('accounts') });

test.each(Object.entries(accountsOperations))('%s is an operation of the accounts schema', (_, operation) => {
  expect(validate(schema, parse(operation))).toEqual([]);
});
