import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import { earn, hold, type LedgerWorld, programme, redeem, refund, startLedgerWorld } from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
const lots = 700;
const day = 86_400_000;

// More open lots than a payment reads at first, on twenty different days of expiry.
beforeAll(async () => {
  world = await startLedgerWorld();
  ledger = await world.ledger();
  for (let batch = 0; batch < 20; batch++) {
    await Promise.all(Array.from({ length: lots / 20 }, () => ledger.execute(earn('ann', 10n))));
    world.clock.at = new Date(world.clock.at.getTime() + day);
  }
});
afterAll(async () => {
  const { violations } = await checkLedger(await world.connect());
  await world.stop();
  expect(violations).toEqual([]);
});

/** Points left by day of expiry. */
async function leftByDay(): Promise<[string, bigint][]> {
  const wallet = await ledger.wallet('ann', programme);
  const expiring = await ledger.expiring(wallet.id, new Date('2030-01-01T00:00:00Z'));
  return expiring.map(({ at, points }) => [at.toISOString().slice(0, 10), points]);
}

test('a small payment takes from the lots that expire first', async () => {
  const before = await leftByDay();
  const paid = await ledger.execute(redeem('ann', 25n));

  expect(paid).toMatchObject({ kind: 'PointsPosted', wallet: { available: 6_975n, openLots: 698 } });
  const after = await leftByDay();
  expect(after[0]).toEqual([before[0]![0], before[0]![1] - 25n]);
  expect(after.slice(1)).toEqual(before.slice(1));
});

test('payments and earns of one batch, and a payment that needs more lots than were read, take in the same order', async () => {
  const outcomes = await Promise.all([
    ledger.execute(redeem('ann', 5n)),
    ledger.execute(earn('ann', 10n)),
    ledger.execute(redeem('ann', 4_000n)),
    ledger.execute(hold('ann', 20n)),
  ]);

  expect(outcomes.map((outcome) => outcome.kind)).toEqual([
    'PointsPosted',
    'PointsPosted',
    'PointsPosted',
    'PointsHeld',
  ]);
  expect(await ledger.wallet('ann', programme)).toMatchObject({
    available: 2_960n,
    held: 20n,
    openLots: 298,
  });
  const after = await leftByDay();
  expect(after[0]![1]).toBe(6_975n + 10n - 5n - 4_000n - 20n - 8n * 350n - 10n);
});

test('a reversed payment goes back into its four hundred lots', async () => {
  const [payment] = (
    await ledger.postings({ memberId: 'ann', kinds: ['REDEEM'] }, { first: 3, after: null })
  ).filter((posting) => posting.points === 4_000n);
  await ledger.execute(refund(payment!.id));

  expect(await ledger.wallet('ann', programme)).toMatchObject({ available: 6_960n, held: 20n });
});

test('lots are paged in spending order without gap or repetition', async () => {
  const wallet = await ledger.wallet('ann', programme);
  const seen: string[] = [];
  let after: string[] | null = null;
  do {
    const page: readonly { id: string; expiresAt: Date; earnedAt: Date }[] = await ledger.lots(wallet.id, {
      first: 100,
      after,
    });
    const rows = page.slice(0, 100);
    seen.push(...rows.map((lot) => lot.id));
    const last = rows.at(-1)!;
    after = page.length > 100 ? [last.expiresAt.toISOString(), last.earnedAt.toISOString(), last.id] : null;
  } while (after);

  expect(seen).toHaveLength(wallet.openLots);
  expect(new Set(seen).size).toBe(wallet.openLots);
});

test('all lots expire in one go when their time comes', async () => {
  world.clock.at = new Date('2028-01-01T00:00:00Z');
  const before = await ledger.wallet('ann', programme);
  await ledger.sweep();

  expect(before).toMatchObject({ available: 0n, held: 0n });
  expect(await ledger.wallet('ann', programme)).toMatchObject({
    available: 0n,
    held: 0n,
    openLots: 0,
    nextDueAt: null,
  });
});
