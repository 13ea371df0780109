import type { ObjectId, Timestamp } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bsonType, int, isNullish, long, toInteger } from '../bson/value.ts';
import { dayOf, dayOfIsoWeek, dayOfYear, isoWeekOf, unitOf, weekdayOf, weekOf } from './date-calendar.ts';
import { addUnits, truncate, unitsBetween } from './date-spans.ts';
import { formatDate, parseDate } from './date-text.ts';
import { toLocal, toUtc, UTC, type Zone, zoneOf } from './date-zone.ts';
import { compileArguments, compileNamed, type Evaluate, type OperatorCompiler } from './expression-scope.ts';

/** The instant of a date, an ObjectId or a timestamp. */
function instantOf(value: unknown, code: number): number {
  if (value instanceof Date) return value.getTime();
  if (bsonType(value) === 'ObjectId') return (value as ObjectId).getTimestamp().getTime();
  if (bsonType(value) === 'Timestamp') return (value as Timestamp).getHighBitsUnsigned() * 1000;
  throw new ServerError(code, `can't convert from BSON type ${typeAlias(value)} to Date`);
}

type Arguments = Readonly<Record<string, unknown>>;

/** An operator with named arguments; one that is given but null or missing makes the result null. */
function named(
  required: readonly string[],
  optional: readonly string[],
  compute: (given: Arguments, zone: Zone, operator: string) => unknown,
): OperatorCompiler {
  return (operand, scope, operator) => {
    const parts = Object.entries(compileNamed(operand, scope, operator, required, [...optional, 'timezone']));
    return (root) => {
      const given: Record<string, unknown> = {};
      for (const [name, evaluate] of parts) given[name] = evaluate(root);
      if (parts.some(([name]) => isNullish(given[name]))) return null;
      return compute(given, zoneIn(given), operator);
    };
  };
}

function zoneIn(given: Arguments): Zone {
  return given['timezone'] === undefined ? UTC : zoneOf(given['timezone']);
}

/** The parts of a date, from its local time. */
const PARTS: Readonly<Record<string, (date: Date, local: number) => number>> = {
  $year: (date) => date.getUTCFullYear(),
  $month: (date) => date.getUTCMonth() + 1,
  $dayOfMonth: (date) => date.getUTCDate(),
  $dayOfWeek: (date) => date.getUTCDay() + 1,
  $dayOfYear: (_, local) => dayOfYear(local),
  $hour: (date) => date.getUTCHours(),
  $minute: (date) => date.getUTCMinutes(),
  $second: (date) => date.getUTCSeconds(),
  $millisecond: (date) => date.getUTCMilliseconds(),
  $week: (_, local) => weekOf(local),
  $isoWeek: (_, local) => isoWeekOf(local).isoWeek,
  $isoDayOfWeek: (_, local) => isoWeekOf(local).isoDayOfWeek,
  $isoWeekYear: (_, local) => isoWeekOf(local).isoWeekYear,
};

/** A part of a date: of the date itself, or of `{ date, timezone }`. */
function part(read: (date: Date, local: number) => number): OperatorCompiler {
  const ofNamed = named(['date'], [], (given, zone) => {
    const local = toLocal(instantOf(given['date'], 16006), zone);
    return int(read(new Date(local), local));
  });
  return (operand, scope, operator) => {
    const isNamed =
      typeof operand === 'object' && operand !== null && !Array.isArray(operand) && 'date' in operand;
    if (isNamed) return ofNamed(operand, scope, operator);
    const [date] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return ofNamed({ date: { $literal: null } }, { ...scope, compile: () => date }, operator);
  };
}

function wholeNumber(value: unknown, name: string, code: number): number {
  const number = toInteger(value);
  if (number !== undefined) return number;
  throw new ServerError(code, `'${name}' must evaluate to an integer, found ${typeAlias(value)}`);
}

const TIME = ['hour', 'minute', 'second', 'millisecond'];

const ofParts = named(['year'], ['month', 'day', ...TIME], (given, zone) => fromParts(given, zone, false));
const ofIsoParts = named(['isoWeekYear'], ['isoWeek', 'isoDayOfWeek', ...TIME], (given, zone) =>
  fromParts(given, zone, true),
);

function fromParts(given: Arguments, zone: Zone, iso: boolean): Date {
  const read = (name: string, otherwise: number) => {
    const number = given[name] === undefined ? otherwise : wholeNumber(given[name], name, 40515);
    if (number < -32768 || number > 32767)
      throw new ServerError(31034, `'${name}' must evaluate to a value in the range [-32768, 32767]`);
    return number;
  };
  const year = read(iso ? 'isoWeekYear' : 'year', 1);
  if (year < 1 || year > 9999)
    throw new ServerError(iso ? 31095 : 40523, `the year must be in the range 1 to 9999, found ${year}`);
  const day = iso
    ? dayOfIsoWeek(year, read('isoWeek', 1), read('isoDayOfWeek', 1))
    : dayOf(year, read('month', 1), read('day', 1));
  const seconds = (read('hour', 0) * 60 + read('minute', 0)) * 60 + read('second', 0);
  return new Date(toUtc(day + seconds * 1000 + read('millisecond', 0), zone));
}

const dateFromParts: OperatorCompiler = (operand, scope, operator) => {
  const iso = typeof operand === 'object' && operand !== null && 'isoWeekYear' in operand;
  return (iso ? ofIsoParts : ofParts)(operand, scope, operator);
};

