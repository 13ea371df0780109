import { Decimal128, type Document, Double, Long } from 'bson';

/** What a row expects in place of a value: the server's error code. */
export interface Refusal {
  readonly code: number;
}

/** One rule of the manual, an expression that shows it, what it gives, and the document it is evaluated on. */
export interface Row {
  readonly rule: string;
  readonly expression: unknown;
  readonly expected: unknown;
  readonly document: Document;
}

/** Stands for a result that is missing rather than null. */
export const MISSING = undefined;

const refusals = new WeakSet<object>();

/** Expects an error with this code. */
export function refused(code: number): Refusal {
  const refusal = { code };
  refusals.add(refusal);
  return refusal;
}

export function isRefusal(expected: unknown): expected is Refusal {
  return typeof expected === 'object' && expected !== null && refusals.has(expected);
}

/** A row of a table; plain integers are ints and plain fractions doubles. */
export function row(rule: string, expression: unknown, expected: unknown, document: Document = {}): Row {
  return { rule, expression, expected, document };
}

export const double = (value: number): Double => new Double(value);
export const long = (value: number | string): Long => Long.fromString(String(value));
export const decimal = (text: string): Decimal128 => Decimal128.fromString(text);
export const date = (text: string): Date => new Date(text);
