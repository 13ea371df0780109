import type { Document } from 'bson';
import { badValue, ServerError, typeMismatch } from '../bson/errors.ts';
import { isNumber, toDouble } from '../bson/value.ts';

/** The values that an option of a collation may have. */
const CHOICES: Readonly<Record<string, readonly unknown[]>> = {
  strength: [1, 2, 3, 4, 5],
  caseLevel: [true, false],
  caseFirst: ['off', 'upper', 'lower'],
  numericOrdering: [true, false],
  alternate: ['non-ignorable', 'shifted'],
  maxVariable: ['punct', 'space'],
  normalization: [true, false],
  backwards: [true, false],
};

/** What Node's own collation cannot do. */
const NOT_DONE: Readonly<Record<string, unknown>> = { backwards: true, maxVariable: 'space', strength: 4 };

/** Refuses a collation that is not well-formed (40414, 40415, 2, 14), or that this server cannot carry out (115). */
export function checkCollation(spec: Document): void {
  for (const [field, value] of Object.entries(spec)) {
    if (field === 'locale' || field === 'version') {
      if (typeof value !== 'string')
        throw typeMismatch(`BSON field 'collation.${field}' is the wrong type, expected type 'string'`);
      continue;
    }
    const choices = Object.hasOwn(CHOICES, field) ? CHOICES[field] : undefined;
    if (choices === undefined)
      throw new ServerError(40415, `BSON field 'collation.${field}' is an unknown field.`);
    const plain = isNumber(value) ? toDouble(value) : value;
    if (!choices.includes(plain))
      throw badValue(
        `Enumeration value '${String(plain)}' for field 'collation.${field}' is not a valid value.`,
      );
    if (NOT_DONE[field] === plain)
      throw new ServerError(
        115,
        `the embedded server does not support '${field}: ${String(plain)}' in a collation`,
      );
  }
  if (typeof spec['locale'] !== 'string')
    throw new ServerError(40414, "BSON field 'collation.locale' is missing but a required field");
  checkLocale(spec['locale']);
}

function checkLocale(locale: string): void {
  if (locale === 'simple') return;
  try {
    if (Intl.Collator.supportedLocalesOf(locale.replaceAll('_', '-')).length > 0) return;
  } catch {
    // Not even the form of a locale.
  }
  throw badValue(`Field 'locale' is invalid in: { locale: "${locale}" }`);
}

/** Options under which strings are equal that an index could not tell to be. */
export function checkIndexCollation(spec: Document): void {
  checkCollation(spec);
  const { numericOrdering, alternate, caseLevel } = spec;
  if (numericOrdering === true || alternate === 'shifted' || caseLevel === true)
    throw new ServerError(
      115,
      'the embedded server does not support numericOrdering, alternate: shifted or caseLevel in the collation of an index',
    );
}