const dateToParts = named(['date'], ['iso8601'], (given, zone) => {
  const local = toLocal(instantOf(given['date'], 16006), zone);
  const { iso8601 = false } = given;
  if (typeof iso8601 !== 'boolean') throw new ServerError(40521, 'iso8601 must evaluate to a bool');
  const date = new Date(local);
  const day = iso8601
    ? isoWeekOf(local)
    : { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  const [hour, minute] = [date.getUTCHours(), date.getUTCMinutes()];
  const time = { hour, minute, second: date.getUTCSeconds(), millisecond: date.getUTCMilliseconds() };
  return Object.fromEntries(Object.entries({ ...day, ...time }).map(([name, value]) => [name, int(value)]));
});

const FORMAT = '%Y-%m-%dT%H:%M:%S.%L';

const dateToString: OperatorCompiler = (operand, scope, operator) => {
  const named = compileNamed(operand, scope, operator, ['date'], ['format', 'timezone', 'onNull']);
  const { date, format, timezone, onNull } = named;
  return (root) => {
    const value = date?.(root);
    if (isNullish(value)) return onNull ? onNull(root) : null;
    const zoneName = timezone?.(root);
    const pattern = format?.(root);
    if ((timezone && isNullish(zoneName)) || (format && isNullish(pattern))) return null;
    const zone = zoneName === undefined ? UTC : zoneOf(zoneName);
    if (format && typeof pattern !== 'string')
      throw new ServerError(18533, `$dateToString requires that 'format' be a string`);
    const wanted = typeof pattern === 'string' ? pattern : `${FORMAT}${zone === UTC ? 'Z' : ''}`;
    return formatDate(instantOf(value, 16006), wanted, zone);
  };
};

const dateFromString: OperatorCompiler = (operand, scope, operator) => {
  const optional = ['format', 'timezone', 'onError', 'onNull'];
  const named = compileNamed(operand, scope, operator, ['dateString'], optional);
  const { dateString, format, timezone, onError, onNull } = named;
  return (root) => {
    const text = dateString?.(root);
    if (isNullish(text)) return onNull ? onNull(root) : null;
    const zone = timezone?.(root);
    const pattern = format?.(root);
    if ((timezone && isNullish(zone)) || (format && isNullish(pattern))) return null;
    if (format && typeof pattern !== 'string')
      throw new ServerError(40684, `$dateFromString requires that 'format' be a string`);
    try {
      if (typeof text !== 'string')
        throw new ServerError(241, `$dateFromString requires that 'dateString' be a string`);
      return parseDate(text, pattern as string | undefined, zone === undefined ? undefined : zoneOf(zone));
    } catch (error) {
      if (onError && error instanceof ServerError && error.code === 241) return onError(root);
      throw error;
    }
  };
};

function shifted(sign: 1 | -1): OperatorCompiler {
  return named(['startDate', 'unit', 'amount'], [], ({ startDate, unit, amount }, zone) => {
    const length = unitOf(unit, 5166402);
    const start = instantOf(startDate, 5166403);
    const later = addUnits(start, length, sign * wholeNumber(amount, 'amount', 5166405), zone);
    if (!Number.isFinite(new Date(later).getTime()))
      throw new ServerError(5166406, 'the resulting date is out of range');
    return new Date(later);
  });
}

const dateDiff = named(['startDate', 'endDate', 'unit'], ['startOfWeek'], (given, zone) => {
  const unit = unitOf(given['unit'], 5439013);
  const startOfWeek = weekdayOf(given['startOfWeek'] ?? 'sunday', 5439015);
  const start = instantOf(given['startDate'], 5166307);
  return long(unitsBetween(start, instantOf(given['endDate'], 5166307), unit, zone, startOfWeek));
});

const dateTrunc = named(['date', 'unit'], ['binSize', 'startOfWeek'], (given, zone) => {
  const unit = unitOf(given['unit'], 5439013);
  const size = given['binSize'] === undefined ? 1 : wholeNumber(given['binSize'], 'binSize', 5439017);
  if (size <= 0) throw new ServerError(5439018, `'binSize' must be greater than 0, found ${size}`);
  const startOfWeek = weekdayOf(given['startOfWeek'] ?? 'sunday', 5439015);
  return new Date(truncate(instantOf(given['date'], 5439012), unit, size, zone, startOfWeek));
});

function ofTimestamp(code: number, read: (stamp: Timestamp) => number): OperatorCompiler {
  return (operand, scope, operator) => {
    const [argument] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => {
      const value = argument(root);
      if (isNullish(value)) return null;
      if (bsonType(value) === 'Timestamp') return long(read(value as Timestamp));
      throw new ServerError(code, `${operator} requires a timestamp, found: ${typeAlias(value)}`);
    };
  };
}

/** Dates, in UTC or a time zone. */
export const DATE_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  ...Object.fromEntries(Object.entries(PARTS).map(([operator, read]) => [operator, part(read)])),
  $dateToString: dateToString,
  $dateFromString: dateFromString,
  $dateToParts: dateToParts,
  $dateFromParts: dateFromParts,
  $dateAdd: shifted(1),
  $dateSubtract: shifted(-1),
  $dateDiff: dateDiff,
  $dateTrunc: dateTrunc,
  $tsSecond: ofTimestamp(5687301, (stamp) => stamp.getHighBitsUnsigned()),
  $tsIncrement: ofTimestamp(5687302, (stamp) => stamp.getLowBitsUnsigned()),
};
