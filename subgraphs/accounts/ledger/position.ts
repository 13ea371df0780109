import { type PositionTotals, positionFields } from './posting.ts';

/** Totals of nothing. */
export const noTotals: PositionTotals = {
  issued: 0n,
  owedMilli: 0n,
  honouredOnUs: 0n,
  honouredOffUs: 0n,
  dueOnUsMilli: 0n,
  dueOffUsMilli: 0n,
  donated: 0n,
  expired: 0n,
  deducted: 0n,
};

/** Field by field; roll-ups of before there were cases say nothing of deductions. */
export const addTotals = (a: PositionTotals, b: Partial<PositionTotals>): PositionTotals =>
  Object.fromEntries(
    positionFields.map((field) => [field, (a[field] ?? 0n) + (b[field] ?? 0n)]),
  ) as unknown as PositionTotals;

/** Points that members hold, arrears subtracted: what was issued and neither honoured, donated, expired nor deducted. */
export const outstandingOf = (totals: PositionTotals): bigint =>
  totals.issued -
  totals.honouredOnUs -
  totals.honouredOffUs -
  totals.donated -
  totals.expired -
  totals.deducted;

/** Thousandths of a minor unit as whole minor units, rounded half up: -0.5 becomes 0, 0.5 becomes 1. */
export function roundHalfUp(milli: bigint): bigint {
  const shifted = milli + 500n;
  const quotient = shifted / 1000n;
  return shifted % 1000n < 0n ? quotient - 1n : quotient;
}
