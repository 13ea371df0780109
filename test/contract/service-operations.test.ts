import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { signingKeysOperation } from '../../gateway/proof/routes.ts';
import { statementOperation } from '../../gateway/statements/statement-client.ts';
import { accountsOperations as gatewayOperations } from '../../gateway/token/accounts-client.ts';
import { composedFiles } from '../../schema/compose.ts';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import { accountsOperations as campaignsOperations } from '../../subgraphs/campaigns/accounts-client.ts';
import { accountsOperations as charityOperations } from '../../subgraphs/charity/accounts-client.ts';
import { accountsOperations as catalogueOperations } from '../../subgraphs/rewards-catalogue/accounts-client.ts';
import { importOperations } from '../../tools/import/operations.ts';
import { replayOperations } from '../../tools/replay/operations.ts';

const named = (consumer: string, operations: Record<string, string>) =>
  Object.entries(operations).map(([name, text]) => [`${consumer}: ${name}`, text] as const);

const internal = [
  ...named('gateway', {
    ...gatewayOperations,
    signingKeys: signingKeysOperation,
    statement: statementOperation,
  }),
  ...named('campaigns', campaignsOperations),
  ...named('charity', charityOperations),
  ...named('rewards-catalogue', catalogueOperations),
];

test.each(internal)('%s is valid against what accounts offers to services', (_, text) => {
  const accounts = buildSubgraphSchema({ typeDefs: readSubgraphSchema('accounts') });

  expect(validate(accounts, parse(text)).map((error) => error.message)).toEqual([]);
});

test.each([...named('replay', replayOperations), ...named('import', importOperations)])(
  '%s is valid against the public schema',
  (_, text) => {
    const api = buildSchema(readFileSync(composedFiles.api, 'utf8'));

    expect(validate(api, parse(text)).map((error) => error.message)).toEqual([]);
  },
);
