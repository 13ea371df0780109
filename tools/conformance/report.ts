import { explanationOf } from './explained.ts';
import type { Outcome, TestResult } from './outcome.ts';

/** The results of the tests of one folder. */
export interface SuiteResults {
  readonly suite: string;
  readonly results: readonly TestResult[];
}

/** What a suite's failures and exclusions were, in full. */
export function suiteReport({ suite, results }: SuiteResults): string {
  const lines = [`\n${suite}`];
  for (const result of results) {
    if (result.outcome.kind !== 'failed') continue;
    const because = explanationOf(result);
    lines.push(`  ${because ? 'explained' : 'FAILED'}  ${result.file}: ${result.description}`);
    lines.push(`          ${result.outcome.reason}`);
    if (because) lines.push(`          because ${because}`);
  }
  for (const [reason, count] of counted(results.flatMap(({ outcome }) => allowances(outcome))))
    lines.push(`  passed, but for the driver's habit, ${count}: ${reason}`);
  for (const [reason, count] of counted(results.flatMap(({ outcome }) => exclusions(outcome))))
    lines.push(`  not applicable, ${count}: ${reason}`);
  return lines.join('\n');
}

function allowances(outcome: Outcome): readonly string[] {
  return outcome.kind === 'passed' ? outcome.allowed : [];
}

function exclusions(outcome: Outcome): readonly string[] {
  return outcome.kind === 'not-applicable' ? [outcome.reason] : [];
}

/** How often each reason was given, most first. */
function counted(reasons: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** One line a suite: how many ran, passed, failed, failed for a known reason, and did not apply. */
export function summaryTable(suites: readonly SuiteResults[]): string {
  const rows = [
    ['suite', 'tests', 'run', 'passed', 'explained', 'failed', 'not applicable'],
    ...suites.map(summaryRow),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => formatRow(row, widths)).join('\n');
}

function summaryRow({ suite, results }: SuiteResults): string[] {
  const failed = results.filter(({ outcome }) => outcome.kind === 'failed');
  const explained = failed.filter((result) => explanationOf(result) !== undefined);
  const passed = results.filter(({ outcome }) => outcome.kind === 'passed');
  const run = passed.length + failed.length;
  const counts = [
    results.length,
    run,
    passed.length,
    explained.length,
    failed.length - explained.length,
    results.length - run,
  ];
  return [suite, ...counts.map(String)];
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
    .join('  ');
}
