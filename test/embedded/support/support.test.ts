import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose, { type mongo } from 'mongoose';
import { COMMANDS } from '../../../embedded-mongodb/commands/registry.ts';
import { ACCUMULATORS } from '../../../embedded-mongodb/query/accumulators.ts';
import { OPERATORS } from '../../../embedded-mongodb/query/expression-operators.ts';
import { STAGES } from '../../../embedded-mongodb/query/pipeline.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import * as names from '../../../tools/embedded-support/names.ts';
import { findingsOf, kinds, supportTable } from '../../../tools/embedded-support/probe.ts';
import { withTable } from '../../../tools/embedded-support/readme.ts';

let server: EmbeddedMongo;
let client: mongo.MongoClient;
let db: mongo.Db;

beforeAll(async () => {
  server = await startEmbeddedMongo({ failpoints: true });
  client = await new mongoose.mongo.MongoClient(server.uri).connect();
  db = client.db('probe');
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

/** The text of all tests of the embedded database but this one. */
function testedText(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'support')
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? testedText(path) : readFileSync(path, 'utf8');
    })
    .join('\n');
}

const escaped = (name: string): string => name.replace('$', '\\$');

test('the README tells of every name that the manual has what the server does with it', async () => {
  const readme = readFileSync('embedded-mongodb/README.md', 'utf8');

  expect(withTable(readme, await supportTable(db))).toBe(readme);
});

test.each(kinds.map((kind) => [kind.title, kind] as const))(
  '%s: what is supported has a test of its own',
  async (_, kind) => {
    const text = testedText('test/embedded');
    const supported = (await findingsOf(db, kind)).filter((one) => one.supported).map(({ name }) => name);

    expect(supported.filter((name) => !new RegExp(`${escaped(name)}\\b`).test(text))).toEqual([]);
  },
);

test('nothing is supported that the manual does not have', () => {
  const own = ['configureFailPoint', 'buildinfo', 'deleteIndexes', 'findandmodify', 'ismaster'];

  expect([...STAGES.keys()].filter((name) => !names.stages.includes(name))).toEqual([]);
  // Servers know these two as well, without a page in the manual.
  expect([...OPERATORS.keys()].filter((name) => !names.expressions.includes(name))).toEqual([
    '$expr',
    '$const',
  ]);
  expect([...ACCUMULATORS.keys()].filter((name) => !names.accumulators.includes(name))).toEqual([]);
  expect([...COMMANDS.keys()].filter((name) => !names.commands.includes(name)).sort()).toEqual(own.sort());
});

/** The code with which a command is refused; undefined where it is not. */
const codeOf = (command: object): Promise<unknown> =>
  db.command(command as mongo.Document).then(
    ({ writeErrors }) => writeErrors?.[0]?.code,
    (error: mongo.MongoServerError) => error.code,
  );

test.each([...COMMANDS].filter(([, { anyFields }]) => !anyFields).map(([name]) => name))(
  '%s refuses a field that it does not have',
  async (name) => {
    expect(await codeOf({ [name]: 'things', surprise: 1 })).toBe(40415);
  },
);

const update = (statement: object) => ({
  update: 'c',
  updates: [{ q: {}, u: { $set: { a: 1 } }, ...statement }],
});
const aggregate = (...pipeline: object[]) => ({ aggregate: 'c', pipeline, cursor: {} });
const lookup = { from: 'd', localField: 'a', foreignField: 'b', as: 'x' };

// Unknown parts inside a command: the codes are those of a 7.0 server.
test.each([
  ['an update', update({ surprise: 1 }), 40415],
  ['a delete', { delete: 'c', deletes: [{ q: {}, limit: 1, surprise: 1 }] }, 40415],
  ['a cursor', { aggregate: 'c', pipeline: [], cursor: { surprise: 1 } }, 40415],
  ['a collation', { find: 'c', collation: { locale: 'en', surprise: 1 } }, 40415],
  ['a write concern', { insert: 'c', documents: [{}], writeConcern: { surprise: 1 } }, 40415],
  ['a read concern', { find: 'c', readConcern: { surprise: 1 } }, 40415],
  ['an index', { createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', surprise: 1 }] }, 197],
  ['$push', update({ u: { $push: { a: { $each: [], $surprise: 1 } } } }), 2],
  ['$currentDate', update({ u: { $currentDate: { a: { $surprise: 'date' } } } }), 2],
  ['$lookup', aggregate({ $lookup: { ...lookup, surprise: 1 } }), 9],
  ['$unwind', aggregate({ $unwind: { path: '$a', surprise: 1 } }), 28811],
  ['$merge', aggregate({ $merge: { into: 'd', surprise: 1 } }), 40415],
  ['$setWindowFields', aggregate({ $setWindowFields: { output: {}, surprise: 1 } }), 40415],
  ['$bucket', aggregate({ $bucket: { groupBy: '$a', boundaries: [0, 1], surprise: 1 } }), 40197],
  ['$graphLookup', aggregate({ $graphLookup: { from: 'd', surprise: 1 } }), 9],
  ['$sample', aggregate({ $sample: { size: 1, surprise: 1 } }), 28748],
])('an unknown option of %s is refused', async (_, command, code) => {
  expect(await codeOf(command)).toBe(code);
});

test('a filter, sort or projection is checked even where there is nothing to find', async () => {
  expect(await codeOf({ find: 'nothing', filter: { a: { $surprise: 1 } } })).toBe(2);
  expect(await codeOf({ find: 'nothing', sort: { a: 5 } })).toBe(15975);
  expect(await codeOf({ find: 'nothing', projection: { a: 1, b: 0 } })).toBe(31254);
  expect(await codeOf({ count: 'nothing', query: { a: { $surprise: 1 } } })).toBe(2);
  expect(await codeOf({ distinct: 'nothing', key: 'a', query: { $surprise: 1 } })).toBe(2);
  expect(await codeOf(aggregate({ $match: { a: { $surprise: 1 } } }))).toBe(2);
});

test.each(['endSessions', 'killSessions', 'refreshSessions'])(
  '%s refuses what is no list of sessions',
  async (name) => {
    expect(await codeOf({ [name]: 1 })).toBe(14);
    expect(await codeOf({ [name]: [{}] })).toBe(40414);
  },
);
