import type { Document, ObjectId } from 'bson';
import { regexParts } from '../bson/compare.ts';
import { badValue } from '../bson/errors.ts';
import { bsonType, isObject, isTruthy, RANK, rankOf } from '../bson/value.ts';
import { bitTest, isBitOperator } from './filter-bits.ts';
import {
  comparisonTest,
  equalityTest,
  modTest,
  regexTest,
  sizeTest,
  typeTest,
  type ValueTest,
} from './filter-tests.ts';
import { compileRegex } from './regex.ts';

/** One compiled operator: a test of the values at a path, or the negation of several. */
export type Leaf =
  | {
      readonly kind: 'test';
      readonly test: ValueTest;
      /** Whether the elements of an array at the end of the path are tested too. */
      readonly expand: boolean;
      readonly negate: boolean;
      /** The test of single elements that `$elemMatch` makes. */
      readonly element?: ValueTest;
    }
  | { readonly kind: 'not'; readonly leaves: readonly Leaf[] };

/** What operators need from the filter around them. */
export interface FilterContext {
  readonly collator: Intl.Collator | undefined;
  /** Compiles a filter on documents within arrays. */
  readonly compileNested: (filter: Document) => (document: Document) => boolean;
}

const leafOf = (test: ValueTest, expand = true, negate = false): Leaf => ({
  kind: 'test',
  test,
  expand,
  negate,
});

/** Compiles a document of operators; all leaves must hold. */
export function compileOperators(operators: Document, context: FilterContext): Leaf[] {
  const leaves: Leaf[] = [];
  for (const [operator, operand] of Object.entries(operators)) {
    leaves.push(...compileOperator(operator, operand, operators, context));
  }
  return leaves;
}

function compileOperator(
  operator: string,
  operand: unknown,
  siblings: Document,
  context: FilterContext,
): Leaf[] {
  const { collator } = context;
  switch (operator) {
    case '$eq':
      return [equalityLeaf(operand, collator)];
    case '$ne':
      if (rankOf(operand) === RANK.regex) throw badValue("Can't have regex as arg to $ne.");
      return [negated(equalityLeaf(operand, collator))];
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return [leafOf(comparisonTest(operator, operand, collator))];
    case '$in':
      return [inLeaf(operator, operand, collator)];
    case '$nin':
      return [negated(inLeaf(operator, operand, collator))];
    case '$exists':
      return [leafOf((value) => value !== undefined, false, !isTruthy(operand))];
    case '$type':
      return [leafOf(typeTest(operand))];
    case '$size':
      return [leafOf(sizeTest(operand), false)];
    case '$mod':
      return [leafOf(modTest(operand))];
    case '$regex':
      return [regexOperator(operand, siblings['$options'])];
    case '$options':
      if (!('$regex' in siblings)) throw badValue('$options needs a $regex');
      return [];
    case '$all':
      return allLeaves(operand, context);
    case '$elemMatch':
      return [elemMatchLeaf(operand, context)];
    case '$not':
      return [notLeaf(operand, context)];
    case '$comment':
      return [];
    default:
      if (isBitOperator(operator)) return [leafOf(bitTest(operator, operand))];
      throw badValue(`unknown operator: ${operator}`);
  }
}

function negated(leaf: Leaf): Leaf {
  return leaf.kind === 'test' ? { ...leaf, negate: !leaf.negate } : { kind: 'not', leaves: [leaf] };
}

/** Equality with a value; null also equals a missing field. */
export function equalityLeaf(operand: unknown, collator: Intl.Collator | undefined): Leaf {
  return leafOf(equalityTest(operand, collator));
}

const HASHABLE: ReadonlySet<number> = new Set([RANK.string, RANK.boolean]);

function inLeaf(operator: string, operand: unknown, collator: Intl.Collator | undefined): Leaf {
  if (!Array.isArray(operand)) throw badValue(`${operator} needs an array`);
  if (
    !collator &&
    operand.length > 4 &&
    operand.every((value) => HASHABLE.has(rankOf(value)) && typeof value !== 'object')
  ) {
    const members = new Set(operand);
    return leafOf((value) => members.has(value));
  }
  if (!collator && operand.length > 4 && operand.every((value) => bsonType(value) === 'ObjectId')) {
    const members = new Set(operand.map((value: ObjectId) => value.toHexString()));
    return leafOf(
      (value) => bsonType(value) === 'ObjectId' && members.has((value as ObjectId).toHexString()),
    );
  }
  const tests = operand.map((value) => {
    if (
      isObject(value) &&
      bsonType(value) === undefined &&
      Object.keys(value)[0]?.startsWith('$') &&
      !('$ref' in value)
    ) {
      throw badValue(`cannot nest $ under ${operator}`);
    }
    return rankOf(value) === RANK.regex ? regexTest(value) : equalityTest(value, collator);
  });
  return leafOf((value) => tests.some((test) => test(value)));
}

