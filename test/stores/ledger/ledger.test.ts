import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import {
  countRows,
  earn,
  give,
  hold,
  type LedgerWorld,
  make,
  programme,
  redeem,
  refund,
  startLedgerWorld,
} from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
let other: Ledger;

beforeAll(async () => {
  world = await startLedgerWorld();
  ledger = await world.ledger();
  other = await world.ledger();
});
afterEach(async () => {
  expect((await checkLedger(await world.connect())).violations).toEqual([]);
});
afterAll(() => world.stop());

function kinds(outcomes: readonly { kind: string }[]): Record<string, number> {
  const count: Record<string, number> = {};
  for (const { kind } of outcomes) count[kind] = (count[kind] ?? 0) + 1;
  return count;
}

const posted = <T extends { kind: string }>(outcome: T): Extract<T, { kind: 'PointsPosted' }> => {
  expect(outcome.kind).toBe('PointsPosted');
  return outcome as Extract<T, { kind: 'PointsPosted' }>;
};

const held = <T extends { kind: string }>(outcome: T): Extract<T, { kind: 'PointsHeld' }> => {
  expect(outcome.kind).toBe('PointsHeld');
  return outcome as Extract<T, { kind: 'PointsHeld' }>;
};

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
});

test('the same key and input gives the first result again and writes nothing', async () => {
  const command = earn('bo', 50n);
  const first = posted(await ledger.execute(command));
  await ledger.execute(earn('bo', 7n));
  const before = await countRows(world);
  const again = posted(await other.execute(command));

  expect(again.replayed).toBe(true);
  expect(again.posting).toEqual(first.posting);
  expect(again.wallet.available).toBe(57n);
  expect(await countRows(world)).toEqual(before);
});

test('a key with another input is refused and writes nothing', async () => {
  const command = earn('cy', 50n);
  await ledger.execute(command);
  const before = await countRows(world);

  const more = await ledger.execute({ ...command, points: 51n, inputHash: 'another' });
  const elsewhere = await ledger.execute(redeem('cy', 50n, { key: command.idempotencyKey }));

  expect(more).toEqual({ kind: 'IdempotencyConflict', idempotencyKey: command.idempotencyKey });
  expect(elsewhere).toEqual({ kind: 'IdempotencyConflict', idempotencyKey: command.idempotencyKey });
  expect(await countRows(world)).toEqual(before);
});

test('another caller may use the same key for something else', async () => {
  const command = earn('dee', 50n);
  posted(await ledger.execute(command));
  posted(await ledger.execute({ ...command, caller: 'merchant:cafe', inputHash: 'another' }));

  expect((await ledger.wallet('dee', programme)).available).toBe(100n);
});

test('one request sent 50 times at once through two processes makes one posting', async () => {
  const command = earn('eve', 80n);
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, i) => (i % 2 ? ledger : other).execute(command)),
  );

  expect(kinds(outcomes)).toEqual({ PointsPosted: 50 });
  expect(new Set(outcomes.map((outcome) => posted(outcome).posting.id)).size).toBe(1);
  expect(outcomes.filter((outcome) => !posted(outcome).replayed)).toHaveLength(1);
  expect((await ledger.wallet('eve', programme)).available).toBe(80n);
});

test('a payment of all points sent twice at once through two processes is paid once and answered twice', async () => {
  await ledger.execute(earn('fay', 100n));
  const command = redeem('fay', 100n);
  const outcomes = await Promise.all([...Array(10)].map((_, i) => (i % 2 ? ledger : other).execute(command)));

  expect(kinds(outcomes)).toEqual({ PointsPosted: 10 });
  expect((await ledger.wallet('fay', programme)).available).toBe(0n);
});

test("a merchant's reference earns once for ever, whatever the key", async () => {
  const first = posted(await ledger.execute(earn('gus', 10n, { externalRef: 'receipt-1' })));
  const before = await countRows(world);
  const second = await other.execute(earn('gus', 10n, { externalRef: 'receipt-1' }));

  expect(second).toEqual({ kind: 'AlreadyPosted', externalRef: 'receipt-1', posting: first.posting });
  expect(await countRows(world)).toEqual(before);
  posted(await ledger.execute(earn('gus', 10n, { externalRef: 'receipt-1', merchantId: 'cafe' })));
  posted(await ledger.execute(redeem('gus', 10n, { externalRef: 'receipt-1' })));
});

test('a reference posted 40 times at once through two processes under different keys earns once', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      (i % 2 ? ledger : other).execute(earn('hal', 5n, { externalRef: 'receipt-2' })),
    ),
  );

  expect(kinds(outcomes)).toEqual({ PointsPosted: 1, AlreadyPosted: 39 });
  expect((await ledger.wallet('hal', programme)).available).toBe(5n);
});

