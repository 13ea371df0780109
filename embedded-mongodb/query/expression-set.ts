import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { valueKey } from '../bson/key.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { isNullish, isTruthy } from '../bson/value.ts';
import { compileArguments, type Evaluate, type OperatorCompiler } from './expression-scope.ts';
import { binary } from './expression-shapes.ts';

function arrayOf(operator: string, value: unknown, code: number): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ServerError(
    code,
    `All operands of ${operator} must be arrays. One argument is of type: ${typeAlias(value)}`,
  );
}

function keyed(list: unknown[]): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const value of list) {
    const key = valueKey(value);
    if (!result.has(key)) result.set(key, value);
  }
  return result;
}

/** Sets come back in BSON's order, as the server gives them. */
function inOrder(values: Iterable<unknown>): unknown[] {
  return [...values].sort((a, b) => compareWith(a, b, undefined));
}

function several(
  code: number,
  combine: (sets: Map<string, unknown>[]) => Map<string, unknown>,
): OperatorCompiler {
  return (operand, scope, operator) => {
    const parts = compileArguments(operand, scope, operator, 0, Number.POSITIVE_INFINITY);
    return (root) => {
      const values = parts.map((part) => part(root));
      if (values.some(isNullish)) return null;
      return inOrder(combine(values.map((value) => keyed(arrayOf(operator, value, code)))).values());
    };
  };
}

function intersection(sets: Map<string, unknown>[]): Map<string, unknown> {
  const [first = new Map<string, unknown>(), ...others] = sets;
  return new Map([...first].filter(([key]) => others.every((set) => set.has(key))));
}

const setEquals: OperatorCompiler = (operand, scope, operator) => {
  const parts = compileArguments(operand, scope, operator, 2, Number.POSITIVE_INFINITY);
  return (root) => {
    const [first, ...others] = parts.map((part) => keyed(arrayOf(operator, part(root), 17044)));
    const size = first?.size ?? 0;
    return others.every((set) => set.size === size && [...set.keys()].every((key) => first?.has(key)));
  };
};

const setIsSubset: OperatorCompiler = (operand, scope, operator) => {
  const [left, right] = compileArguments(operand, scope, operator, 2) as [Evaluate, Evaluate];
  return (root) => {
    const whole = keyed(arrayOf(operator, right(root), 17042));
    return [...keyed(arrayOf(operator, left(root), 17046)).keys()].every((key) => whole.has(key));
  };
};

function elements(code: number, decide: (list: unknown[]) => boolean): OperatorCompiler {
  return (operand, scope, operator) => {
    const [array] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => decide(arrayOf(operator, array(root), code));
  };
}

/** Arrays taken as sets. */
export const SET_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $setUnion: several(17043, (sets) => new Map(sets.reverse().flatMap((set) => [...set]))),
  $setIntersection: several(17047, intersection),
  $setDifference: binary((a, b, operator) => {
    const without = keyed(arrayOf(operator, b, 17049));
    return [...keyed(arrayOf(operator, a, 17048))]
      .filter(([key]) => !without.has(key))
      .map(([, value]) => value);
  }),
  $setEquals: setEquals,
  $setIsSubset: setIsSubset,
  $anyElementTrue: elements(17041, (list) => list.some(isTruthy)),
  $allElementsTrue: elements(17040, (list) => list.every(isTruthy)),
};
