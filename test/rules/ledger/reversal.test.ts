import { expect, test } from '@jest/globals';
import { afterDays, forMonths } from '../../support/policy.ts';
import { fc } from '../../support/properties.ts';
import { balancesOf, brokenInvariants } from './invariants.ts';
import { ledgerInMemory, programme, request, terms } from './ledger-in-memory.ts';

const day = 86_400_000;

/** A wallet with an earn by line, other earns before and after it, and some of it all spent, held or expired. */
const world = fc.record({
  before: fc.nat(60),
  lines: fc
    .array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 6 })
    .filter((lines) => lines.some((n) => n > 0)),
  after: fc.nat(60),
  spent: fc.nat(200),
  held: fc.nat(60),
  waitDays: fc.constantFrom(0, 1, 20, 40),
  unlockAfterDays: fc.constantFrom(0, 10),
  arrears: fc.constantFrom('OWE' as const, 'REFUSE' as const),
  slides: fc.boolean(),
});
type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function build({ before, lines, after, spent, held, waitDays, unlockAfterDays, arrears, slides }: World) {
  const ledger = ledgerInMemory({
    members: ['ann'],
    merchants: ['m1', 'm2'],
    terms: terms({
      unlock: afterDays(unlockAfterDays),
      validity: slides ? { kind: 'SLIDING', months: 1 } : forMonths(1),
      arrears,
      holdTimeoutSeconds: 90 * 24 * 3600,
    }),
  });
  const base = { programme, memberId: 'ann' };
  const earn = (merchantId: string, points: number, of?: readonly number[]) =>
    ledger.execute({
      ...request(),
      ...base,
      kind: 'EARN',
      merchantId,
      points: BigInt(points),
      lines: of?.map((n, i) => ({ id: `line-${i}`, points: BigInt(n) })),
    });
  if (before > 0) earn('m2', before);
  const earned = earn(
    'm1',
    lines.reduce((sum, n) => sum + n, 0),
    lines,
  );
  ledger.clock.now = new Date(ledger.clock.now.getTime() + 11 * day);
  if (after > 0) earn('m2', after);
  ledger.execute({ ...request(), ...base, kind: 'HOLD', merchantId: 'm2', points: BigInt(held) });
  ledger.execute({ ...request(), ...base, kind: 'REDEEM', merchantId: 'm2', points: BigInt(spent) });
  ledger.clock.now = new Date(ledger.clock.now.getTime() + waitDays * day);
  return { ledger, earned: earned.kind === 'PointsPosted' ? earned.posting.id : '' };
}

/** What a ledger comes to: the wallet, each lot, and all accounts. */
function told({ ledger }: ReturnType<typeof build>) {
  ledger.sweep();
  expect(brokenInvariants(ledger, ['ann'])).toEqual([]);
  const { wallet, lots } = ledger.seen('ann');
  const { available, pending, held, arrears } = wallet;
  return {
    wallet: { available, pending, held, arrears },
    lots: lots.map((lot) => [lot.id, lot.remaining, lot.held, lot.expired]),
    accounts: new Map([...balancesOf(ledger.journal)].filter(([, points]) => points !== 0n)),
  };
}

