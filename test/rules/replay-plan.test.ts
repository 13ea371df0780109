import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { planReplay } from '../../tools/replay/plan.ts';
import { amountOf, type RetailInvoice, readRetailFile } from '../../tools/replay/retail-file.ts';

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

function fileOf(lines: readonly string[], name = 'retail.csv'): string {
  const path = join(mkdtempSync(join(tmpdir(), 'retail-')), name);
  const text = [header, ...lines, ''].join('\n');
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

const line = (
  invoice: string,
  sku: string,
  quantity: number,
  price: string,
  customer = '17850.0',
  country = 'France',
) => `${invoice},${sku},THING,${quantity},2010-12-01 08:26:00,${price},${customer},${country}`;

async function planOf(lines: readonly string[]) {
  const { invoices } = await readRetailFile(fileOf(lines));
  return planReplay(invoices);
}

test('amounts are exact pence, fractions of a penny rounded half away from zero', () => {
  expect(amountOf(6, '2.55')).toBe(1530);
  expect(amountOf(3, '0.335')).toBe(101);
  expect(amountOf(-3, '0.335')).toBe(-101);
  expect(amountOf(1, '0.004')).toBe(0);
  expect(amountOf(1, '-11062.06')).toBe(-1106206);
  expect(amountOf(80995, '2.08')).toBe(16846960);
});

test('reads gzipped files like plain ones', async () => {
  const { invoices, lineCount } = await readRetailFile(fileOf([line('1', 'A', 2, '1.50')], 'retail.csv.gz'));

  expect(lineCount).toBe(1);
  expect(invoices).toEqual([
    {
      number: '1',
      customer: '17850',
      country: 'France',
      at: new Date('2010-12-01T08:26:00Z'),
      lines: [
        {
          lineNumber: 2,
          stockCode: 'A',
          description: 'THING',
          quantity: 2,
          amountMinor: 300,
          unitPriceSign: 1,
        },
      ],
    },
  ]);
});

test('lists malformed lines with their line numbers and reads the rest', async () => {
  const path = fileOf([
    line('1', 'A', 2, '1.50'),
    'only,three,columns',
    line('1', 'B', 1, 'free'),
    '1,C,"a description\nover two lines",1,2010-12-01 08:26:00,1.00,17850.0,France',
    line('1', '', 1, '1.00'),
    '1,D,X,one,2010-12-01 08:26:00,1.00,17850.0,France',
    '1,D,X,1,yesterday,1.00,17850.0,France',
    line('1', 'E', 1, '1.00', 'nobody'),
    line('1', 'E', 1, '1.00', '999.0'),
    line('2', 'F', 1, '1.00', '17850.0', ''),
  ]);

  const { invoices, malformed, lineCount } = await readRetailFile(path);

  expect(lineCount).toBe(10);
  expect(malformed.map((found) => found.lineNumber)).toEqual([3, 4, 7, 8, 9, 10, 11, 12]);
  expect(malformed[0]!.reason).toBe('3 columns instead of 8');
  expect(malformed[1]!.reason).toBe('UnitPrice "free" is not a decimal number');
  expect(invoices.map((invoice) => invoice.lines.map((l) => l.stockCode))).toEqual([['A', 'C']]);
});

test('a quote left open spoils its own line, not those after it', async () => {
  const open = '1,A,"THING,1,2010-12-01 08:26:00,1.00,17850.0,France';
  const quoted = '3,A,"A ""RED"", THING",1,2010-12-01 08:26:00,1.00,17850.0,France';

  const file = await readRetailFile(fileOf([open, line('2', 'A', 1, '1.00'), quoted, open]));

  expect(file.invoices.map(({ number, lines }) => [number, lines[0]!.description])).toEqual([
    ['2', 'THING'],
    ['3', 'A "RED", THING'],
  ]);
  expect(file.malformed).toEqual([
    { lineNumber: 2, reason: 'a quote is not closed' },
    { lineNumber: 5, reason: 'a quote is not closed' },
  ]);
});

test('reads the dates of the source as of its converted copies, and no day that there is not', async () => {
  const dated = (invoice: string, at: string) => `${invoice},A,THING,1,${at},1.00,17850.0,France`;

  const file = await readRetailFile(
    fileOf([
      dated('1', '12/1/2010 8:26'),
      dated('2', '2010-12-01 08:26:00'),
      dated('3', '2/30/2011 8:26'),
      dated('4', '2011-02-30 08:26:00'),
    ]),
  );

  const at = new Date('2010-12-01T08:26:00Z');
  expect(file.invoices.map((invoice) => invoice.at)).toEqual([at, at]);
  expect(file.malformed.map((found) => found.lineNumber)).toEqual([4, 5]);
});

test('refuses a file without the header, and one that is not there', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'retail-')), 'other.csv');
  writeFileSync(path, 'a,b,c\n1,2,3\n');

  await expect(readRetailFile(path)).rejects.toThrow('the first line must be InvoiceNo,');
  await expect(readRetailFile('/nowhere/at-all.csv')).rejects.toThrow('ENOENT');
  await expect(readRetailFile('/nowhere/at-all.csv.gz')).rejects.toThrow('ENOENT');
});

