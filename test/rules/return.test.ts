import { describe, expect, test } from '@jest/globals';
import { spread } from '../../subgraphs/campaigns/earning/spread.ts';
import type { Purchase, PurchaseLine, RuleOutcome } from '../../subgraphs/campaigns/purchase/purchase.ts';
import {
  givenBackAfter,
  planReturn,
  type ReturnOrder,
  type ReturnPlan,
  takenBack,
} from '../../subgraphs/campaigns/purchase/return.ts';
import { fc } from '../support/properties.ts';

const line = (id: string, quantity: number, points: bigint): PurchaseLine => ({
  id,
  sku: id,
  description: null,
  category: null,
  quantity,
  amountMinor: 100n,
  points,
  returnedQuantity: 0,
  pointsReturned: 0n,
});

const purchaseOf = (lines: readonly PurchaseLine[], outcomes: readonly RuleOutcome[] = []): Purchase => ({
  id: 'pur_1',
  merchantId: 'mer_1',
  memberId: 'mem_1',
  externalRef: 'r',
  programme: 'SHARED',
  currency: 'CNY',
  at: new Date(0),
  recordedAt: new Date(0),
  state: 'RECORDED',
  totalMinor: 100n,
  lines,
  points: lines.reduce((sum, { points }) => sum + points, 0n),
  pointsReturned: 0n,
  outcomes,
  campaignId: null,
  ruleVersion: '',
  postingId: 'pos_1',
  revision: 0,
});

const planOf = (purchase: Purchase, orders: readonly ReturnOrder[] | null): ReturnPlan => {
  const plan = planReturn(purchase, orders);
  if (plan.kind !== 'PLAN') throw new Error(JSON.stringify(plan));
  return plan;
};

/** The purchase after a return. */
function apply(purchase: Purchase, plan: ReturnPlan): Purchase {
  const back = new Map(plan.lines.map((one) => [one.lineId, one]));
  const lines = purchase.lines.map((one) => {
    const returned = back.get(one.id);
    if (!returned) return one;
    const returnedQuantity = one.returnedQuantity + returned.quantity;
    return { ...one, returnedQuantity, pointsReturned: one.pointsReturned + returned.points };
  });
  const given = new Map(givenBackAfter(purchase, plan.caps).map((one) => [one.place, one.givenBack]));
  const outcomes = purchase.outcomes.map((one, place) =>
    given.has(place) ? { ...one, givenBack: given.get(place)! } : one,
  );
  return { ...purchase, lines, outcomes, pointsReturned: purchase.pointsReturned + plan.points };
}

/** What undoes a return. */
const undoing = (plan: ReturnPlan): ReturnPlan => ({
  kind: 'PLAN',
  lines: plan.lines.map((one) => ({ ...one, quantity: -one.quantity, points: -one.points })),
  points: -plan.points,
  caps: plan.caps.map((cap) => ({ ...cap, points: -cap.points })),
});

const giftOf = (shares: RuleOutcome['shares']): RuleOutcome => ({
  campaignId: 'cam_1',
  ruleCode: 'gift',
  requested: 10n,
  granted: 10n,
  reason: 'GRANTED',
  message: '',
  shares,
});

describe('a return', () => {
  test('of everything takes back everything', () => {
    const plan = planOf(purchaseOf([line('a', 3, 10n), line('b', 1, 5n), line('c', 2, 0n)]), null);

    expect(plan.points).toBe(15n);
    expect(plan.lines).toEqual([
      { lineId: 'a', quantity: 3, points: 10n },
      { lineId: 'b', quantity: 1, points: 5n },
      { lineId: 'c', quantity: 2, points: 0n },
    ]);
  });

  test('of a part takes back the floor of its share, cumulatively', () => {
    let purchase = purchaseOf([line('a', 3, 10n)]);
    const taken: bigint[] = [];

    for (let i = 0; i < 3; i++) {
      const plan = planOf(purchase, [{ id: 'a', quantity: 1 }]);
      taken.push(plan.points);
      purchase = apply(purchase, plan);
    }

    expect(taken).toEqual([3n, 3n, 4n]);
    expect(purchase.pointsReturned).toBe(10n);
  });

  test('of the rest takes what is left', () => {
    const purchase = apply(
      purchaseOf([line('a', 3, 10n), line('b', 1, 5n)]),
      planOf(purchaseOf([line('a', 3, 10n), line('b', 1, 5n)]), [{ id: 'a', quantity: 2 }]),
    );

    expect(planOf(purchase, null).lines).toEqual([
      { lineId: 'a', quantity: 1, points: 4n },
      { lineId: 'b', quantity: 1, points: 5n },
    ]);
  });

  test('of more than is left names the line and what is left', () => {
    const whole = purchaseOf([line('a', 3, 10n)]);
    const purchase = apply(whole, planOf(whole, [{ id: 'a', quantity: 2 }]));

    expect(planReturn(purchase, [{ id: 'a', quantity: 2 }])).toEqual({
      kind: 'NOTHING_TO_RETURN',
      lineId: 'a',
      returnable: 1,
    });
  });

  test('of everything again has nothing left', () => {
    const whole = purchaseOf([line('a', 3, 10n)]);
    const purchase = apply(whole, planOf(whole, null));

    expect(planReturn(purchase, null)).toEqual({ kind: 'NOTHING_TO_RETURN', lineId: null, returnable: 0 });
  });

  test("gives the part of a rule with a cap per member back to the member's cap", () => {
    const purchase = purchaseOf(
      [line('a', 2, 20n), line('b', 1, 5n)],
      [
        giftOf([
          { lineId: 'a', points: 7n },
          { lineId: 'b', points: 3n },
        ]),
      ],
    );

    const plan = planOf(purchase, [{ id: 'a', quantity: 1 }]);

    expect(plan.caps).toEqual([{ campaignId: 'cam_1', ruleCode: 'gift', points: -3n }]);
    expect(planOf(apply(purchase, plan), null).caps).toEqual([
      { campaignId: 'cam_1', ruleCode: 'gift', points: -7n },
    ]);
  });
});

