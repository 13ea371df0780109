import { describe, expect, test } from '@jest/globals';
import { matchPoints, mostMatches } from '../../subgraphs/charity/matching/match-points.ts';
import { checkPledge, newPledge, type Pledge, sumGoods } from '../../subgraphs/charity/matching/pledge.ts';
import { fc } from '../support/properties.ts';

const pledge = (change: Partial<Pledge>): Pledge => ({
  ...newPledge(
    'ple_1',
    'mer_pets',
    {
      causeId: 'cau_1',
      goods: 'pet food',
      unit: 'g',
      pointsPerStep: 1_000n,
      quantityPerStep: 1_000,
      limitQuantity: 500_000,
      agreementRef: 'agreement 12',
    },
    new Date('2026-11-01T00:00:00Z'),
  ),
  ...change,
});

const anyPledge = fc
  .record({
    pointsPerStep: fc.bigInt({ min: 1n, max: 5_000n }),
    quantityPerStep: fc.integer({ min: 1, max: 5_000 }),
    remainingQuantity: fc.integer({ min: 0, max: 20_000 }),
  })
  .map((change) => pledge({ ...change, limitQuantity: 20_000 }));

const anyPledges = fc
  .array(anyPledge, { maxLength: 8 })
  .map((pledges) => pledges.map((each, place) => ({ ...each, id: `ple_${place}` })));

const anyPoints = fc.bigInt({ min: 1n, max: 100_000_000n });

/** The fewest points that earn a quantity at a pledge's rate, by search instead of by division. */
function fewestPoints(quantity: number, { pointsPerStep, quantityPerStep }: Pledge): bigint {
  let points = (BigInt(quantity) * pointsPerStep) / BigInt(quantityPerStep);
  while ((points * BigInt(quantityPerStep)) / pointsPerStep < BigInt(quantity)) points += 1n;
  return points;
}

describe('what pledges match', () => {
  test('is the proportion of the points, not only of whole steps', () => {
    expect(matchPoints(1_500n, [pledge({})])).toEqual([
      { pledgeId: 'ple_1', goods: 'pet food', unit: 'g', quantity: 1_500 },
    ]);
  });

  test('is rounded down to whole units', () => {
    const kilograms = pledge({ unit: 'kg', quantityPerStep: 1 });

    expect(matchPoints(2_999n, [kilograms])).toMatchObject([{ quantity: 2 }]);
    expect(matchPoints(999n, [kilograms])).toEqual([]);
  });

  test('is trimmed at what a pledge has left, and the points beyond that go to the next', () => {
    const first = pledge({ id: 'ple_1', remainingQuantity: 400 });
    const second = pledge({ id: 'ple_2', goods: 'cat litter', pointsPerStep: 100n, quantityPerStep: 20 });

    expect(matchPoints(1_000n, [first, second])).toEqual([
      { pledgeId: 'ple_1', goods: 'pet food', unit: 'g', quantity: 400 },
      { pledgeId: 'ple_2', goods: 'cat litter', unit: 'g', quantity: 120 },
    ]);
  });

  test('uses up, at a trimmed pledge, the fewest points that earn what it had left', () => {
    const first = pledge({ id: 'ple_1', pointsPerStep: 3n, quantityPerStep: 2, remainingQuantity: 5 });
    const second = pledge({ id: 'ple_2', pointsPerStep: 1n, quantityPerStep: 1 });

    // 8 points earn 5 units at 2 for 3; of 10 points 2 are left.
    expect(matchPoints(10n, [first, second]).map((match) => match.quantity)).toEqual([5, 2]);
  });

  test('does not pass on the fraction of a unit that a pledge with enough left rounds away', () => {
    const first = pledge({ id: 'ple_1', unit: 'kg', quantityPerStep: 1 });
    const second = pledge({ id: 'ple_2', pointsPerStep: 1n, quantityPerStep: 1 });

    expect(matchPoints(1_999n, [first, second])).toMatchObject([{ pledgeId: 'ple_1', quantity: 1 }]);
  });

  test('skips a pledge whose rate gives nothing for the points', () => {
    const first = pledge({ id: 'ple_1', pointsPerStep: 10_000n, quantityPerStep: 1 });
    const second = pledge({ id: 'ple_2' });

    expect(matchPoints(700n, [first, second])).toMatchObject([{ pledgeId: 'ple_2', quantity: 700 }]);
  });

  test('draws on so many pledges at most', () => {
    const drops = Array.from({ length: mostMatches + 5 }, (_, place) =>
      pledge({ id: `ple_${place}`, remainingQuantity: 1 }),
    );

    expect(matchPoints(1_000_000n, drops)).toHaveLength(mostMatches);
  });

  test('does not lose precision in large numbers', () => {
    const large = pledge({
      pointsPerStep: 99_999_999n,
      quantityPerStep: 2_147_483_647,
      limitQuantity: 2_147_483_647,
      remainingQuantity: 2_147_483_647,
    });

    expect(matchPoints(99_999_998n, [large])).toMatchObject([{ quantity: 2_147_483_625 }]);
  });
});