test('of payments that race for one wallet from four processes, just as many go through as there are points for', async () => {
  const racers = [ledger, other, await world.ledger(), await world.ledger()];
  await ledger.execute(earn('ida', 100n));
  const outcomes = await Promise.all(
    Array.from({ length: 60 }, (_, i) => racers[i % 4]!.execute(redeem('ida', 7n))),
  );

  expect(kinds(outcomes)).toEqual({ PointsPosted: 14, NotEnoughPoints: 46 });
  expect((await ledger.wallet('ida', programme)).available).toBe(2n);
});

test('commands on one wallet in one batch are decided in their order and cost one version each', async () => {
  const outcomes = await Promise.all([
    ledger.execute(earn('jo', 30n)),
    ledger.execute(redeem('jo', 40n)),
    ledger.execute(earn('jo', 20n)),
    ledger.execute(redeem('jo', 40n)),
  ]);

  expect(outcomes.map((outcome) => outcome.kind)).toEqual([
    'PointsPosted',
    'NotEnoughPoints',
    'PointsPosted',
    'PointsPosted',
  ]);
  expect(await ledger.wallet('jo', programme)).toMatchObject({ available: 10n, version: 3 });
});

test('negative, zero and huge points are refused and nothing is written', async () => {
  const before = await countRows(world);
  for (const points of [-1n, 0n, 100_000_001n, 2n ** 62n, 2n ** 70n]) {
    for (const command of [
      earn('kim', points),
      redeem('kim', points),
      hold('kim', points),
      make('DONATE', { memberId: 'kim', causeId: 'cats', points }),
      give('kim', 'ann', points),
      make('CAPTURE', { holdId: 'hold_1', points }),
    ])
      expect(await ledger.execute(command)).toEqual({
        kind: 'InvalidInput',
        field: 'input.points',
        expected: '1 to 100,000,000',
      });
  }
  expect(await countRows(world)).toEqual(before);
});

test('an unknown programme, member, merchant, hold or posting is refused and nothing is written', async () => {
  const before = await countRows(world);
  const outcomes = await Promise.all([
    ledger.execute({ ...earn('ann', 1n), programme: 'GOLD' }),
    ledger.execute(earn('ann', 1n, { merchantId: 'unpriced' })),
    ledger.execute({ ...earn('', 1n), missing: { kind: 'NotFound', what: 'MEMBER', id: 'nobody' } }),
    ledger.execute(make('VOID', { holdId: 'hold_none' })),
    ledger.execute(make('REVERSE', { postingId: 'pos_none', reason: 'x' })),
  ]);

  expect(outcomes).toEqual([
    { kind: 'NotFound', what: 'PROGRAMME', id: 'GOLD' },
    { kind: 'NotFound', what: 'PROGRAMME', id: 'SHARED' },
    { kind: 'NotFound', what: 'MEMBER', id: 'nobody' },
    { kind: 'NotFound', what: 'HOLD', id: 'hold_none' },
    { kind: 'NotFound', what: 'POSTING', id: 'pos_none' },
  ]);
  expect(await countRows(world)).toEqual(before);
});

test('a hold is captured once, however many captures and voids race', async () => {
  await ledger.execute(earn('lee', 100n));
  const { hold: opened } = held(await ledger.execute(hold('lee', 60n)));
  expect(await ledger.wallet('lee', programme)).toMatchObject({ available: 40n, held: 60n });

  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? ledger : other).execute(
        i % 3 ? make('CAPTURE', { holdId: opened.id, points: 25n }) : make('VOID', { holdId: opened.id }),
      ),
    ),
  );

  expect(kinds(outcomes)).toEqual({ HoldResolved: 1, HoldAlreadyResolved: 19 });
  const resolved = (await ledger.hold(opened.id))!;
  expect(['CAPTURED', 'VOIDED']).toContain(resolved.status);
  const left = resolved.status === 'CAPTURED' ? 75n : 100n;
  expect(await other.wallet('lee', programme)).toMatchObject({ available: left, held: 0n });
});

test('a replayed hold and a replayed capture give the hold as it is now', async () => {
  await ledger.execute(earn('mia', 100n));
  const command = hold('mia', 30n);
  const { hold: opened } = held(await ledger.execute(command));
  const capture = make('CAPTURE', { holdId: opened.id });
  await ledger.execute(capture);

  expect(await other.execute(command)).toMatchObject({
    kind: 'PointsHeld',
    replayed: true,
    hold: { status: 'CAPTURED' },
  });
  expect(await other.execute(capture)).toMatchObject({
    kind: 'HoldResolved',
    replayed: true,
    hold: { captured: 30n, status: 'CAPTURED' },
  });
});

