import type { Document } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { badValue, failedToParse, typeMismatch } from '../bson/errors.ts';
import { show } from '../bson/show.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bsonType, isNumber, isObject, RANK, rankOf, toDouble, toInteger } from '../bson/value.ts';
import { elementOrder } from './element-order.ts';
import { compileFilter, filterContext, isOperatorDocument, leavesOf } from './filter.ts';
import { onValue } from './filter-operators.ts';
import type { QueryOptions } from './options.ts';
import type { Modifier } from './update-fields.ts';

function arrayOf(current: unknown, fail: () => Error): unknown[] {
  if (current === undefined) return [];
  if (!Array.isArray(current)) throw fail();
  return current;
}

function eachOf(operator: string, operand: unknown): unknown[] {
  if (!isObject(operand) || bsonType(operand) !== undefined || !('$each' in operand)) return [operand];
  const each = operand['$each'];
  if (!Array.isArray(each)) {
    const named = operator === '$push' ? badValue : typeMismatch;
    throw named(
      `The argument to $each in ${operator} must be an array but it was of type: ${typeAlias(each)}`,
    );
  }
  return each;
}

/** `$push`: appends, or with `$each` several, at `$position`, then `$sort`, then cut to `$slice`. */
export function push(operand: unknown, options: QueryOptions): Modifier {
  const values = eachOf('$push', operand);
  const modifiers = isObject(operand) && '$each' in operand ? operand : {};
  for (const name of Object.keys(modifiers)) {
    if (!['$each', '$slice', '$sort', '$position'].includes(name)) {
      throw badValue(`Unrecognized clause in $push: ${name}`);
    }
  }
  const position = clause(modifiers, '$position');
  const slice = clause(modifiers, '$slice');
  const order = '$sort' in modifiers ? elementOrder(modifiers['$sort'], options) : undefined;
  return (current, { document, path }) => {
    const array = arrayOf(current, () =>
      badValue(
        `The field '${path.join('.')}' must be an array but is of type ${typeAlias(current)} in document {_id: ${show(document['_id'])}}`,
      ),
    );
    const result = [...array];
    result.splice(position === undefined ? result.length : position, 0, ...values);
    if (order) result.sort(order);
    if (slice === undefined) return result;
    return slice >= 0 ? result.slice(0, slice) : result.slice(slice);
  };
}

function clause(modifiers: Document, name: string): number | undefined {
  if (!(name in modifiers)) return undefined;
  const value = toInteger(modifiers[name]);
  if (value === undefined) {
    throw badValue(
      `The value for ${name} must be an integer value but was given type: ${typeAlias(modifiers[name])}`,
    );
  }
  return value;
}

/** `$addToSet`: appends what is not there yet; numbers are equal by value, documents with the same order of fields. */
export function addToSet(operand: unknown, collator: Intl.Collator | undefined): Modifier {
  const values = eachOf('$addToSet', operand);
  if (isObject(operand) && '$each' in operand) {
    const other = Object.keys(operand).find((key) => key !== '$each');
    if (other !== undefined)
      throw badValue(`Found unexpected fields after $each in $addToSet: ${show(operand)}`);
  }
  return (current, { path }) => {
    const array = arrayOf(current, () =>
      badValue(
        `Cannot apply $addToSet to non-array field. Field named '${path.at(-1)}' has non-array type ${typeAlias(current)}`,
      ),
    );
    const result = [...array];
    for (const value of values) {
      if (!result.some((item) => compareWith(item, value, collator) === 0)) result.push(value);
    }
    return result;
  };
}

/** `$pop`: removes the last element (1) or the first (−1). */
export function pop(operand: unknown): Modifier {
  const end = toDouble(operand);
  if (!isNumber(operand)) throw failedToParse(`Expected a number in: $pop: ${show(operand)}`);
  if (end !== 1 && end !== -1) throw failedToParse(`$pop expects 1 or -1, found: ${show(operand)}`);
  return (current, { path }) => {
    if (current === undefined) return undefined;
    if (!Array.isArray(current)) {
      throw typeMismatch(
        `Path '${path.join('.')}' contains an element of non-array type '${typeAlias(current)}'`,
      );
    }
    return end === 1 ? current.slice(0, -1) : current.slice(1);
  };
}

function removing(operator: string, test: (element: unknown) => boolean): Modifier {
  return (current) => {
    if (current === undefined) return undefined;
    if (!Array.isArray(current)) throw badValue(`Cannot apply ${operator} to a non-array value`);
    return current.filter((element) => !test(element));
  };
}

/** `$pull`: removes the elements that equal a value, match a regular expression, or satisfy a condition. */
export function pull(operand: unknown, options: QueryOptions): Modifier {
  return removing('$pull', pullTest(operand, options));
}

function pullTest(operand: unknown, options: QueryOptions): (element: unknown) => boolean {
  const isPlain = rankOf(operand) === RANK.object && bsonType(operand) === undefined;
  const isLogical = isPlain && ['$and', '$or', '$nor'].includes(Object.keys(operand as object)[0] ?? '');
  if (!isPlain || (isOperatorDocument(operand) && !isLogical)) {
    const tests = leavesOf(operand, filterContext(options)).map(onValue);
    return (element) => tests.every((test) => test(element));
  }
  const matches = compileFilter(operand as Document, options);
  return (element) => isObject(element) && matches(element);
}

/** `$pullAll`: removes every element that equals one of the values. */
export function pullAll(operand: unknown, collator: Intl.Collator | undefined): Modifier {
  if (!Array.isArray(operand)) {
    throw badValue(`$pullAll requires an array argument but was given a ${typeAlias(operand)}`);
  }
  return removing('$pullAll', (element) =>
    operand.some((value) => compareWith(element, value, collator) === 0),
  );
}
