import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { balance, type JourneyWorld, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
beforeAll(async () => {
  world = await startJourneyWorld();
}, 60_000);
afterAll(() => world.coalition.stop());

const operation = readFileSync(
  join(import.meta.dirname, '../../../schema/operations/till/issue-batch.graphql'),
  'utf8',
);

test('a thousand items, as long as they may usually be, pass the gateway in one request, and sent again change nothing', async () => {
  const { coalition, seed, petShop } = world;
  const members = [await seed.member([petShop], 'bulk-1'), await seed.member([petShop], 'bulk-2')];
  const items = Array.from({ length: 1_000 }, (_, i) => ({
    idempotencyKey: `bulk-${i}-${'k'.repeat(50)}`,
    member: { reference: `bulk-${1 + (i % 2)}` },
    points: 1 + (i % 3),
    externalRef: `opening-${i}-${'r'.repeat(50)}`,
    reason: 'x'.repeat(400),
  }));
  const send = () =>
    coalition.send<{
      issuePointsBatch: { __typename: string; results: { __typename: string; replayed: boolean }[] };
    }>(petShop.token, operation, { input: { items } });

  const first = await send();
  const again = await send();

  const kinds = (of: typeof first) => [
    ...new Set(of.issuePointsBatch.results.map((result) => `${result.__typename} ${result.replayed}`)),
  ];
  expect(first.issuePointsBatch.results).toHaveLength(1_000);
  expect(kinds(first)).toEqual(['PointsPosted false']);
  expect(kinds(again)).toEqual(['PointsPosted true']);
  expect(await Promise.all(members.map((member) => balance(world, member)))).toMatchObject([
    { available: 1_000 },
    { available: 999 },
  ]);
  expect(await checkCoalitionLedger(coalition)).toEqual([]);
}, 60_000);