test('partial reversals by line and by points, in any order, end where the full reversal ends', () => {
  const steps = fc.array(fc.record({ line: fc.nat(), share: fc.integer({ min: 1, max: 100 }) }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(world, steps, fc.nat(), (world, steps, rotation) => {
      const whole = build(world);
      const parts = build(world);
      const reverse = (of: typeof whole, lines: { id: string; points?: bigint }[] | null) =>
        of.ledger.execute({ ...request(), kind: 'REVERSE', postingId: of.earned, lines, reason: 'returned' });
      const atOnce = reverse(whole, null);
      if (atOnce.kind === 'PointsSpent') {
        expect(atOnce.shortBy + atOnce.reversible).toBe(BigInt(world.lines.reduce((sum, n) => sum + n, 0)));
        expect(told(whole)).toEqual(told(parts));
        return;
      }
      expect(atOnce.kind).toBe('PointsPosted');

      const left = new Map(world.lines.map((points, i) => [`line-${i}`, points]));
      for (const { line, share } of steps) {
        const id = `line-${line % world.lines.length}`;
        const points = Math.ceil((left.get(id)! * share) / 100);
        if (points === 0) continue;
        expect(reverse(parts, [{ id, points: BigInt(points) }]).kind).toBe('PointsPosted');
        left.set(id, left.get(id)! - points);
      }
      const rest = [...left].filter(([, points]) => points > 0).map(([id]) => ({ id }));
      const turned = [
        ...rest.slice(rotation % (rest.length || 1)),
        ...rest.slice(0, rotation % (rest.length || 1)),
      ];
      for (const line of turned) expect(reverse(parts, [line]).kind).toBe('PointsPosted');

      expect(told(parts)).toEqual(told(whole));
      expect(reverse(parts, null)).toEqual({ kind: 'NotReversible', remaining: 0n, keeper: null });
      expect(reverse(whole, null)).toEqual({ kind: 'NotReversible', remaining: 0n, keeper: null });
    }),
    { numRuns: 500 },
  );
});

test('where spent points refuse a return, its parts go through as long as the whole of them is there, and no further', () => {
  fc.assert(
    fc.property(world, (given) => {
      const { ledger, earned } = build({ ...given, arrears: 'REFUSE' });
      const whole = ledger.execute({ ...request(), kind: 'REVERSE', postingId: earned, reason: 'returned' });
      if (whole.kind !== 'PointsSpent') return;
      let left = whole.reversible;
      for (const [i, points] of given.lines.entries()) {
        if (points === 0) continue;
        const lines = [{ id: `line-${i}` }];
        const before = ledger.journal.length;
        const part = ledger.execute({ ...request(), kind: 'REVERSE', postingId: earned, lines, reason: 'x' });
        if (BigInt(points) <= left) left -= BigInt(points);
        else expect(ledger.journal).toHaveLength(before);
        expect(part.kind).toBe(ledger.journal.length > before ? 'PointsPosted' : 'PointsSpent');
        if (part.kind === 'PointsSpent') expect(part.reversible).toBe(left);
      }
      expect(ledger.seen('ann').wallet.arrears).toBe(0n);
      expect(brokenInvariants(ledger, ['ann'])).toEqual([]);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test('cancelling a redemption and then returning the purchase, or the other way round, leaves the same balance', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 100 }), (earned, more) => {
      const balances = [true, false].map((cancelFirst) => {
        const ledger = ledgerInMemory({ members: ['ann'], merchants: ['m1', 'm2'] });
        const base = { programme, memberId: 'ann', merchantId: 'm1' };
        const first = ledger.execute({ ...request(), ...base, kind: 'EARN', points: BigInt(earned) });
        if (more > 0) ledger.execute({ ...request(), ...base, kind: 'EARN', points: BigInt(more) });
        const paid = ledger.execute({ ...request(), ...base, kind: 'REDEEM', points: BigInt(earned) });
        const ids = [paid, first].map((outcome) =>
          outcome.kind === 'PointsPosted' ? outcome.posting.id : '',
        );
        for (const postingId of cancelFirst ? ids : ids.reverse())
          ledger.execute({ ...request(), kind: 'REVERSE', postingId, reason: 'returned' });
        expect(brokenInvariants(ledger, ['ann'])).toEqual([]);
        const { available, arrears } = ledger.seen('ann').wallet;
        return { available, arrears };
      });

      expect(balances[0]).toEqual({ available: BigInt(more), arrears: 0n });
      expect(balances[1]).toEqual(balances[0]);
    }),
    { numRuns: 200 },
  );
});

test.each([
  [
    'a line that the earn does not have',
    [{ id: 'nowhere' }],
    { kind: 'NotFound', what: 'LINE', id: 'nowhere' },
  ],
  [
    'more of a line than is left',
    [{ id: 'line-0', points: 11n }],
    { kind: 'NotReversible', remaining: 30n, keeper: null },
  ],
  ['a line of no points', [{ id: 'line-1' }], { kind: 'NotReversible', remaining: 30n, keeper: null }],
  [
    'a line named twice',
    [{ id: 'line-0' }, { id: 'line-0' }],
    {
      kind: 'InvalidInput',
      field: 'input.lines.1.id',
      expected: 'another than those of the lines before it',
    },
  ],
  ['no lines at all', [], { kind: 'InvalidInput', field: 'input.lines', expected: '1 to 2000 lines' }],
  [
    'less than one point',
    [{ id: 'line-0', points: 0n }],
    { kind: 'InvalidInput', field: 'input.lines.0.points', expected: '1 to 100,000,000' },
  ],
])('reversing %s is refused and changes nothing', (_, lines, refusal) => {
  const { ledger, earned } = build({
    before: 0,
    lines: [10, 0, 20],
    after: 0,
    spent: 0,
    held: 0,
    waitDays: 0,
    unlockAfterDays: 0,
    arrears: 'OWE',
    slides: false,
  });
  const before = ledger.journal.length;

  expect(ledger.execute({ ...request(), kind: 'REVERSE', postingId: earned, lines, reason: 'x' })).toEqual(
    refusal,
  );
  expect(ledger.journal).toHaveLength(before);
});

test('a reversal is not reversed, and gifts and donations are nobody’s to reverse', () => {
  const ledger = ledgerInMemory({ members: ['ann', 'bo'], merchants: ['m1'] });
  const base = { programme, memberId: 'ann', points: 5n };
  ledger.execute({ ...request(), ...base, kind: 'EARN', points: 20n, merchantId: 'm1' });
  ledger.execute({ ...request(), ...base, kind: 'DONATE', caller: 'service:charity', causeId: 'cats' });
  ledger.execute({
    ...{ ...request(), ...base, kind: 'TRANSFER', caller: 'member:ann' },
    ...{ toMemberId: 'bo', beneficiaryFrom: ledger.clock.now },
  });
  const [earned, donated, given] = ledger.journal.map(({ id }) => id);
  const reverse = (postingId: string, caller: string) =>
    ledger.execute({ ...request(), kind: 'REVERSE', postingId, reason: 'x', points: 1n, caller });
  reverse(earned!, 'merchant:m1');
  const back = ledger.journal[3]!;

  expect(reverse(back.id, 'merchant:m1')).toEqual({
    ...{ kind: 'NotReversible', remaining: 0n, keeper: null, final: 'REVERSE' },
  });
  for (const postingId of [donated!, given!])
    for (const by of ['service:charity', 'member:ann', 'member:bo', 'merchant:m1', 'operator:ann'])
      expect(reverse(postingId, by)).toEqual({ kind: 'NotFound', what: 'POSTING', id: postingId });
  expect(ledger.journal).toHaveLength(4);
});

test('reversing a capture gives back what it took, not the arrears that its released points paid', () => {
  const ledger = ledgerInMemory({ members: ['ann'], merchants: ['m1'] });
  const base = { programme, memberId: 'ann', merchantId: 'm1', points: 50n };
  const lines = [
    { id: 'a', points: 20n },
    { id: 'b', points: 30n },
  ];
  const earned = ledger.execute({ ...request(), ...base, kind: 'EARN', lines });
  const held = ledger.execute({ ...request(), ...base, kind: 'HOLD' });
  const earnId = earned.kind === 'PointsPosted' ? earned.posting.id : '';
  const holdId = held.kind === 'PointsHeld' ? held.hold.id : '';
  ledger.execute({
    ...request(),
    kind: 'REVERSE',
    postingId: earnId,
    lines: [{ id: 'a' }],
    reason: 'returned',
  });
  const captured = ledger.execute({ ...request(), kind: 'CAPTURE', holdId, points: 10n });
  expect(ledger.seen('ann').wallet).toMatchObject({ available: 20n, held: 0n, arrears: 0n });

  const postingId = captured.kind === 'HoldResolved' ? captured.hold.capturePostingId! : '';
  ledger.execute({ ...request(), kind: 'REVERSE', postingId, reason: 'cancelled' });

  expect(ledger.seen('ann').wallet).toMatchObject({ available: 30n, held: 0n, arrears: 0n });
  expect(brokenInvariants(ledger, ['ann'])).toEqual([]);
});

test.each(['operator:ann', 'service:campaigns', 'merchant:m2', 'member:ann', 'public'])(
  'what a merchant posted is taken back by that merchant alone: not by %s, whom the ledger tells of no such posting',
  (caller) => {
    const ledger = ledgerInMemory({ members: ['ann'], merchants: ['m1', 'm2'] });
    const base = { programme, memberId: 'ann', merchantId: 'm1' };
    const earned = ledger.execute({ ...request(), ...base, kind: 'EARN', points: 50n });
    const spent = ledger.execute({ ...request(), ...base, kind: 'REDEEM', points: 20n });
    const before = ledger.journal.length;

    for (const outcome of [earned, spent]) {
      const postingId = outcome.kind === 'PointsPosted' ? outcome.posting.id : '';
      const command = { ...request(), kind: 'REVERSE' as const, postingId, reason: 'x' };
      const refused = { kind: 'NotFound', what: 'POSTING', id: postingId };
      expect(ledger.execute({ ...command, caller })).toEqual(refused);
      expect(ledger.execute({ ...command, caller, points: 1n })).toEqual(refused);
    }
    expect(ledger.journal).toHaveLength(before);
  },
);

test('what a service keeps a record of is reversed by that service alone', () => {
  const ledger = ledgerInMemory({ members: ['ann'], merchants: ['m1'] });
  const [campaigns, catalogue] = ['service:campaigns', 'service:rewards-catalogue'];
  const base = { programme, memberId: 'ann', merchantId: 'm1', points: 50n };
  const earned = ledger.execute({ ...request(), ...base, kind: 'EARN', caller: campaigns });
  const held = ledger.execute({ ...request(), ...base, kind: 'HOLD', caller: catalogue });
  const holdId = held.kind === 'PointsHeld' ? held.hold.id : '';
  const captured = ledger.execute({ ...request(), kind: 'CAPTURE', holdId, caller: catalogue });
  const captureId = captured.kind === 'HoldResolved' ? captured.hold.capturePostingId! : '';
  const earnId = earned.kind === 'PointsPosted' ? earned.posting.id : '';
  const before = ledger.journal.length;
  const reverse = (postingId: string, caller: string) =>
    ledger.execute({ ...request(), kind: 'REVERSE', postingId, reason: 'x', caller });

  const unknown = (id: string) => ({ kind: 'NotFound', what: 'POSTING', id });
  expect(reverse(earnId, 'merchant:m1')).toEqual({
    kind: 'NotReversible',
    remaining: 50n,
    keeper: campaigns,
  });
  expect(reverse(earnId, 'operator:ann')).toEqual(unknown(earnId));
  expect(reverse(captureId, campaigns)).toEqual(unknown(captureId));
  expect(ledger.journal).toHaveLength(before);
  expect(reverse(captureId, catalogue).kind).toBe('PointsPosted');
  expect(reverse(earnId, campaigns).kind).toBe('PointsPosted');
  expect(brokenInvariants(ledger, ['ann'])).toEqual([]);
});
