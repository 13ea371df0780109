import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bsonType, isNullish, isObject, setField } from '../bson/value.ts';
import { elementOrder } from './element-order.ts';
import { arrayOf } from './expression-array.ts';
import { checkNamed, type OperatorCompiler } from './expression-scope.ts';
import { unary } from './expression-shapes.ts';

function checkDefaults(defaults: unknown, inputs: readonly unknown[], longest: boolean): void {
  if (defaults === undefined) return;
  if (!Array.isArray(defaults)) throw new ServerError(34462, 'defaults must be an array of expressions');
  if (!longest) throw new ServerError(34466, 'cannot specify defaults unless useLongestLength is true');
  if (defaults.length !== inputs.length)
    throw new ServerError(34467, 'defaults and inputs must have the same length');
}

const zip: OperatorCompiler = (operand, scope, operator) => {
  const { inputs, useLongestLength, defaults } = checkNamed(
    operand,
    operator,
    ['inputs'],
    ['useLongestLength', 'defaults'],
    34464,
  );
  if (useLongestLength !== undefined && typeof useLongestLength !== 'boolean')
    throw new ServerError(34463, 'useLongestLength must be a bool');
  if (!Array.isArray(inputs)) throw new ServerError(34461, 'inputs must be an array of expressions');
  if (inputs.length === 0) throw new ServerError(34465, '$zip requires at least one input array');
  checkDefaults(defaults, inputs, useLongestLength === true);
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

/** The key and value that `[key, value]` or `{ k, v }` stands for. */
function pairOf(item: unknown): [key: unknown, value: unknown] {
  if (Array.isArray(item)) {
    if (item.length === 2) return [item[0], item[1]];
    throw new ServerError(
      40397,
      `$arrayToObject requires an array of size 2 arrays, found size ${item.length}`,
    );
  }
  if (!isObject(item))
    throw new ServerError(40398, `unrecognised input type for $arrayToObject: ${typeAlias(item)}`);
  if (Object.keys(item).length !== 2)
    throw new ServerError(40392, `$arrayToObject requires an object with keys of 'k' and 'v'`);
  if (item['k'] === undefined || item['v'] === undefined)
    throw new ServerError(40393, `$arrayToObject requires an object with keys 'k' and 'v'`);
  return [item['k'], item['v']];
}

const arrayToObject = unary((value, operator) => {
  const result: Document = {};
  for (const item of arrayOf(operator, value, 40386)) {
    const [key, field] = pairOf(item);
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

/** Arrays of pairs, of documents, and arrays side by side. */
export const ARRAY_DOCUMENT_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $zip: zip,
  $arrayToObject: arrayToObject,
  $objectToArray: objectToArray,
  $sortArray: sortArray,
};
