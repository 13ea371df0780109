import { ServerError } from '../bson/errors.ts';
import { isNullish, isTruthy } from '../bson/value.ts';
import { arrayOf, integerOf } from './expression-array.ts';
import { checkVariableName } from './expression-basic.ts';
import { checkNamed, type OperatorCompiler, type Scope, withCells } from './expression-scope.ts';

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
  } = checkNamed(operand, operator, ['input', 'cond'], ['as', 'limit'], 28647);
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
  const { input, in: body, as = 'this' } = checkNamed(operand, operator, ['input', 'in'], ['as'], 16879);
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
  const {
    input,
    initialValue,
    in: body,
  } = checkNamed(operand, operator, ['input', 'initialValue', 'in'], [], 40076);
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

/** Expressions that are evaluated once for each element of an array. */
export const LOOP_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $filter: filter,
  $map: map,
  $reduce: reduce,
};
