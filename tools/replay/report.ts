import { printable } from '../printable.ts';
import type { Plan } from './plan.ts';
import type { ReplayCounts } from './replay.ts';
import type { MalformedLine, RetailFile } from './retail-file.ts';

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

/** The operator's view of all merchants, as the endpoint answers it. */
export interface PositionsAnswer {
  readonly merchants: readonly {
    readonly merchant: { readonly id: string; readonly name: string };
    readonly issued: number;
    readonly honoured: number;
    readonly honouredOnUs: number;
    readonly owed: Money;
    readonly due: Money;
  }[];
  readonly issued: number;
  readonly honoured: number;
  readonly donated: number;
  readonly expired: number;
  readonly outstanding: number;
  readonly owed: Money;
  readonly due: Money;
}

/** The answer of the ledger check. */
export interface LedgerCheckAnswer {
  readonly ok: boolean;
  readonly postings: number;
  readonly violations: readonly {
    readonly invariant: string;
    readonly id: string;
    readonly message: string;
  }[];
}

const money = (amount: Money): string => `${(amount.amountMinor / 100).toFixed(2)} ${amount.currency}`;
const points = (value: number): string => value.toLocaleString('en');

/** A plain table: the first column flush left, the others flush right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ');
  const [head, ...rest] = rows.map(line);
  return [head, '-'.repeat(head!.length), ...rest].join('\n');
}

/** The merchants' positions and their totals. */
export function positionsTable(positions: PositionsAnswer): string {
  const rows = positions.merchants.map((row) => [
    printable(row.merchant.name),
    points(row.issued),
    points(row.honoured),
    points(row.honouredOnUs),
    money(row.owed),
    money(row.due),
  ]);
  const onUs = positions.merchants.reduce((sum, row) => sum + row.honouredOnUs, 0);
  const total = [
    'All',
    points(positions.issued),
    points(positions.honoured),
    points(onUs),
    money(positions.owed),
    money(positions.due),
  ];
  return table([['Merchant', 'Issued', 'Honoured', 'of these on-us', 'Owes', 'Is due'], ...rows, total]);
}

/** What was read and sent, and how fast. */
export function summary(
  file: RetailFile,
  plan: Plan,
  counts: ReplayCounts,
  speed: { requests: number; seconds: number },
): string {
  return [
    `${points(file.lineCount)} lines: ${points(file.malformed.length)} malformed, ${points(plan.anonymousLines)} anonymous (${points(plan.anonymousInvoices)} invoices), ${points(plan.adjustmentLines)} stock or price corrections`,
    `${points(counts.purchases)} purchases and ${points(counts.returns)} returns sent, ${points(counts.repeated)} of them known from before; ${points(plan.returnedLines)} lines brought back, ${points(plan.unmatchedLines)} lines (${points(plan.unmatchedUnits)} units) without an earlier purchase`,
    `${points(counts.redemptions)} redemptions and ${points(counts.donations)} donations, ${points(counts.refusedForPoints)} turned down for want of points; ${points(counts.failed.length)} failed`,
    `${points(speed.requests)} requests in ${speed.seconds.toFixed(1)} s: ${(speed.requests / speed.seconds).toFixed(0)} a second`,
  ].join('\n');
}

/** The totals over the journal and the result of the ledger check. */
export function ledgerLines(positions: PositionsAnswer, check: LedgerCheckAnswer): string {
  const sums = `${points(positions.issued)} issued - ${points(positions.honoured)} honoured - ${points(positions.donated)} donated - ${points(positions.expired)} expired = ${points(positions.outstanding)} outstanding`;
  const verdict = check.ok
    ? `Ledger check: every invariant holds over ${points(check.postings)} postings`
    : `Ledger check: ${check.violations.length} violations`;
  return [
    sums,
    verdict,
    ...check.violations.map((found) => `  ${printable(`${found.invariant} ${found.id}: ${found.message}`)}`),
  ].join('\n');
}

const mostFailures = 20;

/** What could not be read and the first of what failed, one line each. */
export function faultLines(
  malformed: readonly MalformedLine[],
  failed: ReplayCounts['failed'],
): readonly string[] {
  const more = failed.length - mostFailures;
  return [
    ...malformed.map(({ lineNumber, reason }) => `line ${lineNumber}: ${printable(reason)}: skipped`),
    ...failed.slice(0, mostFailures).map(({ action, reason }) => printable(`${action}: ${reason}`)),
    ...(more > 0 ? [`… and ${more} more failures`] : []),
  ];
}
