import { ServerError } from '../bson/errors.ts';

/** A time zone: its offset from UTC in milliseconds at an instant. */
export type Zone = (utc: number) => number;

export const UTC: Zone = () => 0;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const zones = new Map<string, Zone>([
  ['UTC', UTC],
  ['GMT', UTC],
  ['Z', UTC],
]);

/** The zone of an Olson name or an offset such as `+02:00`, `-0530` or `+03`. Throws 40485 on an unknown one. */
export function zoneOf(name: unknown): Zone {
  if (typeof name !== 'string') throw new ServerError(40517, 'timezone must evaluate to a string');
  const known = zones.get(name);
  if (known) return known;
  const zone = fixedZone(name) ?? namedZone(name);
  zones.set(name, zone);
  return zone;
}

function fixedZone(name: string): Zone | undefined {
  const match = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(name);
  if (!match) return undefined;
  const [, sign, hours, minutes = '0'] = match;
  const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === '-' ? -1 : 1);
  return () => offset;
}

/** Days of a named zone whose offset is remembered; when there are more, it starts anew. */
const REMEMBERED_DAYS = 20_000;

/** A named zone. Asking for its offset is slow, so each day's is kept when it is the same at both ends of the day. */
function namedZone(name: string): Zone {
  const format = formatOf(name);
  const starts = new Map<number, number>();
  const atStart = (day: number): number => {
    let offset = starts.get(day);
    if (offset === undefined) {
      offset = offsetBy(format, day * DAY_MS);
      if (starts.size >= REMEMBERED_DAYS) starts.clear();
      starts.set(day, offset);
    }
    return offset;
  };
  return (utc) => {
    const day = Math.floor(utc / DAY_MS);
    const offset = atStart(day);
    return offset === atStart(day + 1) ? offset : offsetBy(format, utc);
  };
}

/** A day before the last moment that a JavaScript date can be, and before zero after the first: local times are dates too. */
const LAST_MS = 8.64e15 - DAY_MS;

function offsetBy(format: Intl.DateTimeFormat, utc: number): number {
  // Beyond it there is no telling, and nothing that changes.
  const whole = Math.floor(Math.min(Math.max(utc, -LAST_MS), LAST_MS) / 1000) * 1000;
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(whole)) parts[type] = value;
  const year = Number(parts['year']);
  const local = new Date(0);
  local.setUTCFullYear(
    parts['era'] === 'BC' ? 1 - year : year,
    Number(parts['month']) - 1,
    Number(parts['day']),
  );
  local.setUTCHours(Number(parts['hour']), Number(parts['minute']), Number(parts['second']));
  return local.getTime() - whole;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new ServerError(40485, `unrecognized time zone identifier: "${timeZone}"`);
  }
}

/** The clock of a zone at an instant, as milliseconds that UTC getters read. */
export function toLocal(utc: number, zone: Zone): number {
  return utc + zone(utc);
}

/** The instant at which a zone's clock shows a time: the first of two, and after a gap as much later as the gap is wide. */
export function toUtc(local: number, zone: Zone): number {
  const before = zone(local - DAY_MS);
  if (zone(local - before) === before) return local - before;
  const after = zone(local + DAY_MS);
  return zone(local - after) === after ? local - after : local - before;
}
