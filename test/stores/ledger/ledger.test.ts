import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import { earn, type LedgerWorld, make, programme, redeem, startLedgerWorld } from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;

beforeAll(async () => {
  world = await startLedgerWorld();
  ledger = await world.ledger();
});
afterAll(() => world.stop());

test('points earned at one merchant pay at another, and both positions say so to the thousandth of a fen', async () => {
  const earned = await ledger.execute(earn('ann', 1_000n));
  const paid = await ledger.execute(redeem('ann', 300n));

  expect(earned).toMatchObject({ kind: 'PointsPosted', replayed: false, wallet: { available: 1_000n } });
  expect(paid).toMatchObject({ kind: 'PointsPosted', replayed: false, wallet: { available: 700n } });
  expect(await ledger.wallet('ann', programme)).toMatchObject({ available: 700n, pending: 0n, held: 0n });
  expect(await ledger.position('pets', programme)).toMatchObject({ issued: 1_000n, owedMilli: 95_000n });
  expect(await ledger.position('cafe', programme)).toMatchObject({
    honouredOffUs: 300n,
    honouredOnUs: 0n,
    dueOffUsMilli: 24_900n,
  });
  expect(make('VOID', { holdId: 'x' }).kind).toBe('VOID');
});
