import type { ObjectId, Timestamp } from 'bson';
import * as mingo from 'mingo/operators/expression';
import { ServerError } from '../bson/errors.ts';
import { bsonType, int, isNullish, isNumber, long, toDouble, typeAlias } from '../bson/value.ts';
import { compileArguments, compileNamed, type Evaluate, type OperatorCompiler } from './expression-scope.ts';

/** How mingo's operators are called: the arguments are a document, and the expression names its fields. */
type MingoOperator = (document: object, expression: unknown, options: object) => unknown;

const OPTIONS = { idKey: '_id', useStrictMode: true, failOnError: true, scriptEnabled: false };

/** Dates are also read from ObjectIds and timestamps. */
function dateOf(value: unknown): Date {
  if (value instanceof Date) return value;
  if (bsonType(value) === 'ObjectId') return (value as ObjectId).getTimestamp();
  if (bsonType(value) === 'Timestamp') return new Date((value as Timestamp).getHighBits() * 1000);
  throw new ServerError(16006, `can't convert from BSON type ${typeAlias(value)} to Date`);
}

/** Calls an operator of mingo with evaluated arguments. Numbers go in as JavaScript ones; a failure is a plain refusal. */
function call(operator: string, values: Readonly<Record<string, unknown>>): unknown {
  const run = (mingo as unknown as Readonly<Record<string, MingoOperator>>)[operator] as MingoOperator;
  const expression = Object.fromEntries(Object.keys(values).map((name) => [name, `$${name}`]));
  try {
    return run(values, expression, OPTIONS);
  } catch (error) {
    throw new ServerError(18628, `${operator}: ${(error as Error).message}`);
  }
}

function plainValue(name: string, value: unknown): unknown {
  if (/date/i.test(name) && name !== 'dateString') return new Date(dateOf(value));
  return isNumber(value) ? toDouble(value) : value;
}

/** An operator whose arguments are named; null or missing ones that are required give null. */
function named(
  required: readonly string[],
  optional: readonly string[],
  wrap: (result: unknown) => unknown,
  onNull = false,
): OperatorCompiler {
  return (operand, scope, operator) => {
    const extra = onNull ? ['onNull', 'onError'] : [];
    const {
      onNull: whenNull,
      onError,
      ...parts
    } = compileNamed(operand, scope, operator, required, [...optional, ...extra]);
    return (root) => {
      const values: Record<string, unknown> = {};
      for (const [name, evaluate] of Object.entries(parts)) {
        const value = evaluate(root);
        if (isNullish(value))
          return name === 'date' || name === 'dateString' ? (whenNull?.(root) ?? null) : null;
        values[name] = plainValue(name, value);
      }
      if (!onError) return wrap(call(operator, values));
      try {
        return wrap(call(operator, values));
      } catch {
        return onError(root);
      }
    };
  };
}

/** A part of a date: of the date itself, or of `{ date, timezone }`. */
function part(operator: string): OperatorCompiler {
  return (operand, scope) => {
    const { date, timezone } = isNamed(operand)
      ? compileNamed(operand, scope, operator, ['date'], ['timezone'])
      : { date: compileArguments(operand, scope, operator, 1)[0] as Evaluate, timezone: undefined };
    return (root) => {
      const value = date?.(root);
      const zone = timezone?.(root);
      if (isNullish(value) || (timezone && isNullish(zone))) return null;
      const values = { date: new Date(dateOf(value)), ...(timezone ? { timezone: zone } : {}) };
      return int(Number(call(operator, values)));
    };
  };
}

function isNamed(operand: unknown): boolean {
  return typeof operand === 'object' && operand !== null && !Array.isArray(operand) && 'date' in operand;
}

const PARTS = [
  '$year',
  '$month',
  '$dayOfMonth',
  '$dayOfWeek',
  '$dayOfYear',
  '$hour',
  '$minute',
  '$second',
  '$millisecond',
  '$week',
  '$isoWeek',
  '$isoDayOfWeek',
  '$isoWeekYear',
];

const same = (result: unknown) => result;
const asLong = (result: unknown) => (result === null ? null : long(Number(result)));
const PART_ORDER = [
  'year',
  'isoWeekYear',
  'isoWeek',
  'isoDayOfWeek',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
];
const asParts = (result: unknown) => {
  const parts = result as Readonly<Record<string, number>>;
  return Object.fromEntries(
    PART_ORDER.filter((name) => name in parts).map((name) => [name, int(Number(parts[name]))]),
  );
};
const asDate = (result: unknown) => {
  if (result instanceof Date && !Number.isNaN(result.getTime())) return result;
  throw new ServerError(241, 'Error parsing date string');
};
const DATE_PARTS = [
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
  'isoWeek',
  'isoDayOfWeek',
  'timezone',
];

const dateFromParts: OperatorCompiler = (operand, scope, operator) => {
  const iso = typeof operand === 'object' && operand !== null && 'isoWeekYear' in operand;
  return named([iso ? 'isoWeekYear' : 'year'], DATE_PARTS, same)(operand, scope, operator);
};

/** Dates. mingo computes them, with time zones and calendars; kinds of numbers and null are ours. */
export const DATE_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  ...Object.fromEntries(PARTS.map((operator) => [operator, part(operator)])),
  $dateToString: named(['date'], ['format', 'timezone'], same, true),
  $dateFromString: named(['dateString'], ['format', 'timezone'], asDate, true),
  $dateToParts: named(['date'], ['timezone', 'iso8601'], asParts),
  $dateFromParts: dateFromParts,
  $dateAdd: named(['startDate', 'unit', 'amount'], ['timezone'], same),
  $dateSubtract: named(['startDate', 'unit', 'amount'], ['timezone'], same),
  $dateDiff: named(['startDate', 'endDate', 'unit'], ['timezone', 'startOfWeek'], asLong),
  $dateTrunc: named(['date', 'unit'], ['binSize', 'timezone', 'startOfWeek'], same),
  $tsSecond: (operand, scope, operator) => {
    const [value] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => onTimestamp(operator, value(root), (stamp) => stamp.getHighBitsUnsigned());
  },
  $tsIncrement: (operand, scope, operator) => {
    const [value] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => onTimestamp(operator, value(root), (stamp) => stamp.getLowBitsUnsigned());
  },
};

function onTimestamp(operator: string, value: unknown, read: (stamp: Timestamp) => number): unknown {
  if (isNullish(value)) return null;
  if (bsonType(value) !== 'Timestamp') {
    throw new ServerError(5687301, `${operator} requires a timestamp, found: ${typeAlias(value)}`);
  }
  return long(read(value as Timestamp));
}
