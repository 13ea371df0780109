import { ServerError } from '../bson/errors.ts';
import { isObject } from '../bson/value.ts';
import { fieldOf, type Path } from './path.ts';

/** A compiled expression: its value for a document, `undefined` for missing. */
export type Evaluate = (root: unknown) => unknown;

/** Where a variable's present value is kept; `$let`, `$map` and the like write it before they evaluate their body. */
export interface Cell {
  value: unknown;
}

/** What an expression is compiled in: the variables it may read, the collation, and the compiler for its parts. */
export interface Scope {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly collator: Intl.Collator | undefined;
  readonly compile: (expression: unknown, scope: Scope) => Evaluate;
}

/** Compiles one operator from its operand. */
export type OperatorCompiler = (operand: unknown, scope: Scope, operator: string) => Evaluate;

/** A scope with further variables. */
export function withCells(scope: Scope, cells: Readonly<Record<string, Cell>>): Scope {
  return { ...scope, cells: new Map([...scope.cells, ...Object.entries(cells)]) };
}

/** The compiled arguments of an operator; a single one may stand without its array. Throws 16020 on a wrong count. */
export function compileArguments(
  operand: unknown,
  scope: Scope,
  operator: string,
  min: number,
  max = min,
): Evaluate[] {
  const list = Array.isArray(operand) ? operand : [operand];
  if (list.length < min || list.length > max) {
    const wanted = min === max ? `exactly ${min} arguments` : `at least ${min} arguments, and at most ${max}`;
    throw new ServerError(16020, `Expression ${operator} takes ${wanted}. ${list.length} were passed in.`);
  }
  return list.map((argument) => scope.compile(argument, scope));
}

/** The compiled named arguments of an operator such as `$filter`; an unknown or missing name is refused. */
export function compileNamed(
  operand: unknown,
  scope: Scope,
  operator: string,
  required: readonly string[],
  optional: readonly string[] = [],
  unknownCode = 9,
): Record<string, Evaluate> {
  const named = checkNamed(operand, operator, required, optional, unknownCode);
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [name, scope.compile(value, scope)]),
  );
}

/** The named arguments of an operator, not compiled, with their names checked. */
export function checkNamed(
  operand: unknown,
  operator: string,
  required: readonly string[],
  optional: readonly string[] = [],
  unknownCode = 9,
): Record<string, unknown> {
  if (!isObject(operand)) throw new ServerError(9, `${operator} only supports an object as its argument`);
  for (const name of Object.keys(operand)) {
    if (!required.includes(name) && !optional.includes(name)) {
      throw new ServerError(unknownCode, `Unrecognized argument to ${operator}: ${name}`);
    }
  }
  for (const name of required) {
    if (operand[name] === undefined) throw new ServerError(9, `Missing '${name}' parameter to ${operator}`);
  }
  return operand;
}

/** The value at an expression's path: documents are entered, arrays give the array of what their documents have. */
export function evaluatePath(value: unknown, path: Path, from: number): unknown {
  let current = value;
  for (let i = from; i < path.length; i++) {
    if (Array.isArray(current)) return evaluateArray(current, path, i);
    current = fieldOf(current, path[i] as string);
    if (current === undefined) return undefined;
  }
  return current;
}

function evaluateArray(array: unknown[], path: Path, from: number): unknown[] {
  const result: unknown[] = [];
  for (const element of array) {
    if (!isObject(element)) continue;
    const value = evaluatePath(element, path, from);
    if (value !== undefined) result.push(value);
  }
  return result;
}
