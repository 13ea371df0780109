import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createGraphqlClient, type GraphqlClient } from '../../tools/graphql-client.ts';
import { openCoalition } from '../../tools/replay/coalition.ts';
import { sampleLines } from '../../tools/replay/make-sample.ts';
import { replayOperations } from '../../tools/replay/operations.ts';
import { planReplay } from '../../tools/replay/plan.ts';
import { replay } from '../../tools/replay/replay.ts';
import { readRetailFile } from '../../tools/replay/retail-file.ts';
import { startCoalition, type TestCoalition } from '../support/coalition.ts';
import { checkCoalitionLedger } from '../support/ledger.ts';
import { seeds } from '../support/seed.ts';

let coalition: TestCoalition;
let client: GraphqlClient;
let operator: string;
const folder = mkdtempSync(join(tmpdir(), 'replay-'));

beforeAll(async () => {
  coalition = await startCoalition();
  await seeds(coalition).programme();
  operator = await seeds(coalition).operator();
  client = createGraphqlClient(coalition.origin);
});

afterAll(async () => {
  await client.close();
  await coalition.stop();
  rmSync(folder, { recursive: true });
});

async function run(path: string) {
  const { invoices } = await readRetailFile(path);
  const plan = planReplay(invoices);
  const world = await openCoalition(client, operator, plan.countries);
  const counts = await replay(client, world, plan.actions, { concurrency: 8, onDone: () => {} });
  await world.close();
  const report = await client.send<{ positions: { issued: number; honoured: number; donated: number } }>(
    operator,
    replayOperations.report,
  );
  return { plan, counts, positions: report.positions };
}

test('a replayed file earns, returns, redeems and donates, and replayed again it changes nothing', async () => {
  const path = join(folder, 'sample.csv');
  writeFileSync(path, [...sampleLines(90)].join('\n'));

  const first = await run(path);
  const again = await run(path);

  const purchases = first.plan.actions.filter((action) => action.kind === 'purchase').length;
  const returns = first.plan.actions.length - purchases;
  expect(returns).toBeGreaterThan(0);
  expect(first.counts).toMatchObject({ purchases, returns, repeated: 0, failed: [] });
  expect(first.counts.redemptions).toBeGreaterThan(0);
  expect(first.counts.donations).toBeGreaterThan(0);
  expect(first.positions).toMatchObject({
    honoured: first.counts.redemptions * 100,
    donated: first.counts.donations * 50,
  });
  expect(first.positions.issued).toBeGreaterThan(0);
  expect(again.counts).toMatchObject({ purchases, returns, repeated: purchases + returns, failed: [] });
  expect(again.counts).toMatchObject({ redemptions: 0, donations: 0 });
  expect(again.positions).toEqual(first.positions);
  expect(await checkCoalitionLedger(coalition)).toEqual([]);
});