test("an earlier return that is undone after a later one leaves the member's cap with just what was given", () => {
  const whole = purchaseOf([line('a', 3, 5n)], [giftOf([{ lineId: 'a', points: 5n }])]);

  const first = planOf(whole, [{ id: 'a', quantity: 2 }]);
  const second = planOf(apply(whole, first), [{ id: 'a', quantity: 1 }]);
  const left = apply(apply(apply(whole, first), second), undoing(first));
  const third = planOf(left, null);

  const given = [first, second, undoing(first), third].map(({ caps }) => caps[0]!.points);
  expect(given).toEqual([-3n, -2n, 3n, -3n]);
  expect(apply(left, third)).toMatchObject({ pointsReturned: 5n, outcomes: [{ givenBack: 5n }] });
});

test('what a purchase gave back before that was counted follows from the units that are back', () => {
  const back = { ...line('a', 3, 5n), returnedQuantity: 2, pointsReturned: 3n };
  const purchase = purchaseOf([back], [giftOf([{ lineId: 'a', points: 5n }])]);

  const plan = planOf(purchase, null);

  expect(plan.caps).toEqual([{ campaignId: 'cam_1', ruleCode: 'gift', points: -2n }]);
  expect(givenBackAfter(purchase, plan.caps)).toEqual([{ place: 0, givenBack: 5n }]);
});

/** A purchase of up to five lines with a capped rule on some of them, and a shuffled, partitioned return of all of it. */
const anyPurchase = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.bigInt(0n, 1_000n), fc.bigInt(0n, 50n)), {
    minLength: 1,
    maxLength: 5,
  })
  .map((all) =>
    purchaseOf(
      all.map(([quantity, points, gift], i) => line(`l${i}`, quantity, points + gift)),
      [giftOf(all.flatMap(([, , points], i) => (points > 0n ? [{ lineId: `l${i}`, points }] : [])))],
    ),
  );

const unitsOf = (purchase: Purchase) =>
  purchase.lines.flatMap(({ id, quantity }) => Array<string>(quantity).fill(id));

const anyReturns = anyPurchase.chain((purchase) => {
  const units = unitsOf(purchase);
  const order = fc.shuffledSubarray(
    units.map((_, i) => i),
    { minLength: units.length },
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 6 }), {
    minLength: units.length,
    maxLength: units.length,
  });
  return fc.record({ purchase: fc.constant(purchase), order, sizes });
});

/** Splits the shuffled units into returns of the given sizes, each with its units counted by line. */
function toReturns(
  units: readonly string[],
  order: readonly number[],
  sizes: readonly number[],
): ReturnOrder[][] {
  const left = order.map((i) => units[i]!);
  const returns: ReturnOrder[][] = [];
  for (const size of sizes) {
    const part = left.splice(0, size);
    if (part.length === 0) break;
    const ids = [...new Set(part)];
    returns.push(ids.map((id) => ({ id, quantity: part.filter((one) => one === id).length })));
  }
  return returns;
}

describe('for any purchase', () => {
  test('partial returns in any order and any partition end where the full return ends', () => {
    fc.assert(
      fc.property(anyReturns, ({ purchase, order, sizes }) => {
        const full = planOf(purchase, null);
        let current = purchase;
        let caps = 0n;
        const seen: bigint[] = [];
        for (const orders of toReturns(unitsOf(purchase), order, sizes)) {
          const plan = planOf(current, orders);
          seen.push(plan.points);
          caps += plan.caps.reduce((sum, { points }) => sum + points, 0n);
          current = apply(current, plan);
        }

        const counts = ({ lines }: Purchase) =>
          lines.map((one) => [one.returnedQuantity, one.pointsReturned]);
        return (
          seen.every((points) => points >= 0n) &&
          String(counts(current)) === String(counts(apply(purchase, full))) &&
          current.pointsReturned === purchase.points &&
          caps === full.caps.reduce((sum, { points }) => sum + points, 0n) &&
          planReturn(current, null).kind === 'NOTHING_TO_RETURN'
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('what is taken back is a largest-remainder split of the points over the units', () => {
    const amounts = fc.tuple(fc.bigInt(0n, 10_000n), fc.integer({ min: 1, max: 50 }));
    fc.assert(
      fc.property(amounts, ([points, quantity]) => {
        const units = Array.from({ length: quantity }, (_, i) => i + 1);
        const parts = units.map((k) => takenBack(points, k, quantity) - takenBack(points, k - 1, quantity));
        const split = spread(
          points,
          units.map((k) => ({ id: String(k).padStart(3, '0'), weight: 1n })),
        );
        const ordered = (all: Iterable<bigint>) => [...all].map(Number).sort((a, b) => a - b);

        return String(ordered(parts)) === String(ordered(split.values()));
      }),
    );
  });
});
