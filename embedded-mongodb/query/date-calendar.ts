import { ServerError } from '../bson/errors.ts';

export const DAY_MS = 86_400_000;

/** The calendar's view of a local time, given as milliseconds that UTC getters read. */
export interface IsoWeekDate {
  readonly isoWeekYear: number;
  readonly isoWeek: number;
  /** Monday is 1. */
  readonly isoDayOfWeek: number;
}

/** Midnight of a day of the Gregorian calendar, months from 1; what lies outside its range carries over. */
export function dayOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

/** The day of a year, from 1. */
export function dayOfYear(local: number): number {
  const year = new Date(local).getUTCFullYear();
  return Math.floor((local - dayOf(year, 1, 1)) / DAY_MS) + 1;
}

/** The week of a year that starts on Sunday; days before the first Sunday are in week 0. */
export function weekOf(local: number): number {
  return Math.floor((dayOfYear(local) + 6 - new Date(local).getUTCDay()) / 7);
}

/** The ISO 8601 week date: weeks start on Monday and belong to the year of their Thursday. */
export function isoWeekOf(local: number): IsoWeekDate {
  const isoDayOfWeek = new Date(local).getUTCDay() || 7;
  const thursday = local + (4 - isoDayOfWeek) * DAY_MS;
  const isoWeekYear = new Date(thursday).getUTCFullYear();
  return { isoWeekYear, isoWeek: Math.ceil(dayOfYear(thursday) / 7), isoDayOfWeek };
}

/** Midnight of an ISO week date. */
export function dayOfIsoWeek(year: number, week: number, day: number): number {
  const fourth = dayOf(year, 1, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() || 7) - 1) * DAY_MS;
  return monday + ((week - 1) * 7 + day - 1) * DAY_MS;
}

/** Adds months to a local time; a day that the month does not have becomes its last. */
export function addMonths(local: number, months: number): number {
  const date = new Date(local);
  const month = date.getUTCMonth() + 1 + months;
  const first = dayOf(date.getUTCFullYear(), month, 1);
  const length = (dayOf(date.getUTCFullYear(), month + 1, 1) - first) / DAY_MS;
  const timeOfDay = ((local % DAY_MS) + DAY_MS) % DAY_MS;
  return first + (Math.min(date.getUTCDate(), length) - 1) * DAY_MS + timeOfDay;
}

const UNITS = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'] as const;

/** A unit of time of the aggregation language. */
export type Unit = (typeof UNITS)[number];

/** Months in the units that have no fixed length. */
export const MONTHS: Readonly<Partial<Record<Unit, number>>> = { year: 12, quarter: 3, month: 1 };

/** Milliseconds in the units that have a fixed length on a clock that is not changed. */
export const LENGTH_MS: Readonly<Partial<Record<Unit, number>>> = {
  week: 7 * DAY_MS,
  day: DAY_MS,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

/** Checks the name of a unit; throws 9 on an unknown one. */
export function unitOf(name: unknown, typeCode: number): Unit {
  if (typeof name !== 'string') throw new ServerError(typeCode, `'unit' must be a string`);
  const unit = UNITS.find((known) => known === name);
  if (!unit) throw new ServerError(9, `unknown time unit value: ${name}`);
  return unit;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** The number of a weekday by its name or its first three letters; Sunday is 0. */
export function weekdayOf(name: unknown, typeCode: number): number {
  if (typeof name !== 'string') throw new ServerError(typeCode, `'startOfWeek' must be a string`);
  const wanted = name.toLowerCase();
  const day = WEEKDAYS.findIndex((known) => known === wanted || known.slice(0, 3) === wanted);
  if (day < 0) throw new ServerError(9, `unknown day of week value: ${name}`);
  return day;
}
