import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { termsHash } from '../../subgraphs/accounts/programme/programme.ts';
import {
  createProgrammeStore,
  type ProgrammeStore,
} from '../../subgraphs/accounts/programme/programme-store.ts';
import {
  type PublishProgrammePorts,
  publishProgramme,
} from '../../subgraphs/accounts/programme/publish-programme.ts';
import { buildIndexes, connectMongo } from '../../subgraphs/shared/mongo.ts';
import { disclosure } from '../support/disclosure.ts';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';
import { plainPolicy } from '../support/policy.ts';
import { testClock } from '../support/test-clock.ts';

const clock = testClock('2026-01-01T00:00:00.000Z');

let mongo: TestMongo;
let connection: Connection;
let programmes: ProgrammeStore;
let ports: PublishProgrammePorts;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('programmes'));
  programmes = createProgrammeStore(connection);
  await buildIndexes(connection);
  ports = {
    publicationByRequest: programmes.byRequest,
    versionsOf: programmes.versions,
    insertVersion: programmes.insert,
    knownMerchants: async (ids) => new Set(ids),
    clock,
  };
});

afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const input = (code: string, idempotencyKey: string, changes = {}) => ({
  idempotencyKey,
  code,
  name: 'Points',
  ...plainPolicy,
  holdTimeoutSeconds: 900,
  reinstatementDays: 30,
  cashEquivalentPerThousand: { amountMinor: 1000n, currency: 'CNY' },
  disclosure,
  ...changes,
});

test('reads back what was published, to the hash', async () => {
  const outcome = await publishProgramme('operator:1', input('BACK', 'k'), ports);

  if (outcome.kind !== 'ProgrammePublished') throw new Error(outcome.kind);
  expect(await programmes.versions('BACK')).toEqual([outcome.programme]);
  const [{ publishedAt: _, hash, ...terms }] = (await programmes.versions('BACK')) as [
    typeof outcome.programme,
  ];
  expect(termsHash(terms)).toBe(hash);
});

test('20 publications of one request at once make one version', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => publishProgramme('operator:1', input('ONCE', 'once'), ports)),
  );

  expect(new Set(outcomes.map((o) => o.kind))).toEqual(new Set(['ProgrammePublished']));
  expect((await programmes.versions('ONCE')).map(({ version }) => version)).toEqual([1]);
});

test('eight different publications at once take eight versions in a row, all but the first after notice', async () => {
  await Promise.all(
    Array.from({ length: 8 }, (_, i) => publishProgramme('operator:1', input('MANY', `many-${i}`), ports)),
  );

  const versions = await programmes.versions('MANY');
  expect(versions.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const [first, ...later] = versions.map(({ effectiveFrom }) => effectiveFrom.toISOString());
  expect(first).toBe('2026-01-01T00:00:00.000Z');
  expect(new Set(later)).toEqual(new Set(['2026-01-08T00:00:00.000Z']));
});
