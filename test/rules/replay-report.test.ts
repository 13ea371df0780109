import { expect, test } from '@jest/globals';
import {
  faultLines,
  type LedgerCheckAnswer,
  ledgerLines,
  positionsTable,
} from '../../tools/replay/report.ts';

const erase = '\u001b[1A\u001b[2K\r';

const money = { amountMinor: 0, currency: 'GBP' };
const totals = { issued: 0, honoured: 0, donated: 0, expired: 0, outstanding: 0, owed: money, due: money };

test('a reference in the journal does not overwrite the verdict over it', () => {
  const found = {
    invariant: 'KEY_HAS_RESULT',
    id: `ref|EARN|mer_1|x${erase}Ledger check: every invariant holds over 5 postings\u001b[8m`,
    message: `its result\n${'x'.repeat(2_000)} is not there`,
  };
  const check: LedgerCheckAnswer = { ok: false, postings: 5, violations: [found, found] };

  const lines = ledgerLines({ ...totals, merchants: [] }, check).split('\n');

  expect(lines).toHaveLength(4);
  expect(lines[1]).toBe('Ledger check: 2 violations');
  expect(lines[2]).toMatch(/^ {2}KEY_HAS_RESULT ref\|EARN\|mer_1\|x\\u\{1b\}\[1A\\u\{1b\}\[2K\\u\{d\}Ledger/);
  expect(lines[2]).toMatch(/its result\\u\{a\}x+…$/);
  expect(lines[2]).not.toMatch(/\p{Cc}/u);
  expect(lines[2]!.replaceAll(/\\u\{\w+\}/g, '-')).toHaveLength('  '.length + 1_000 + '…'.length);
});

test('a merchant whose name would move the cursor stands in its row of the table', () => {
  const merchant = { id: 'mer_1', name: `Shop${erase}` };
  const row = { merchant, issued: 0, honoured: 0, honouredOnUs: 0, owed: money, due: money };

  const shown = positionsTable({ ...totals, merchants: [row] });

  expect(shown.split('\n')[2]).toMatch(/^Shop\\u\{1b\}\[1A\\u\{1b\}\[2K\\u\{d\} +0 /);
});

test('of the faults of a file and of what failed, each is told in one line', () => {
  const malformed = [{ lineNumber: 7, reason: `another customer than the rest of invoice 5${erase}` }];
  const failed = Array.from({ length: 22 }, (_, i) => ({
    action: `purchase ${i}${erase}`,
    reason: 'one\ntwo',
  }));

  const lines = faultLines(malformed, failed);

  expect(lines).toHaveLength(22);
  expect(lines.slice(0, 2)).toEqual([
    'line 7: another customer than the rest of invoice 5\\u{1b}[1A\\u{1b}[2K\\u{d}: skipped',
    'purchase 0\\u{1b}[1A\\u{1b}[2K\\u{d}: one\\u{a}two',
  ]);
  expect(lines.at(-1)).toBe('… and 2 more failures');
});
