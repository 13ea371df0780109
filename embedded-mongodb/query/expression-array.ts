import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { int, integer, isNullish, isNumber, toInteger } from '../bson/value.ts';
import { checkN } from './accumulator-many.ts';
import { compileArguments, compileNamed, type Evaluate, type OperatorCompiler } from './expression-scope.ts';
import { binary, unary } from './expression-shapes.ts';

/** The array that an operator was given; refuses anything else with the operator's own code. */
export function arrayOf(operator: string, value: unknown, code: number): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ServerError(code, `${operator}'s argument must be an array, but is ${typeAlias(value)}`);
}

/** The whole number that an operator was given; `typeCode` tells what is no number, `code` what is not whole. */
export function integerOf(operator: string, value: unknown, code: number, typeCode = code): number {
  if (!isNumber(value))
    throw new ServerError(typeCode, `${operator} needs a number, but got ${typeAlias(value)}`);
  const number = toInteger(value);
  if (number !== undefined) return number;
  throw new ServerError(code, `${operator} needs an integral number, but got ${typeAlias(value)}`);
}

const arrayElemAt = binary((array, index, operator) => {
  const list = arrayOf(operator, array, 28689);
  return list.at(integerOf(operator, index, 28691, 28690));
});

const slice: OperatorCompiler = (operand, scope, operator) => {
  const parts = compileArguments(operand, scope, operator, 2, 3);
  return (root) => {
    const [array, second, third] = parts.map((part) => part(root));
    if (isNullish(array) || isNullish(second) || (parts.length === 3 && isNullish(third))) return null;
    const list = arrayOf(operator, array, 28724);
    const first = integerOf(operator, second, 28725);
    if (parts.length === 2) return first >= 0 ? list.slice(0, first) : list.slice(first);
    const count = integerOf(operator, third, 28727);
    if (count <= 0) throw new ServerError(28729, `Third argument to $slice must be positive: ${count}`);
    const start = first >= 0 ? first : Math.max(0, list.length + first);
    return list.slice(start, start + count);
  };
};

const concatArrays: OperatorCompiler = (operand, scope, operator) => {
  const parts = compileArguments(operand, scope, operator, 0, Number.POSITIVE_INFINITY);
  return (root) => {
    const result: unknown[] = [];
    for (const part of parts) {
      const value = part(root);
      if (isNullish(value)) return null;
      for (const item of arrayOf(operator, value, 28664)) result.push(item);
    }
    return result;
  };
};

const inOperator: OperatorCompiler = (operand, scope, operator) => {
  const [value, array] = compileArguments(operand, scope, operator, 2) as [Evaluate, Evaluate];
  return (root) => {
    const wanted = value(root);
    const list = arrayOf('$in requires an array as a second argument; it', array(root), 40081);
    return list.some((item) => compareWith(item, wanted, scope.collator) === 0);
  };
};

function position(operator: string, value: unknown): number {
  const index = integerOf(operator, value, 40096);
  if (index < 0) throw new ServerError(40097, `${operator} requires a nonnegative position, found: ${index}`);
  return index;
}

const indexOfArray: OperatorCompiler = (operand, scope, operator) => {
  const parts = compileArguments(operand, scope, operator, 2, 4);
  return (root) => {
    const [array, wanted, from, to] = parts.map((part) => part(root));
    if (isNullish(array)) return null;
    const list = arrayOf(operator, array, 40090);
    const start = from === undefined ? 0 : position(operator, from);
    const end = to === undefined ? list.length : Math.min(position(operator, to), list.length);
    for (let i = start; i < end; i++) if (compareWith(list[i], wanted, scope.collator) === 0) return int(i);
    return int(-1);
  };
};

/** What a real server's limit of 100 MB allows, about. */
const MOST_IN_RANGE = 5_000_000;

/** A range is of ints: its bounds fit 32 bits. */
function rangeBound(value: unknown): number {
  const bound = integerOf('$range', value, 34444, 34443);
  if ((bound | 0) !== bound) throw new ServerError(34444, `$range needs 32-bit integers, found ${bound}`);
  return bound;
}

const range: OperatorCompiler = (operand, scope, operator) => {
  const parts = compileArguments(operand, scope, operator, 2, 3);
  return (root) => {
    const [start, end, step = 1] = parts.map((part) => rangeBound(part(root))) as [number, number, number?];
    if (step === 0) throw new ServerError(34449, '$range requires a non-zero step value');
    if ((end - start) / step > MOST_IN_RANGE)
      throw new ServerError(146, `$range would make more than ${MOST_IN_RANGE} elements`);
    const result: unknown[] = [];
    for (let i = start; step > 0 ? i < end : i > end; i += step) result.push(integer(i));
    return result;
  };
};

/** `$firstN`, `$lastN`, `$minN`, `$maxN` of an array. */
function pickN(
  pick: (list: unknown[], n: number, collator: Intl.Collator | undefined) => unknown[],
): OperatorCompiler {
  return (operand, scope, operator) => {
    const { input, n } = compileNamed(operand, scope, operator, ['input', 'n']) as {
      input: Evaluate;
      n: Evaluate;
    };
    return (root) => pick(arrayOf(operator, input(root), 5788200), checkN(n(root)), scope.collator);
  };
}

function sorted(list: unknown[], sign: 1 | -1, collator: Intl.Collator | undefined): unknown[] {
  return list.filter((item) => !isNullish(item)).sort((a, b) => compareWith(a, b, collator) * sign);
}

/** Arrays, and what is made of them. */
export const ARRAY_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $arrayElemAt: arrayElemAt,
  $first: unary((value, operator) => arrayOf(operator, value, 28689)[0]),
  $last: unary((value, operator) => arrayOf(operator, value, 28689).at(-1)),
  $slice: slice,
  $size: (operand, scope, operator) => {
    const [array] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => int(arrayOf(operator, array(root), 17124).length);
  },
  $isArray: (operand, scope, operator) => {
    const [value] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => Array.isArray(value(root));
  },
  $concatArrays: concatArrays,
  $in: inOperator,
  $indexOfArray: indexOfArray,
  $range: range,
  $reverseArray: unary((value, operator) => [...arrayOf(operator, value, 34435)].reverse()),
  $firstN: pickN((list, n) => list.slice(0, n)),
  $lastN: pickN((list, n) => list.slice(-n)),
  $minN: pickN((list, n, collator) => sorted(list, 1, collator).slice(0, n)),
  $maxN: pickN((list, n, collator) => sorted(list, -1, collator).slice(0, n)),
};