test('more than is held cannot be captured', async () => {
  await ledger.execute(earn('ned', 100n));
  const { hold: opened } = held(await ledger.execute(hold('ned', 30n)));

  expect(await ledger.execute(make('CAPTURE', { holdId: opened.id, points: 31n }))).toEqual({
    kind: 'InvalidInput',
    field: 'input.points',
    expected: '1 to 30',
  });
  expect(await ledger.hold(opened.id)).toMatchObject({ status: 'OPEN' });
});

test('a redemption is reversed once, back into the lots it came from, however often it is tried', async () => {
  await ledger.execute(earn('oz', 40n));
  await ledger.execute(earn('oz', 40n, { merchantId: 'cafe' }));
  const before = await ledger.position('cafe', programme);
  const { posting } = posted(await ledger.execute(redeem('oz', 60n)));
  const lots = () =>
    world
      .connect()
      .then((c) =>
        c.collection('ledger-lots').find({ walletId: posting.walletIds[0]! }).sort({ _id: 1 }).toArray(),
      );
  expect((await lots()).map((lot) => lot['remaining'])).toEqual([0n, 20n]);

  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, i) => (i % 2 ? ledger : other).execute(refund(posting.id))),
  );

  expect(kinds(outcomes)).toEqual({ PointsPosted: 1, NotReversible: 11 });
  expect((await lots()).map((lot) => lot['remaining'])).toEqual([40n, 40n]);
  expect(await ledger.position('cafe', programme)).toEqual(before);
});

test('reversing an earn whose points were spent leaves arrears, which the next earn pays first', async () => {
  const earned = posted(await ledger.execute(earn('pat', 100n)));
  await ledger.execute(redeem('pat', 70n));
  const reversed = posted(
    await ledger.execute(make('REVERSE', { postingId: earned.posting.id, reason: 'returned' })),
  );
  expect(reversed.posting).toMatchObject({ points: 100n, arrears: 70n, reverses: earned.posting.id });
  expect(reversed.wallet).toMatchObject({ available: 0n, arrears: 70n });

  const next = posted(await ledger.execute(earn('pat', 90n)));

  expect(next.wallet).toMatchObject({ available: 20n, arrears: 0n });
  expect(next.posting.entries).toHaveLength(3);
});

test('a merchant cannot reverse the posting of another: it looks as if it did not exist', async () => {
  const { posting } = posted(await ledger.execute(earn('quin', 10n)));
  const command = { ...make('REVERSE', { postingId: posting.id, reason: 'x' }), caller: 'merchant:cafe' };

  expect(await ledger.execute(command)).toEqual({ kind: 'NotFound', what: 'POSTING', id: posting.id });
  expect((await ledger.wallet('quin', programme)).available).toBe(10n);
});

test('a transfer keeps issuer, price and expiry, and touches both wallets in one posting', async () => {
  await ledger.execute(earn('ray', 50n));
  const given = posted(await ledger.execute(give('ray', 'sue', 20n)));

  const [from] = await ledger.lots((await ledger.wallet('ray', programme)).id, { first: 5, after: null });
  const [to] = await ledger.lots((await ledger.wallet('sue', programme)).id, { first: 5, after: null });
  expect(to).toMatchObject({
    points: 20n,
    issuerId: 'pets',
    issuePricePerThousand: 95n,
    expiresAt: from!.expiresAt,
    earnedAt: from!.earnedAt,
    originLotId: from!.id,
  });
  expect(given.posting.memberIds).toEqual(['ray', 'sue']);
  expect((await ledger.postings({ memberId: 'sue' }, { first: 5, after: null })).map((p) => p.id)).toEqual([
    given.posting.id,
  ]);
});

test('crossing transfers between two members from two processes lose no point', async () => {
  await ledger.execute(earn('tom', 500n));
  await ledger.execute(earn('una', 500n));
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, i) => {
      const [memberId, toMemberId] = i % 2 ? ['tom', 'una'] : ['una', 'tom'];
      return (i % 4 < 2 ? ledger : other).execute(give(memberId!, toMemberId!, 13n));
    }),
  );

  expect(kinds(outcomes)).toEqual({ PointsPosted: 40 });
  expect((await ledger.wallet('tom', programme)).available).toBe(500n);
  expect((await ledger.wallet('una', programme)).available).toBe(500n);
});