describe('for any points and pledges', () => {
  test('no pledge gives nothing, or more than it has left, or than the points earn at its rate', () => {
    fc.assert(
      fc.property(anyPoints, anyPledges, (points, pledges) => {
        for (const match of matchPoints(points, pledges)) {
          const of = pledges.find((each) => each.id === match.pledgeId)!;
          expect(match.quantity).toBeGreaterThan(0);
          expect(match.quantity).toBeLessThanOrEqual(of.remainingQuantity);
          const earned = (points * BigInt(of.quantityPerStep)) / of.pointsPerStep;
          expect(BigInt(match.quantity)).toBeLessThanOrEqual(earned);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('no point is matched twice', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 50_000n }), anyPledges, (points, pledges) => {
        const used = matchPoints(points, pledges).map((match) =>
          fewestPoints(match.quantity, pledges.find((each) => each.id === match.pledgeId)!),
        );

        expect(used.reduce((sum, each) => sum + each, 0n)).toBeLessThanOrEqual(points);
      }),
      { numRuns: 1_000 },
    );
  });

  test('pledges match in their order, and all but the last are exhausted', () => {
    fc.assert(
      fc.property(anyPoints, anyPledges, (points, pledges) => {
        const matches = matchPoints(points, pledges);
        const places = matches.map((match) => pledges.findIndex((each) => each.id === match.pledgeId));

        expect(places).toEqual([...places].sort((a, b) => a - b));
        for (const [turn, place] of places.slice(0, -1).entries())
          expect(matches[turn]!.quantity).toBe(pledges[place]!.remainingQuantity);
      }),
      { numRuns: 1_000 },
    );
  });

  test('the same points and pledges always match alike', () => {
    fc.assert(
      fc.property(anyPoints, anyPledges, (points, pledges) => {
        expect(matchPoints(points, structuredClone(pledges))).toEqual(matchPoints(points, pledges));
      }),
    );
  });

  test('a sequence of donations never reserves beyond any limit and leaves nothing while points go unmatched', () => {
    fc.assert(
      fc.property(fc.array(anyPoints, { maxLength: 10 }), anyPledges, (donations, pledges) => {
        let state = pledges;
        for (const points of donations) {
          const matches = matchPoints(points, state);
          const wanting = state.filter(
            (each) =>
              each.remainingQuantity > 0 && points * BigInt(each.quantityPerStep) >= each.pointsPerStep,
          );
          expect(matches.length > 0).toBe(wanting.length > 0);
          state = state.map((each) => {
            const quantity = matches.find((match) => match.pledgeId === each.id)?.quantity ?? 0;
            return { ...each, remainingQuantity: each.remainingQuantity - quantity };
          });
          for (const each of state) expect(each.remainingQuantity).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('sums of goods', () => {
  test('keep units and names apart and leave out what is zero', () => {
    const sums = sumGoods([
      { goods: 'pet food', unit: 'g', quantity: 2_147_483_647 },
      { goods: 'pet food', unit: 'bag', quantity: 1 },
      { goods: 'blanket', unit: 'piece', quantity: 0 },
      { goods: 'pet food', unit: 'g', quantity: 2_147_483_647 },
    ]);

    expect(sums).toEqual([
      { goods: 'pet food', unit: 'g', quantity: 4_294_967_294n },
      { goods: 'pet food', unit: 'bag', quantity: 1n },
    ]);
  });
});

describe('a pledge', () => {
  const terms = {
    idempotencyKey: 'key',
    causeId: 'cau_1',
    goods: 'pet food',
    unit: 'g',
    pointsPerStep: 1_000n,
    quantityPerStep: 1_000,
    limitQuantity: 500_000,
    agreementRef: 'agreement 12',
  };

  test('that keeps the rules is accepted', () => {
    expect(checkPledge(terms)).toBeNull();
  });

  test.each([
    ['input.idempotencyKey', { idempotencyKey: '' }],
    ['input.goods', { goods: ' ' }],
    ['input.goods', { goods: 'pet\u0000food' }],
    ['input.unit', { unit: 'x'.repeat(21) }],
    ['input.pointsPerStep', { pointsPerStep: 0n }],
    ['input.pointsPerStep', { pointsPerStep: 100_000_001n }],
    ['input.quantityPerStep', { quantityPerStep: 0 }],
    ['input.limitQuantity', { limitQuantity: -1 }],
    ['input.agreementRef', { agreementRef: '' }],
    ['input.idempotencyKey', { idempotencyKey: 'a key', goods: '' }],
  ])('is refused at %s', (field, change) => {
    expect(checkPledge({ ...terms, ...change })).toMatchObject({ kind: 'InvalidInput', field });
  });
});
