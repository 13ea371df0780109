import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose, { type mongo } from 'mongoose';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import type { TestResult } from '../../../tools/conformance/outcome.ts';
import { summaryTable } from '../../../tools/conformance/report.ts';
import { compareVersions, learnFacts } from '../../../tools/conformance/requirements.ts';
import { runSuite } from '../../../tools/conformance/run-suite.ts';

let server: EmbeddedMongo;
let internal: mongo.MongoClient;
let folder: string;

beforeAll(async () => {
  server = await startEmbeddedMongo({ failpoints: true });
  internal = await new mongoose.mongo.MongoClient(server.uri).connect();
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
});

afterAll(async () => {
  await internal.close();
  await server.stop();
  rmSync(folder, { recursive: true });
});

const entities = [
  { client: { id: 'c', observeEvents: ['commandStartedEvent'] } },
  { database: { id: 'd', client: 'c', databaseName: 'own' } },
  { collection: { id: 'things', database: 'd', collectionName: 'things' } },
  { session: { id: 's', client: 'c' } },
];

/** Runs tests over the documents `{ _id: 1, n: 1 }` and `{ _id: 2, n: 2 }`. */
async function run(tests: readonly object[], more: object = {}): Promise<readonly TestResult[]> {
  const initialData = [
    { databaseName: 'own', collectionName: 'things', documents: [1, 2].map((n) => ({ _id: n, n })) },
  ];
  const content = { description: 'own', createEntities: entities, initialData, tests, ...more };
  writeFileSync(join(folder, 'own.json'), JSON.stringify(content));
  return runSuite(
    { uri: server.uri, internal },
    await learnFacts(internal),
    { name: 'mine', folder },
    undefined,
  );
}

const insert = { name: 'insertOne', object: 'things', arguments: { document: { _id: 3 } } };
const find = { name: 'find', object: 'things', arguments: { filter: {} } };

test('a test passes when results, events and the data left are what it says', async () => {
  const results = await run([
    {
      description: 'all of it',
      operations: [
        { ...find, expectResult: [{ _id: 1 }, { _id: 2 }] },
        insert,
        { ...insert, expectError: { errorCode: 11000, errorContains: 'e11000', isClientError: false } },
      ],
      expectEvents: [
        {
          client: 'c',
          events: [
            { commandStartedEvent: { commandName: 'find', databaseName: 'own' } },
            { commandStartedEvent: { command: { insert: 'things', documents: [{ _id: 3 }] } } },
            { commandStartedEvent: { commandName: 'insert' } },
          ],
        },
      ],
      outcome: [
        {
          databaseName: 'own',
          collectionName: 'things',
          documents: [{ _id: 1, n: 1 }, { _id: 2, n: 2 }, { _id: 3 }],
        },
      ],
    },
  ]);

  expect(results).toEqual([
    { file: 'mine/own', description: 'all of it', outcome: { kind: 'passed', allowed: [] } },
  ]);
});

test('a test fails when any of them is not, and leaves nothing to the next', async () => {
  const failPoint = {
    configureFailPoint: 'failCommand',
    mode: 'alwaysOn',
    data: { failCommands: ['find'], errorCode: 96 },
  };
  const events = [{ client: 'c', events: [{ commandStartedEvent: { commandName: 'update' } }] }];
  const things = { databaseName: 'own', collectionName: 'things' };

  const results = await run([
    { description: 'result', operations: [{ ...find, expectResult: [{ _id: 1 }] }] },
    { description: 'no error', operations: [{ ...insert, expectError: { isError: true } }] },
    { description: 'other error', operations: [insert, { ...insert, expectError: { errorCode: 5 } }] },
    { description: 'error', operations: [insert, insert] },
    { description: 'event', operations: [insert], expectEvents: events },
    { description: 'data', operations: [insert], outcome: [{ ...things, documents: [] }] },
    {
      description: 'armed and open',
      operations: [
        { name: 'startTransaction', object: 's' },
        { ...insert, arguments: { ...insert.arguments, session: 's' } },
        { name: 'failPoint', object: 'testRunner', arguments: { client: 'c', failPoint } },
        find,
      ],
    },
    { description: 'next', operations: [{ ...insert, expectResult: { insertedId: 3 } }, find] },
  ]);

  expect(results.map(({ outcome }) => outcome.kind)).toEqual([...Array(7).fill('failed'), 'passed']);
  expect(
    summaryTable([{ suite: 'own', results }])
      .split('\n')[1]
      ?.split(/\s+/),
  ).toEqual(['own', '8', '8', '1', '0', '7', '0']);
});

test('what a test needs and the server or the driver has not is a reason not to run it', async () => {
  const results = await run([
    { description: 'newer', runOnRequirements: [{ minServerVersion: '99.0' }], operations: [] },
    { description: 'sharded', runOnRequirements: [{ topologies: ['sharded'] }], operations: [] },
    { description: 'either', runOnRequirements: [{ topologies: ['sharded'] }, {}], operations: [] },
    { description: 'stream', operations: [{ name: 'createChangeStream', object: 'd' }] },
    { description: 'unknown', operations: [{ name: 'turnOver', object: 'things' }] },
  ]);

  expect(results.map(({ outcome }) => ('reason' in outcome ? outcome.reason : outcome.kind))).toEqual([
    'needs a server of 99.0 or later',
    'needs a topology of sharded',
    'passed',
    'the server refuses change streams',
    "there is no operation 'turnOver' of a collection, in the driver or in the runner",
  ]);
});

test('an error in the callback of a transaction reaches the driver, expected or not', async () => {
  const callback = [
    { ...insert, arguments: { ...insert.arguments, session: 's' } },
    { ...insert, arguments: { ...insert.arguments, session: 's' }, expectError: { isError: true } },
  ];

  const results = await run([
    {
      description: 'transaction',
      operations: [
        { name: 'withTransaction', object: 's', arguments: { callback }, expectError: { errorCode: 11000 } },
        { ...find, expectResult: [{ _id: 1 }, { _id: 2 }] },
      ],
    },
  ]);

  expect(results[0]?.outcome).toEqual({ kind: 'passed', allowed: [] });
});

test('versions are compared number by number', () => {
  expect(compareVersions('7.0.0', '7.0')).toBe(0);
  expect(compareVersions('4.10', '4.9.3')).toBeGreaterThan(0);
  expect(compareVersions('4.2.99', '4.3')).toBeLessThan(0);
});
