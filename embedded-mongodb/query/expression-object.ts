import { calculateObjectSize, type Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { bsonType, getField, int, isNullish, isObject, setField, typeAlias } from '../bson/value.ts';
import { percentilesOf, sharesOf } from './accumulator-percentile.ts';
import { ACCUMULATORS } from './accumulators.ts';
import { checkNamed, compileArguments, type Evaluate, type OperatorCompiler } from './expression-scope.ts';

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

function constantName(operator: string, field: unknown): string {
  const name = isDocument(field) && '$literal' in field ? field['$literal'] : field;
  if (typeof name !== 'string')
    throw new ServerError(5654602, `${operator} requires 'field' to evaluate to a constant String`);
  return name;
}

const getFieldOperator: OperatorCompiler = (operand, scope, operator) => {
  const short = !isDocument(operand) || Object.keys(operand)[0]?.startsWith('$') === true;
  const { field, input = '$$CURRENT' } = short
    ? { field: operand }
    : checkNamed(operand, operator, ['field'], ['input']);
  const name = constantName(operator, field);
  const evaluate = scope.compile(input, scope);
  return (root) => {
    const value = evaluate(root);
    return isDocument(value) ? getField(value, name) : undefined;
  };
};

function changeField(remove: boolean): OperatorCompiler {
  return (operand, scope, operator) => {
    const required = remove ? ['field', 'input'] : ['field', 'input', 'value'];
    const { field, input, value } = checkNamed(operand, operator, required);
    const name = constantName(operator, field);
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

/** Documents, and totals over lists. */
export const OBJECT_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $mergeObjects: mergeObjects,
  $getField: getFieldOperator,
  $setField: changeField(false),
  $unsetField: changeField(true),
  $bsonSize: size,
  $sum: overList('$sum'),
  $avg: overList('$avg'),
  $min: overList('$min'),
  $max: overList('$max'),
  $stdDevPop: overList('$stdDevPop'),
  $stdDevSamp: overList('$stdDevSamp'),
  $percentile: percentile,
  $median: percentile,
};
