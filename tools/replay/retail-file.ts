import { type CsvLine, readCsvLines } from './csv-lines.ts';

/** One line of an invoice. */
export interface RetailLine {
  readonly lineNumber: number;
  readonly stockCode: string;
  readonly description: string;
  readonly quantity: number;
  /** Of the whole line, in pence, rounded half up; negative where quantity or price is. */
  readonly amountMinor: number;
  readonly unitPriceSign: -1 | 0 | 1;
}

/** An invoice: its lines in the file's order. `customer` is null for an anonymous one. */
export interface RetailInvoice {
  readonly number: string;
  readonly customer: string | null;
  readonly country: string;
  readonly at: Date;
  readonly lines: RetailLine[];
}

/** A line that could not be read, and why. */
export interface MalformedLine {
  readonly lineNumber: number;
  readonly reason: string;
}

/** What a file holds. */
export interface RetailFile {
  readonly invoices: readonly RetailInvoice[];
  readonly malformed: readonly MalformedLine[];
  readonly lineCount: number;
}

/** The columns of the Online Retail data set (D. Chen, 2015, doi 10.24432/C5BW33), in its order. */
const columns = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;
type Row = Record<(typeof columns)[number], string>;

/** Pence of `quantity` times a decimal price in pounds, exact, then rounded half away from zero. */
export function amountOf(quantity: number, price: string): number {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(price)!;
  const scale = 10n ** BigInt(fraction.length);
  const exact = BigInt(quantity) * BigInt(whole + fraction) * 100n * (sign ? -1n : 1n);
  const magnitude = exact < 0n ? -exact : exact;
  const rounded = (magnitude * 2n + scale) / (scale * 2n);
  return Number(exact < 0n ? -rounded : rounded);
}

/** Says what is wrong with a row, or null if it can be used. */
function faultOf(row: Row): string | null {
  if (!/^\S{1,40}$/.test(row.InvoiceNo))
    return `InvoiceNo ${JSON.stringify(row.InvoiceNo)} is not an invoice number`;
  if (row.StockCode.trim() === '') return 'StockCode is empty';
  if (!/^-?\d{1,9}$/.test(row.Quantity))
    return `Quantity ${JSON.stringify(row.Quantity)} is not a whole number`;
  if (!/^-?\d+(\.\d+)?$/.test(row.UnitPrice))
    return `UnitPrice ${JSON.stringify(row.UnitPrice)} is not a decimal number`;
  if (Number.isNaN(dateOf(row.InvoiceDate).getTime()))
    return `InvoiceDate ${JSON.stringify(row.InvoiceDate)} is not a date and time`;
  if (!/^(\d+(\.0)?)?$/.test(row.CustomerID))
    return `CustomerID ${JSON.stringify(row.CustomerID)} is not a number`;
  if (row.Country.trim() === '') return 'Country is empty';
  return null;
}

const isoTime = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/;
const usTime = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/;

/** `2010-12-01 08:26:00`, or `12/1/2010 8:26` as the source's own CSV has it; local times without a zone, read as UTC. */
function dateOf(text: string): Date {
  const [, month = '', day = '', year = '', hour = '', minute = ''] = usTime.exec(text) ?? [];
  const two = (digits: string) => digits.padStart(2, '0');
  const iso = year ? `${year}-${two(month)}-${two(day)} ${two(hour)}:${minute}:00` : text;
  const date = new Date(isoTime.test(iso) ? `${iso.replace(' ', 'T')}Z` : Number.NaN);
  // A day that the month does not have rolls over into the next.
  const same = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso.slice(0, 10));
  return same ? date : new Date(Number.NaN);
}

function lineOf(row: Row, lineNumber: number): RetailLine {
  const quantity = Number(row.Quantity);
  return {
    lineNumber,
    stockCode: row.StockCode.trim(),
    description: row.Description.trim(),
    quantity,
    amountMinor: amountOf(quantity, row.UnitPrice),
    unitPriceSign: Math.sign(Number(row.UnitPrice)) as -1 | 0 | 1,
  };
}

/** Why a line does not belong to the invoice that carries its number, or null if it does. */
function misfit(invoice: RetailInvoice, row: Row): string | null {
  const customer = row.CustomerID.replace(/\.0$/, '') || null;
  return invoice.customer === customer && invoice.country === row.Country.trim()
    ? null
    : `another customer or country than the rest of invoice ${invoice.number}`;
}

function addRow(invoices: Map<string, RetailInvoice>, row: Row, lineNumber: number): string | null {
  const fault = faultOf(row);
  if (fault) return fault;
  let invoice = invoices.get(row.InvoiceNo);
  if (!invoice) {
    const customer = row.CustomerID.replace(/\.0$/, '') || null;
    invoice = {
      number: row.InvoiceNo,
      customer,
      country: row.Country.trim(),
      at: dateOf(row.InvoiceDate),
      lines: [],
    };
    invoices.set(row.InvoiceNo, invoice);
  }
  const stray = misfit(invoice, row);
  if (!stray) invoice.lines.push(lineOf(row, lineNumber));
  return stray;
}

function faultOfLine({ lineNumber, fields }: CsvLine, invoices: Map<string, RetailInvoice>): string | null {
  if (!fields) return 'a quote is not closed';
  if (fields.length !== columns.length) return `${fields.length} columns instead of ${columns.length}`;
  return addRow(
    invoices,
    Object.fromEntries(columns.map((column, i) => [column, fields[i]!])) as Row,
    lineNumber,
  );
}

/**
 * Reads an online-retail file, gzipped if its name ends in `.gz`. A malformed line is listed and skipped. Throws where
 * the file cannot be opened or its first line is not the header.
 */
export async function readRetailFile(path: string): Promise<RetailFile> {
  const invoices = new Map<string, RetailInvoice>();
  const malformed: MalformedLine[] = [];
  let lineCount = 0;
  for await (const line of readCsvLines(path, true)) {
    if (line.lineNumber === 1) {
      if (line.fields?.join() !== columns.join())
        throw new Error(`${path}: the first line must be ${columns.join()}`);
      continue;
    }
    lineCount++;
    const reason = faultOfLine(line, invoices);
    if (reason) malformed.push({ lineNumber: line.lineNumber, reason });
  }
  if (lineCount === 0) throw new Error(`${path}: no lines`);
  return { invoices: [...invoices.values()], malformed, lineCount };
}
