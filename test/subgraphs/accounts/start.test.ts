import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { pino } from 'pino';
import type { AccountsOptions } from '../../../subgraphs/accounts/accounts-options.ts';
import { startAccounts } from '../../../subgraphs/accounts/start.ts';
import { callerKey } from '../../../subgraphs/shared/caller.ts';
import { StartError } from '../../../subgraphs/shared/config.ts';
import { createLog } from '../../../subgraphs/shared/log.ts';
import { connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';
import { openWire } from '../../simulator/wire.ts';
import { nobody } from '../../support/callers.ts';
import { freePort } from '../../support/free-port.ts';
import { plainMemberIds } from '../../support/member-ids.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { subgraphClient } from '../../support/subgraph-client.ts';

const key = callerKey('a secret of no fewer than 32 characters');

let mongo: TestMongo;
let options: AccountsOptions;

beforeAll(async () => {
  mongo = await startTestMongo();
  options = {
    uri: mongo.uri,
    database: mongo.database('start'),
    key,
    memberIds: plainMemberIds,
    host: '127.0.0.1',
    port: 0,
    log: createLog('test', 'fatal'),
    signingKey: makeSigningKey(),
  };
});

afterAll(() => mongo.stop());

test('starts twice at once on one empty database, answers, and stops so that nothing listens', async () => {
  const [one, two] = await Promise.all([startAccounts(options), startAccounts(options)]);
  const origin = new URL(one.url).origin;

  const statuses = [];
  for (const path of ['/health/live', '/health/ready']) statuses.push((await fetch(origin + path)).status);
  const viewers = await Promise.all(
    [one, two].map(({ url }) => subgraphClient(url, key).send(nobody, '{ viewer { kind } }')),
  );

  expect(statuses).toEqual([200, 200]);
  expect(viewers).toEqual([{ viewer: { kind: 'PUBLIC' } }, { viewer: { kind: 'PUBLIC' } }]);
  await one.stop();
  await two.stop();
  await expect(fetch(`${origin}/health/live`)).rejects.toThrow('fetch failed');
});

test('says in one line that its port is taken, and lets the database go', async () => {
  const first = await startAccounts(options);

  const second = startAccounts({ ...options, port: first.port });

  await expect(second).rejects.toThrow(
    new StartError(`port ${first.port} on 127.0.0.1 is taken: stop what uses it or choose another`),
  );
  await first.stop();
});

test('stops whole where its database is gone: it says why, and nothing of it listens, runs on or stays connected', async () => {
  const wire = await openWire(mongo.uri, () => {});
  const told: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => told.push(line) });
  const accounts = await startAccounts({ ...options, uri: wire.uri, log, sweepEveryMs: 50, sealEveryMs: 50 });
  wire.cut();

  const stopped = accounts.stop();

  await expect(stopped).rejects.toThrow(/^(connection|connect|Server selection|getaddrinfo|read)/i);
  await expect(fetch(`${new URL(accounts.url).origin}/health/live`)).rejects.toThrow('fetch failed');
  expect(
    mongoose.connections.filter(({ port, readyState }) => port === wire.port && readyState !== 0),
  ).toEqual([]);
  const before = told.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(told).toHaveLength(before);
});

test('finds the indexes of an earlier start and, told so, builds none', async () => {
  const database = mongo.database('start-again');
  const namesOf = async (connection: mongoose.Connection) =>
    (await connection.db!.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
  const empty = await startAccounts({ ...options, database, buildsIndexes: false });
  await empty.stop();
  const connection = await connectMongo(mongo.uri, database);
  const without = await namesOf(connection);
  const first = await startAccounts({ ...options, database });
  await first.stop();

  const again = await startAccounts({ ...options, database, buildsIndexes: false });
  const viewer = await subgraphClient(again.url, key).send(nobody, '{ viewer { kind } }');

  expect(viewer).toEqual({ viewer: { kind: 'PUBLIC' } });
  expect(without).not.toContain('ledger-postings');
  expect(await namesOf(connection)).toContain('ledger-postings');
  await again.stop();
  await connection.close();
});

test('says in one line which database it cannot reach, and no password', async () => {
  const uri = `mongodb://somebody:secret@127.0.0.1:${await freePort()}/?directConnection=true`;

  const attempt = connectMongo(uri, 'nowhere', 300);

  const error: unknown = await attempt.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartError);
  expect((error as StartError).message).toMatch(/^cannot use MongoDB at mongodb:\/\/127\.0\.0\.1:\d+\/: /);
  expect((error as StartError).message).not.toContain('secret');
});
