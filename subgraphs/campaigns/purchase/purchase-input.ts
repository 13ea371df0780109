import { isIdempotencyKey } from '../../shared/idempotency.ts';
import { isReference, referenceRule } from '../../shared/reference.ts';
import type { InvalidInput } from '../../shared/refusal.ts';
import type { MemberChoice } from '../accounts-port.ts';
import { type Check, firstInvalid, isText, must } from '../refusals.ts';

/** Most that a whole purchase may cost, in minor units. */
export const totalMinorMax = 100_000_000_000n;

/** A line as the till sends it. */
export interface PurchaseLineDraft {
  readonly id?: string | null | undefined;
  readonly sku: string;
  readonly description?: string | null | undefined;
  readonly category?: string | null | undefined;
  readonly quantity: number;
  readonly amountMinor: bigint;
}

/** The input of recordPurchase; see the schema. */
export interface RecordPurchase {
  readonly idempotencyKey: string;
  readonly member: MemberChoice;
  readonly externalRef: string;
  readonly at?: Date | null | undefined;
  readonly programme?: string | null | undefined;
  readonly currency: string;
  readonly lines: readonly PurchaseLineDraft[];
}

/** The input of recordReturn; see the schema. */
export interface RecordReturn {
  readonly idempotencyKey: string;
  readonly purchaseId?: string | null | undefined;
  readonly purchaseExternalRef?: string | null | undefined;
  readonly externalRef: string;
  readonly at?: Date | null | undefined;
  readonly lines?: readonly { readonly id: string; readonly quantity: number }[] | null | undefined;
}

const isGiven = (value: string | null | undefined): boolean => value !== null && value !== undefined;

/** True if one of the ways to name something is given, and the others not even as an empty text. */
const isOne = (values: readonly (string | null | undefined)[]): boolean =>
  values.filter(isGiven).length === 1 && !values.includes('');

const headChecks = (
  input: { idempotencyKey: string; externalRef: string; at?: Date | null | undefined },
  now: Date,
) => [
  must(isIdempotencyKey(input.idempotencyKey), 'input.idempotencyKey', '1 to 200 visible ASCII characters'),
  must(isText(input.externalRef, 1, 100), 'input.externalRef', referenceRule(100)),
  must(!input.at || input.at <= now, 'input.at', 'an instant that is not in the future'),
];

function lineChecks(line: PurchaseLineDraft, at: string): Check[] {
  const { id, sku, description, category, quantity, amountMinor } = line;
  return [
    must(
      id === null || id === undefined || isText(id, 1, 100),
      `${at}.id`,
      `${referenceRule(100)}; or nothing`,
    ),
    must(isText(sku, 1, 100), `${at}.sku`, '1 to 100 characters'),
    must((description ?? '').length <= 500, `${at}.description`, 'at most 500 characters'),
    must((category ?? '').length <= 100, `${at}.category`, 'at most 100 characters'),
    must(quantity >= 1 && quantity <= 10_000_000, `${at}.quantity`, '1 to 10000000'),
    must(amountMinor >= 0n && amountMinor <= totalMinorMax, `${at}.amountMinor`, `0 to ${totalMinorMax}`),
  ];
}

/** Index of the first id that an earlier one equals, or -1. */
function firstRepeated(ids: readonly string[]): number {
  const seen = new Set<string>();
  return ids.findIndex((id) => seen.size === seen.add(id).size);
}

/** The lines' ids: as sent, or their place counted from 1. */
export const lineIds = (lines: readonly PurchaseLineDraft[]): string[] =>
  lines.map((line, i) => line.id ?? String(i + 1));

/** Checks a purchase as it was sent; gives the first fault, or null. The currency is checked against the merchant's later. */
export function checkPurchase(input: RecordPurchase, now: Date): InvalidInput | null {
  const { member, currency, lines } = input;
  const repeated = firstRepeated(lineIds(lines));
  const total = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  return firstInvalid([
    ...headChecks(input, now),
    must(
      isOne([member.id, member.reference, member.cardNumber]),
      'input.member',
      'exactly one of id, reference and cardNumber',
    ),
    must(/^[A-Z]{3}$/.test(currency), 'input.currency', 'three capital letters (ISO 4217)'),
    must(lines.length >= 1 && lines.length <= 2_000, 'input.lines', '1 to 2,000 lines'),
    ...lines.slice(0, 2_000).flatMap((line, i) => lineChecks(line, `input.lines.${i}`)),
    must(repeated === -1, `input.lines.${repeated}.id`, 'an id that no other line has'),
    must(total <= totalMinorMax, 'input.lines', `amounts that sum to at most ${totalMinorMax}`),
  ]);
}

/** Checks the references of something that was not known before; gives the first fault, or null. */
export const checkReferences = (
  externalRef: string,
  lines: readonly Pick<PurchaseLineDraft, 'id'>[] = [],
): InvalidInput | null =>
  firstInvalid([
    must(isReference(externalRef), 'input.externalRef', referenceRule(100)),
    ...lines.map(({ id }, i) => must(!id || isReference(id), `input.lines.${i}.id`, referenceRule(100))),
  ]);

/** Checks a return as it was sent; gives the first fault, or null. */
export function checkReturn(input: RecordReturn, now: Date): InvalidInput | null {
  const lines = input.lines ?? null;
  const repeated = firstRepeated((lines ?? []).map(({ id }) => id));
  return firstInvalid([
    ...headChecks(input, now),
    must(
      isOne([input.purchaseId, input.purchaseExternalRef]),
      'input.purchaseId',
      'exactly one of purchaseId and purchaseExternalRef',
    ),
    must(lines === null || lines.length > 0, 'input.lines', 'at least one line, or nothing for all'),
    ...(lines ?? []).map(({ quantity }, i) => must(quantity >= 1, `input.lines.${i}.quantity`, '1 or more')),
    must(repeated === -1, `input.lines.${repeated}.id`, 'every line once'),
  ]);
}