test('matches a return to the latest purchase of that customer and product, then to earlier ones', async () => {
  const plan = await planOf([
    line('1', 'A', 3, '1.00'),
    line('2', 'A', 2, '1.00'),
    line('3', 'A', 9, '1.00', '42.0'),
    line('C4', 'A', -4, '1.00'),
  ]);

  expect(plan.actions.slice(3)).toEqual([
    {
      kind: 'return',
      invoice: 'C4',
      country: 'France',
      customer: '17850',
      purchase: '2',
      lines: [{ id: '1', quantity: 2 }],
    },
    {
      kind: 'return',
      invoice: 'C4',
      country: 'France',
      customer: '17850',
      purchase: '1',
      lines: [{ id: '1', quantity: 2 }],
    },
  ]);
  expect(plan).toMatchObject({ returnedLines: 1, unmatchedLines: 0, unmatchedUnits: 0 });
});

test('returns nothing twice and counts what was never bought', async () => {
  const plan = await planOf([
    line('1', 'A', 3, '1.00'),
    line('C2', 'A', -2, '1.00'),
    line('C3', 'A', -2, '1.00'),
    line('C3', 'Discount', -1, '27.50'),
  ]);

  expect(plan.actions.filter((action) => action.kind === 'return').map((action) => action.lines)).toEqual([
    [{ id: '1', quantity: 2 }],
    [{ id: '1', quantity: 1 }],
  ]);
  expect(plan).toMatchObject({ returnedLines: 2, unmatchedLines: 2, unmatchedUnits: 2 });
});

test('counts anonymous lines and corrections and sends neither', async () => {
  const plan = await planOf([
    line('1', 'A', 3, '1.00', ''),
    line('1', 'B', 3, '1.00', ''),
    line('2', 'A', -5, '0', '17850.0'),
    line('3', 'A', 1, '-11062.06', '17850.0'),
    line('4', 'A', 1, '0', '17850.0'),
  ]);

  expect(plan).toMatchObject({ anonymousInvoices: 1, anonymousLines: 2, adjustmentLines: 2 });
  expect(plan.actions.map((action) => action.invoice)).toEqual(['4']);
});

test('every twentieth purchase redeems at another merchant and every thirty-third donates', () => {
  const invoices: RetailInvoice[] = Array.from({ length: 66 }, (_, i) => ({
    number: String(i + 1),
    customer: '1',
    country: i % 2 === 0 ? 'France' : 'Spain',
    at: new Date(0),
    lines: [
      { lineNumber: i + 2, stockCode: 'A', description: '', quantity: 1, amountMinor: 100, unitPriceSign: 1 },
    ],
  }));

  const spending = planReplay(invoices).actions.flatMap((action) =>
    action.kind === 'purchase' && action.afterwards
      ? [{ invoice: action.invoice, afterwards: action.afterwards }]
      : [],
  );

  expect(spending).toEqual([
    { invoice: '20', afterwards: { kind: 'redeem', country: 'France' } },
    { invoice: '33', afterwards: { kind: 'donate' } },
    { invoice: '40', afterwards: { kind: 'redeem', country: 'France' } },
    { invoice: '60', afterwards: { kind: 'redeem', country: 'France' } },
    { invoice: '66', afterwards: { kind: 'donate' } },
  ]);
});

test('a file of another encoding is replayed with what cannot be read marked as such', async () => {
  const path = fileOf([line('1', 'A', 1, '1.50')]);
  writeFileSync(path, readFileSync(path, 'utf8').replace('THING', '£5 THING'), 'latin1');

  const { invoices, malformed } = await readRetailFile(path);

  expect(malformed).toEqual([]);
  expect(invoices[0]!.lines[0]!.description).toBe('\uFFFD5 THING');
});
