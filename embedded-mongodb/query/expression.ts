import type { Document } from 'bson';
import { collatorOf } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { bsonType, isObject, setField } from '../bson/value.ts';
import { OPERATORS } from './expression-operators.ts';
import { type Evaluate, evaluatePath, type Scope } from './expression-scope.ts';
import type { QueryOptions } from './options.ts';
import { fieldOf, parsePath } from './path.ts';

/** The scope of an expression at the top of a command: `$$NOW` and the command's `let`, which are constants. */
export function expressionScope(options: QueryOptions = {}): Scope {
  const cells = new Map<string, { value: unknown }>([['NOW', { value: options.now ?? new Date() }]]);
  const scope: Scope = { cells, collator: collatorOf(options.collation), compile: compileExpression };
  for (const [name, value] of Object.entries(options.let ?? {})) {
    cells.set(name, { value: compileExpression(value, scope)({}) });
  }
  return scope;
}

/**
 * Compiles an aggregation expression once; the result gives its value for a document, `undefined` for missing.
 * Throws 168 on an unknown operator, 16020 on a wrong number of arguments, 17276 on an unknown variable.
 */
export function compileExpression(expression: unknown, scope: Scope): Evaluate {
  if (typeof expression === 'string') {
    return expression.startsWith('$') ? compilePath(expression, scope) : () => expression;
  }
  if (Array.isArray(expression)) {
    const items = expression.map((item) => compileExpression(item, scope));
    return (root) => items.map((item) => item(root) ?? null);
  }
  if (!isObject(expression) || bsonType(expression) !== undefined) return () => expression;
  const [first] = Object.keys(expression);
  return first?.startsWith('$') ? compileOperator(expression, scope) : compileObject(expression, scope);
}

function compileOperator(expression: Document, scope: Scope): Evaluate {
  const entries = Object.entries(expression);
  if (entries.length !== 1) {
    const shown = `{ ${Object.keys(expression).join(', ')} }`;
    throw new ServerError(
      15983,
      `an object representing an expression must have exactly one field: ${shown}`,
    );
  }
  const [operator, operand] = entries[0] as [string, unknown];
  const compile = OPERATORS.get(operator);
  if (!compile) throw new ServerError(168, `Unrecognized expression '${operator}'`);
  return compile(operand, scope, operator);
}

/** An object of expressions; fields that evaluate to missing are left out. */
function compileObject(expression: Document, scope: Scope): Evaluate {
  const fields = Object.entries(expression).map(([key, value]) => {
    if (key.startsWith('$')) {
      throw new ServerError(
        15983,
        `an object representing an expression must have exactly one field: { ${key} }`,
      );
    }
    if (key.includes('.')) {
      throw new ServerError(16405, `dotted field names are only allowed at the top level`);
    }
    return [key, compileExpression(value, scope)] as const;
  });
  return (root) => {
    const result: Document = {};
    for (const [key, evaluate] of fields) {
      const value = evaluate(root);
      if (value !== undefined) setField(result, key, value);
    }
    return result;
  };
}

function compilePath(expression: string, scope: Scope): Evaluate {
  if (expression.startsWith('$$')) return compileVariable(expression.slice(2), scope);
  const path = expression.slice(1);
  if (path === '') throw new ServerError(16872, "'$' by itself is not a valid FieldPath");
  checkPath(path);
  const current = scope.cells.get('CURRENT');
  const parts = parsePath(path);
  if (current) return () => evaluatePath(current.value, parts, 0);
  if (parts.length > 1) return (root) => evaluatePath(root, parts, 0);
  return (root) => fieldOf(root, path);
}

function checkPath(path: string): void {
  for (const part of path.split('.')) {
    if (part === '') throw new ServerError(15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$')) {
      throw new ServerError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    }
  }
}

function compileVariable(reference: string, scope: Scope): Evaluate {
  const [name, ...path] = reference.split('.') as [string, ...string[]];
  if (path.length > 0) checkPath(path.join('.'));
  if (name === 'ROOT' || (name === 'CURRENT' && !scope.cells.has(name))) {
    return path.length === 0 ? (root) => root : (root) => evaluatePath(root, path, 0);
  }
  if (name === 'REMOVE') return () => undefined;
  const cell = scope.cells.get(name);
  if (!cell) throw new ServerError(17276, `Use of undefined variable: ${name}`);
  return path.length === 0 ? () => cell.value : () => evaluatePath(cell.value, path, 0);
}
