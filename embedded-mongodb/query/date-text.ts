import { ServerError } from '../bson/errors.ts';
import { dayOf, dayOfIsoWeek, dayOfYear, isoWeekOf, weekOf } from './date-calendar.ts';
import { toLocal, toUtc, UTC, type Zone, zoneOf } from './date-zone.ts';

const padded = (value: number, width: number) => String(value).padStart(width, '0');

function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  return `${offset < 0 ? '-' : '+'}${padded(Math.floor(minutes / 60), 2)}${padded(minutes % 60, 2)}`;
}

/** What each mark of a format shows of a local time. */
const MARKS: Readonly<Record<string, (date: Date, local: number, offset: number) => string>> = {
  '%': () => '%',
  Y: (date) => padded(date.getUTCFullYear(), 4),
  m: (date) => padded(date.getUTCMonth() + 1, 2),
  d: (date) => padded(date.getUTCDate(), 2),
  H: (date) => padded(date.getUTCHours(), 2),
  M: (date) => padded(date.getUTCMinutes(), 2),
  S: (date) => padded(date.getUTCSeconds(), 2),
  L: (date) => padded(date.getUTCMilliseconds(), 3),
  j: (_, local) => padded(dayOfYear(local), 3),
  w: (date) => String(date.getUTCDay() + 1),
  U: (_, local) => padded(weekOf(local), 2),
  u: (_, local) => String(isoWeekOf(local).isoDayOfWeek),
  V: (_, local) => padded(isoWeekOf(local).isoWeek, 2),
  G: (_, local) => padded(isoWeekOf(local).isoWeekYear, 4),
  z: (_date, _local, offset) => offsetText(offset),
  Z: (_date, _local, offset) => String(Math.trunc(offset / 60_000)),
};

/** Writes a date; throws 18535 or 18536 on a format that is not one. */
export function formatDate(utc: number, format: string, zone: Zone): string {
  const local = toLocal(utc, zone);
  const date = new Date(local);
  if (date.getUTCFullYear() < 0 || date.getUTCFullYear() > 9999) {
    throw new ServerError(
      18537,
      `Could not convert date to string: year ${date.getUTCFullYear()} is out of range`,
    );
  }
  return format.replace(/%([\s\S]?)/g, (_, mark: string) => {
    if (mark === '') throw new ServerError(18535, `Unmatched '%' at end of format string`);
    const show = MARKS[mark];
    if (!show) throw new ServerError(18536, `Invalid format character '%${mark}' in format string`);
    return show(date, local, local - utc);
  });
}

function unreadable(text: string): ServerError {
  return new ServerError(241, `Error parsing date string '${text}'`);
}

const ISO =
  /^(?<Y>\d{4})-(?<m>\d{2})-(?<d>\d{2})(?:[T ](?<H>\d{2}):(?<M>\d{2})(?::(?<S>\d{2})(?:[.,](?<L>\d{1,9}))?)?)? ?(?<z>[zZ]|[+-]\d{2}(?::?\d{2})?)?$/;

const PATTERNS: Readonly<Record<string, string>> = {
  Y: '\\d{4}',
  m: '\\d{1,2}',
  d: '\\d{1,2}',
  H: '\\d{1,2}',
  M: '\\d{1,2}',
  S: '\\d{1,2}',
  L: '\\d{1,3}',
  j: '\\d{1,3}',
  G: '\\d{4}',
  V: '\\d{1,2}',
  u: '[1-7]',
  z: '[zZ]|[+-]\\d{2}(?::?\\d{2})?',
  Z: '[+-]?\\d{1,4}',
};

/** The regular expression that reads a format, a named group a mark. */
function patternOf(format: string): RegExp {
  const source = format.replace(/%([\s\S]?)|[\\^$.*+?()[\]{}|/]/g, (found, mark: string | undefined) => {
    if (mark === undefined) return `\\${found}`;
    if (mark === '%') return '%';
    const pattern = PATTERNS[mark];
    if (pattern) return `(?<${mark}>${pattern})`;
    throw new ServerError(18536, `Invalid format character '%${mark}' in format string`);
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    throw new ServerError(18536, `a format that names a part twice is not supported: ${format}`);
  }
}

/** Reads a date in ISO 8601, or by a format; the zone is that of text which names none. Throws 241 on other text. */
export function parseDate(text: string, format: string | undefined, zone: Zone | undefined): Date {
  const groups = (format === undefined ? ISO : patternOf(format)).exec(text)?.groups;
  if (!groups) throw unreadable(text);
  const number = (name: string, otherwise: number) =>
    groups[name] === undefined ? otherwise : Number(groups[name]);
  const { H, z, Z, L } = groups;
  if (zone && (z !== undefined || Z !== undefined)) {
    throw new ServerError(
      241,
      `you cannot pass in a date/time string with time zone information together with a timezone argument`,
    );
  }
  const day = dayIn(groups, number);
  const [hour, minute, second] = [H === undefined ? 0 : Number(H), number('M', 0), number('S', 0)];
  if (day === undefined || hour > 24 || minute > 59 || second > 59) throw unreadable(text);
  const fraction = L === undefined ? 0 : Math.trunc(Number(`0.${L}`) * 1000 + 1e-6);
  const local = day + ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
  if (Z !== undefined) return new Date(local - Number(Z) * 60_000);
  return new Date(toUtc(local, z === undefined ? (zone ?? UTC) : zoneOf(z.toUpperCase())));
}

/** The day that the parts name; undefined when it does not exist or parts are wanting. */
function dayIn(
  groups: Readonly<Record<string, string | undefined>>,
  number: (name: string, otherwise: number) => number,
): number | undefined {
  if (groups['G'] !== undefined) {
    const week = number('V', 1);
    return week < 1 || week > 53 ? undefined : dayOfIsoWeek(number('G', 0), week, number('u', 1));
  }
  if (groups['Y'] === undefined) return undefined;
  if (groups['j'] !== undefined) return dayOf(number('Y', 0), 1, number('j', 1));
  if (groups['m'] === undefined || groups['d'] === undefined) return undefined;
  const day = dayOf(number('Y', 0), number('m', 0), number('d', 0));
  const date = new Date(day);
  return date.getUTCMonth() + 1 === number('m', 0) && date.getUTCDate() === number('d', 0) ? day : undefined;
}
