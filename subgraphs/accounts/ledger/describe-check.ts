import type { LedgerCheck } from './check.ts';

/** Tells what a check found, one line a violation. */
export function describeCheck({ ok, postings, violations }: LedgerCheck): string {
  const lines = violations.map(({ invariant, id, message }) => `${invariant} ${id}: ${message}`);
  return [
    ...lines,
    `${postings} postings checked: ${ok ? 'every invariant holds' : `${lines.length} violations`}`,
  ].join('\n');
}
