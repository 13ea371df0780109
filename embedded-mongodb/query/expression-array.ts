import type { Document } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import {
  bsonType,
  int,
  integer,
  isNullish,
  isObject,
  isTruthy,
  setField,
  toInteger,
  typeAlias,
} from '../bson/value.ts';
import { checkN } from './accumulators.ts';
import { binary, unary } from './expression-arithmetic.ts';
import { checkVariableName } from './expression-basic.ts';
import {
  checkNamed,
  compileArguments,
  compileNamed,
  type Evaluate,
  type OperatorCompiler,
  type Scope,
  withCells,
} from './expression-scope.ts';
import { elementOrder } from './update-arrays.ts';

function arrayOf(operator: string, value: unknown, code: number): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ServerError(code, `${operator}'s argument must be an array, but is ${typeAlias(value)}`);
}

function integerOf(operator: string, value: unknown, code: number): number {
  const number = toInteger(value);
  if (number !== undefined) return number;
  throw new ServerError(code, `${operator} needs an integral number, but got ${typeAlias(value)}`);
}

const arrayElemAt = binary((array, index, operator) => {
  const list = arrayOf(operator, array, 28689);
  return list.at(integerOf(operator, index, 28691));
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
      result.push(...arrayOf(operator, value, 28664));
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

const indexOfArray: OperatorCompiler = (operand, scope, operator) => {
  const parts = compileArguments(operand, scope, operator, 2, 4);
  return (root) => {
    const [array, wanted, from, to] = parts.map((part) => part(root));
    if (isNullish(array)) return null;
    const list = arrayOf(operator, array, 40090);
    const start = from === undefined ? 0 : integerOf(operator, from, 40096);
    const end = to === undefined ? list.length : Math.min(integerOf(operator, to, 40096), list.length);
    for (let i = start; i < end; i++) if (compareWith(list[i], wanted, scope.collator) === 0) return int(i);
    return int(-1);
  };
};

const range: OperatorCompiler = (operand, scope, operator) => {
  const parts = compileArguments(operand, scope, operator, 2, 3);
  return (root) => {
    const [start, end, step = 1] = parts.map((part) => integerOf(operator, part(root), 34443)) as [
      number,
      number,
      number?,
    ];
    if (step === 0) throw new ServerError(34449, '$range requires a non-zero step value');
    const result: unknown[] = [];
    for (let i = start; step > 0 ? i < end : i > end; i += step) result.push(integer(i));
    return result;
  };
};

/** The loop variable of `$filter` and `$map`. */
function loop(scope: Scope, name: unknown): { cell: { value: unknown }; inner: Scope } {
  if (typeof name !== 'string') throw new ServerError(9, `'as' must be a string`);
  checkVariableName(name);
  const cell = { value: undefined as unknown };
  return { cell, inner: withCells(scope, { [name]: cell }) };
}

const filter: OperatorCompiler = (operand, scope, operator) => {
  const {
    input,
    cond,
    as = 'this',
    limit,
  } = checkNamed(operand, operator, ['input', 'cond'], ['as', 'limit']);
  const { cell, inner } = loop(scope, as);
  const array = scope.compile(input, scope);
  const condition = scope.compile(cond, inner);
  const most = limit === undefined ? undefined : scope.compile(limit, scope);
  return (root) => {
    const value = array(root);
    if (isNullish(value)) return null;
    const wanted = most?.(root);
    const left = isNullish(wanted) ? Number.POSITIVE_INFINITY : integerOf(operator, wanted, 327391);
    if (left <= 0) throw new ServerError(327392, `$filter: limit must be greater than 0`);
    const result: unknown[] = [];
    for (const item of arrayOf(operator, value, 28651)) {
      cell.value = item;
      if (isTruthy(condition(root))) result.push(item);
      if (result.length >= left) break;
    }
    return result;
  };
};

const map: OperatorCompiler = (operand, scope, operator) => {
  const { input, in: body, as = 'this' } = checkNamed(operand, operator, ['input', 'in'], ['as']);
  const { cell, inner } = loop(scope, as);
  const array = scope.compile(input, scope);
  const evaluate = scope.compile(body, inner);
  return (root) => {
    const value = array(root);
    if (isNullish(value)) return null;
    return arrayOf(operator, value, 16883).map((item) => {
      cell.value = item;
      return evaluate(root) ?? null;
    });
  };
};

const reduce: OperatorCompiler = (operand, scope, operator) => {
  const { input, initialValue, in: body } = checkNamed(operand, operator, ['input', 'initialValue', 'in']);
  const item = { value: undefined as unknown };
  const total = { value: undefined as unknown };
  const array = scope.compile(input, scope);
  const initial = scope.compile(initialValue, scope);
  const evaluate = scope.compile(body, withCells(scope, { this: item, value: total }));
  return (root) => {
    const value = array(root);
    if (isNullish(value)) return null;
    total.value = initial(root);
    for (const element of arrayOf(operator, value, 40080)) {
      item.value = element;
      total.value = evaluate(root);
    }
    return total.value;
  };
};

const zip: OperatorCompiler = (operand, scope, operator) => {
  const { inputs, useLongestLength, defaults } = checkNamed(
    operand,
    operator,
    ['inputs'],
    ['useLongestLength', 'defaults'],
  );
  if (!Array.isArray(inputs)) throw new ServerError(34461, 'inputs must be an array of expressions');
  const arrays = inputs.map((input) => scope.compile(input, scope));
  const fill = scope.compile(defaults ?? [], scope);
  return (root) => {
    const values = arrays.map((array) => array(root));
    if (values.some(isNullish)) return null;
    const lists = values.map((value) => arrayOf(operator, value, 34468));
    const lengths = lists.map((list) => list.length);
    const length = useLongestLength === true ? Math.max(...lengths) : Math.min(...lengths);
    const others = fill(root) as unknown[];
    return Array.from({ length }, (_, i) =>
      lists.map((list, j) => (i < list.length ? list[i] : (others[j] ?? null))),
    );
  };
};

const arrayToObject = unary((value, operator) => {
  const result: Document = {};
  for (const item of arrayOf(operator, value, 40386)) {
    const [key, field] = Array.isArray(item) ? item : isObject(item) ? [item['k'], item['v']] : [];
    if (typeof key !== 'string')
      throw new ServerError(40394, `$arrayToObject requires pairs whose key is a string`);
    setField(result, key, field ?? null);
  }
  return result;
});

const objectToArray = unary((value, operator) => {
  if (!isObject(value) || bsonType(value) !== undefined) {
    throw new ServerError(40390, `${operator} requires a document input, found: ${typeAlias(value)}`);
  }
  return Object.entries(value).map(([k, v]) => ({ k, v }));
});

const sortArray: OperatorCompiler = (operand, scope, operator) => {
  const { input, sortBy } = checkNamed(operand, operator, ['input', 'sortBy']);
  const array = scope.compile(input, scope);
  const order = elementOrder(sortBy, {});
  return (root) => {
    const value = array(root);
    return isNullish(value) ? null : [...arrayOf(operator, value, 2942504)].sort(order);
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
  $filter: filter,
  $map: map,
  $reduce: reduce,
  $zip: zip,
  $arrayToObject: arrayToObject,
  $objectToArray: objectToArray,
  $sortArray: sortArray,
  $firstN: pickN((list, n) => list.slice(0, n)),
  $lastN: pickN((list, n) => list.slice(-n)),
  $minN: pickN((list, n, collator) => sorted(list, 1, collator).slice(0, n)),
  $maxN: pickN((list, n, collator) => sorted(list, -1, collator).slice(0, n)),
};
