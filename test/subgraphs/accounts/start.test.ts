import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AccountsOptions } from '../../../subgraphs/accounts/accounts-options.ts';
import { startAccounts } from '../../../subgraphs/accounts/start.ts';
import { callerKey } from '../../../subgraphs/shared/caller.ts';
import { StartError } from '../../../subgraphs/shared/config.ts';
import { createLog } from '../../../subgraphs/shared/log.ts';
import { connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';
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

test('says in one line which database it cannot reach, and no password', async () => {
  const uri = `mongodb://somebody:secret@127.0.0.1:${await freePort()}/?directConnection=true`;

  const attempt = connectMongo(uri, 'nowhere', 300);

  const error: unknown = await attempt.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartError);
  expect((error as StartError).message).toMatch(/^cannot use MongoDB at mongodb:\/\/127\.0\.0\.1:\d+\/: /);
  expect((error as StartError).message).not.toContain('secret');
});
