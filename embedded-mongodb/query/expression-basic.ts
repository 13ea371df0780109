import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { int, isNullish, isObject, isTruthy } from '../bson/value.ts';
import {
  type Cell,
  checkNamed,
  compileArguments,
  compileNamed,
  type Evaluate,
  type OperatorCompiler,
  type Scope,
  withCells,
} from './expression-scope.ts';

function comparison(accepts: (order: number) => unknown): OperatorCompiler {
  return (operand, scope, operator) => {
    const [left, right] = compileArguments(operand, scope, operator, 2) as [Evaluate, Evaluate];
    const { collator } = scope;
    return (root) => accepts(compareWith(left(root), right(root), collator));
  };
}

const and: OperatorCompiler = (operand, scope) => {
  const parts = compileArguments(operand, scope, '$and', 0, Number.POSITIVE_INFINITY);
  return (root) => parts.every((part) => isTruthy(part(root)));
};

const or: OperatorCompiler = (operand, scope) => {
  const parts = compileArguments(operand, scope, '$or', 0, Number.POSITIVE_INFINITY);
  return (root) => parts.some((part) => isTruthy(part(root)));
};

const not: OperatorCompiler = (operand, scope) => {
  const [part] = compileArguments(operand, scope, '$not', 1) as [Evaluate];
  return (root) => !isTruthy(part(root));
};

const cond: OperatorCompiler = (operand, scope) => {
  const parts = Array.isArray(operand)
    ? compileArguments(operand, scope, '$cond', 3)
    : Object.values(orderedCond(operand, scope));
  const [condition, then, otherwise] = parts as [Evaluate, Evaluate, Evaluate];
  return (root) => (isTruthy(condition(root)) ? then(root) : otherwise(root));
};

function orderedCond(operand: unknown, scope: Scope): Evaluate[] {
  const named = compileNamed(operand, scope, '$cond', ['if', 'then', 'else'], [], 17083);
  return [named['if'], named['then'], named['else']] as Evaluate[];
}

const ifNull: OperatorCompiler = (operand, scope) => {
  const given = Array.isArray(operand) ? operand.length : 1;
  if (given < 2) throw new ServerError(1257300, `$ifNull needs at least two arguments, had: ${given}`);
  const parts = compileArguments(operand, scope, '$ifNull', 2, Number.POSITIVE_INFINITY);
  const last = parts.at(-1) as Evaluate;
  const candidates = parts.slice(0, -1);
  return (root) => {
    for (const candidate of candidates) {
      const value = candidate(root);
      if (!isNullish(value)) return value;
    }
    return last(root);
  };
};

const switchOperator: OperatorCompiler = (operand, scope) => {
  const { branches, default: fallback } = checkNamed(operand, '$switch', ['branches'], ['default']);
  if (!Array.isArray(branches)) throw new ServerError(40061, `$switch expected an array for 'branches'`);
  if (branches.length === 0) throw new ServerError(40068, '$switch requires at least one branch.');
  const compiled = branches.map((branch) => compileNamed(branch, scope, '$switch', ['case', 'then']));
  const otherwise = fallback === undefined ? undefined : scope.compile(fallback, scope);
  return (root) => {
    for (const branch of compiled) if (isTruthy(branch['case']?.(root))) return branch['then']?.(root);
    if (otherwise) return otherwise(root);
    throw new ServerError(
      40066,
      '$switch could not find a matching branch for an input, and no default was specified.',
    );
  };
};

const letOperator: OperatorCompiler = (operand, scope) => {
  const { vars, in: body } = checkNamed(operand, '$let', ['vars', 'in']);
  if (!isObject(vars)) throw new ServerError(10065, `invalid parameter: expected an object (vars)`);
  const cells: Record<string, Cell> = {};
  const assignments = Object.entries(vars).map(([name, expression]) => {
    checkVariableName(name);
    const cell: Cell = { value: undefined };
    cells[name] = cell;
    return [cell, scope.compile(expression, scope)] as const;
  });
  const evaluate = scope.compile(body, withCells(scope, cells));
  return (root) => {
    for (const [cell, value] of assignments) cell.value = value(root);
    return evaluate(root);
  };
};

/** User variables start with a lower-case letter or a non-ASCII one; `CURRENT` may be redefined. */
export function checkVariableName(name: string): void {
  if (name === 'CURRENT' || /^[a-z\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*$/.test(name)) return;
  throw new ServerError(9, `'${name}' starts with an invalid character for a user variable name`);
}

const literal: OperatorCompiler = (operand) => () => operand;

/** Comparison, boolean, conditional and variable operators. */
export const BASIC_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: comparison((order) => int(Math.sign(order))),
  $and: and,
  $or: or,
  $not: not,
  $cond: cond,
  $ifNull: ifNull,
  $switch: switchOperator,
  $let: letOperator,
  $literal: literal,
  $expr: (operand, scope) => scope.compile(operand, scope),
  $const: literal,
};
