import { type Binary, calculateObjectSize, type Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bsonType, getField, int, isNullish, isObject, setField } from '../bson/value.ts';
import { percentilesOf, sharesOf } from './accumulator-percentile.ts';
import { ACCUMULATORS } from './accumulators.ts';
import {
  checkNamed,
  compileArguments,
  type Evaluate,
  type OperatorCompiler,
  type Scope,
} from './expression-scope.ts';

const isDocument = (value: unknown): value is Document => isObject(value) && bsonType(value) === undefined;

const mergeObjects: OperatorCompiler = (operand, scope, operator) => {
  const parts = compileArguments(operand, scope, operator, 0, Number.POSITIVE_INFINITY);
  return (root) => {
    let result: Document = {};
    const values = parts.map((part) => part(root));
    const only = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
    for (const value of only) {
      if (isNullish(value)) continue;
      if (!isDocument(value)) {
        throw new ServerError(
          40400,
          `$mergeObjects requires object inputs, but input is of type ${typeAlias(value)}`,
        );
      }
      result = { ...result, ...value };
    }
    return result;
  };
};

/** The codes with which an operator refuses a name that is a path, no constant, or no string. */
interface NameCodes {
  readonly path: number;
  readonly constant: number;
  readonly type: number;
}

function isConstant(expression: unknown): boolean {
  if (typeof expression === 'string') return !expression.startsWith('$');
  if (Array.isArray(expression)) return expression.every(isConstant);
  if (!isDocument(expression)) return true;
  return '$literal' in expression || '$const' in expression || Object.values(expression).every(isConstant);
}

/** The name of a field, which must be known before any document is seen. */
function constantName(operator: string, field: unknown, scope: Scope, codes: NameCodes): string {
  if (typeof field === 'string' && field.startsWith('$')) {
    throw new ServerError(
      codes.path,
      `'${field}' is a field path reference which is not allowed in this context. Did you mean {$literal: '${field}'}?`,
    );
  }
  if (!isConstant(field))
    throw new ServerError(codes.constant, `${operator} requires 'field' to evaluate to a constant`);
  const name = scope.compile(field, scope)({});
  if (typeof name === 'string') return name;
  throw new ServerError(
    codes.type,
    `${operator} requires 'field' to evaluate to type String, but got ${typeAlias(name)}`,
  );
}

const getFieldOperator: OperatorCompiler = (operand, scope, operator) => {
  const short = !isDocument(operand) || Object.keys(operand)[0]?.startsWith('$') === true;
  const { field, input = '$$CURRENT' } = short
    ? { field: operand }
    : checkNamed(operand, operator, ['field'], ['input'], 3041701);
  const name = constantName(operator, field, scope, { path: 5654600, constant: 5654602, type: 3041704 });
  const evaluate = scope.compile(input, scope);
  return (root) => {
    const value = evaluate(root);
    if (isNullish(value)) return value;
    return isDocument(value) ? getField(value, name) : undefined;
  };
};

function changeField(remove: boolean): OperatorCompiler {
  return (operand, scope, operator) => {
    const required = remove ? ['field', 'input'] : ['field', 'input', 'value'];
    const { field, input, value } = checkNamed(operand, operator, required);
    const name = constantName(operator, field, scope, { path: 4161108, constant: 4161106, type: 4161107 });
    const target = scope.compile(input, scope);
    const evaluate: Evaluate = remove ? () => undefined : scope.compile(value, scope);
    return (root) => {
      const document = target(root);
      if (isNullish(document)) return null;
      if (!isDocument(document))
        throw new ServerError(4161105, `${operator} requires 'input' to evaluate to type Object`);
      const result = { ...document };
      const next = evaluate(root);
      if (next === undefined) delete result[name];
      else setField(result, name, next);
      return result;
    };
  };
}

/** `$sum`, `$avg`, `$min`, ... of a list of arguments, or of the one array that stands alone. */
function overList(name: string): OperatorCompiler {
  return (operand, scope, operator) => {
    const start = ACCUMULATORS.get(name)?.(0, scope, name).start as () => {
      add: (value: unknown) => void;
      result: () => unknown;
    };
    const parts = compileArguments(operand, scope, operator, 0, Number.POSITIVE_INFINITY);
    return (root) => {
      const total = start();
      const values = parts.map((part) => part(root));
      const list = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
      for (const value of list) total.add(value);
      return total.result();
    };
  };
}

const percentile: OperatorCompiler = (operand, scope, operator) => {
  const { input, shares } = sharesOf(operand, scope, operator);
  return (root) => {
    const value = input(root);
    const results = percentilesOf(Array.isArray(value) ? value : [value], shares);
    return operator === '$median' ? results[0] : results;
  };
};

const size: OperatorCompiler = (operand, scope, operator) => {
  const [argument] = compileArguments(operand, scope, operator, 1) as [Evaluate];
  return (root) => {
    const value = argument(root);
    if (isNullish(value)) return null;
    if (!isDocument(value))
      throw new ServerError(31393, `$bsonSize requires a document input, found: ${typeAlias(value)}`);
    return int(calculateObjectSize(value));
  };
};

const binarySize: OperatorCompiler = (operand, scope, operator) => {
  const [argument] = compileArguments(operand, scope, operator, 1) as [Evaluate];
  return (root) => {
    const value = argument(root);
    if (isNullish(value)) return null;
    if (typeof value === 'string') return int(Buffer.byteLength(value));
    if (bsonType(value) === 'Binary') return int((value as Binary).length());
    throw new ServerError(
      51276,
      `$binarySize requires a string or BinData argument, found: ${typeAlias(value)}`,
    );
  };
};

/** Documents, and totals over lists. */
export const OBJECT_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $mergeObjects: mergeObjects,
  $getField: getFieldOperator,
  $setField: changeField(false),
  $unsetField: changeField(true),
  $bsonSize: size,
  $binarySize: binarySize,
  $sum: overList('$sum'),
  $avg: overList('$avg'),
  $min: overList('$min'),
  $max: overList('$max'),
  $stdDevPop: overList('$stdDevPop'),
  $stdDevSamp: overList('$stdDevSamp'),
  $percentile: percentile,
  $median: percentile,
};
