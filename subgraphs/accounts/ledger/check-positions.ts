import type { AuditStore, JournalTotals } from './audit-store.ts';
import { addTotals, noTotals, outstandingOf } from './position.ts';
import type { RollUp } from './position-store.ts';
import { type PositionTotals, positionFields } from './posting.ts';
import { broken, type Violation } from './violation.ts';

function outstandingViolations(
  totals: readonly JournalTotals[],
  held: ReadonlyMap<string, bigint>,
): Violation[] {
  const sums = new Map<string, PositionTotals>();
  for (const { programme, totals: part } of totals)
    sums.set(programme, addTotals(sums.get(programme) ?? noTotals, part));
  const programmes = new Set([...sums.keys(), ...held.keys()]);
  return [...programmes].flatMap((programme) => {
    const expected = outstandingOf(sums.get(programme) ?? noTotals);
    const actual = held.get(programme) ?? 0n;
    return broken(programme, [
      [
        'POSITIONS_EQUAL_OUTSTANDING',
        expected === actual,
        () => `issued - honoured - donated - expired - deducted is ${expected}, members hold ${actual}`,
      ],
    ]);
  });
}

const same = (a: PositionTotals, b: PositionTotals): boolean =>
  positionFields.every((field) => (a[field] ?? 0n) === (b[field] ?? 0n));

function rollUpViolations(rollUp: RollUp, journal: readonly JournalTotals[]): Violation[] {
  const sums = new Map(journal.map(({ merchantId, totals }) => [merchantId, totals]));
  const kept = new Map(rollUp.rows.map((row) => [row.merchantId, row]));
  const merchants = new Set([...sums.keys(), ...kept.keys()]);
  return [...merchants].flatMap((merchantId) =>
    broken(rollUp.programme, [
      [
        'ROLL_UP_EQUALS_JOURNAL',
        same(sums.get(merchantId) ?? noTotals, kept.get(merchantId) ?? noTotals),
        () =>
          `the roll-up through ${rollUp.through.toISOString()} differs for ${merchantId ?? 'no merchant'}`,
      ],
    ]),
  );
}

/** Checks that what was issued and is gone nowhere is what members hold, and that roll-ups say what the journal says. */
export async function checkPositions(audit: AuditStore): Promise<Violation[]> {
  const violations = outstandingViolations(await audit.totals(null, null), await audit.outstanding());
  for (const rollUp of await audit.rollUps())
    violations.push(...rollUpViolations(rollUp, await audit.totals(rollUp.programme, rollUp.through)));
  return violations;
}
