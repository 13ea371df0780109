import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { composedFiles } from '../../schema/compose.ts';
import { contracts } from './operations/all.ts';
import { buildWorld, type World } from './operations/world.ts';

const folder = join(import.meta.dirname, '../../schema/operations');
const read = (operation: string): string => readFileSync(join(folder, `${operation}.graphql`), 'utf8');

let world: World;

beforeAll(async () => {
  world = await buildWorld();
});

afterAll(() => world.coalition.stop());

const consumers = readdirSync(folder);
const operations = consumers.flatMap((consumer) =>
  readdirSync(join(folder, consumer)).map((file) => `${consumer}/${file.replace(/\.graphql$/, '')}`),
);

test('every operation that a consumer sends has a contract here', () => {
  expect(contracts.map((contract) => contract.operation).sort()).toEqual(operations.sort());
});

// Once for all: a connection that idles while this process computes for seconds is closed under it.
const schema = buildSchema(readFileSync(composedFiles.api, 'utf8'));

test.each(operations)('%s is valid against the public schema', (operation) => {
  expect(validate(schema, parse(read(operation))).map((error) => error.message)).toEqual([]);
});

test.each(contracts.map((contract) => [contract.operation, contract] as const))(
  '%s is answered as its consumer expects',
  async (operation, contract) => {
    const answer = await world.coalition.ask(
      contract.token(world),
      read(operation),
      await contract.variables(world),
    );

    expect(answer.errors).toBeUndefined();
    expect(answer.data).toMatchObject(contract.answer(world));
  },
);