/** A regular expression as a condition: strings that match it, and the same expression stored as a value. */
export function regexLeaf(operand: unknown): Leaf {
  return leafOf(regexTest(operand));
}

function regexOperator(operand: unknown, options: unknown): Leaf {
  if (options !== undefined && typeof options !== 'string') throw badValue('$options has to be a string');
  if (rankOf(operand) === RANK.regex) {
    const [pattern, own] = regexParts(operand);
    if (options !== undefined && own !== '') throw badValue('options set in both $regex and $options');
    return options === undefined ? regexLeaf(operand) : regexFromText(pattern, options);
  }
  if (typeof operand !== 'string') throw badValue('$regex has to be a string');
  return regexFromText(operand, options ?? '');
}

function regexFromText(pattern: string, options: string): Leaf {
  const regex = compileRegex(pattern, options);
  return leafOf((value) => {
    if (typeof value === 'string') return regex.test(value);
    if (rankOf(value) !== RANK.regex) return false;
    const [source, flags] = regexParts(value);
    return source === pattern && flags === options;
  });
}

function allLeaves(operand: unknown, context: FilterContext): Leaf[] {
  if (!Array.isArray(operand)) throw badValue('$all needs an array');
  if (operand.length === 0) return [leafOf(() => false)];
  const isElemMatch = (value: unknown) => isObject(value) && '$elemMatch' in value;
  if (isElemMatch(operand[0])) {
    return operand.map((value) => {
      if (!isElemMatch(value)) throw badValue('$all/$elemMatch has to be consistent');
      return elemMatchLeaf(value.$elemMatch, context);
    });
  }
  return operand.map((value) => {
    if (isObject(value) && bsonType(value) === undefined && Object.keys(value)[0]?.startsWith('$')) {
      throw badValue('no $ expressions in $all');
    }
    return rankOf(value) === RANK.regex ? regexLeaf(value) : equalityLeaf(value, context.collator);
  });
}

/** Fields of a DBRef, which are no operators. */
export const REFERENCE: ReadonlySet<string> = new Set(['$ref', '$id', '$db']);
const LOGICAL: ReadonlySet<string> = new Set(['$and', '$or', '$nor']);

function elemMatchLeaf(operand: unknown, context: FilterContext): Leaf {
  const test = elementTest(operand, context);
  return {
    kind: 'test',
    test: (value) => Array.isArray(value) && value.some(test),
    expand: false,
    negate: false,
    element: test,
  };
}

/** The test that `$elemMatch` makes of one element: operators on the value itself, or a filter on a document. */
export function elementTest(operand: unknown, context: FilterContext): ValueTest {
  if (!isObject(operand)) throw badValue('$elemMatch needs an Object');
  const [first] = Object.keys(operand);
  if (first?.startsWith('$') && !LOGICAL.has(first) && !REFERENCE.has(first)) {
    const tests = compileOperators(operand, context).map(onValue);
    return (value) => tests.every((test) => test(value));
  }
  const matches = context.compileNested(operand);
  return (value) => (isObject(value) ? matches(value) : Array.isArray(value) && matches(byIndex(value)));
}

/** An array within an array is matched as the document of its elements by number. */
function byIndex(array: readonly unknown[]): Document {
  return Object.fromEntries(array.entries());
}

/** A leaf applied to a value itself, without entering it as an array. */
export function onValue(leaf: Leaf): ValueTest {
  if (leaf.kind === 'test') return leaf.negate ? (value) => !leaf.test(value) : leaf.test;
  const tests = leaf.leaves.map(onValue);
  return (value) => !tests.every((test) => test(value));
}

function notLeaf(operand: unknown, context: FilterContext): Leaf {
  if (rankOf(operand) === RANK.regex) return { kind: 'not', leaves: [regexLeaf(operand)] };
  if (!isObject(operand)) throw badValue('$not needs a regex or a document');
  if (Object.keys(operand).length === 0) throw badValue('$not cannot be empty');
  return { kind: 'not', leaves: compileOperators(operand, context) };
}
