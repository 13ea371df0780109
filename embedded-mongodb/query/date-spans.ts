import { addMonths, DAY_MS, dayOf, LENGTH_MS, MONTHS, type Unit } from './date-calendar.ts';
import { toLocal, toUtc, type Zone } from './date-zone.ts';

/** An instant so many units later: months, weeks and days on the zone's calendar, shorter units on the clock of UTC. */
export function addUnits(utc: number, unit: Unit, amount: number, zone: Zone): number {
  const months = MONTHS[unit];
  if (months !== undefined) return toUtc(addMonths(toLocal(utc, zone), months * amount), zone);
  const length = LENGTH_MS[unit] as number;
  return length >= DAY_MS ? toUtc(toLocal(utc, zone) + amount * length, zone) : utc + amount * length;
}

function monthsSinceZero(local: number): number {
  const date = new Date(local);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** Days from the first such weekday of 1970, so that dividing by seven counts weeks that start on it. */
function daysFromWeekday(local: number, startOfWeek: number): number {
  const thursday = 4;
  return Math.floor(local / DAY_MS) + ((thursday - startOfWeek + 7) % 7);
}

/** How many boundaries of a unit lie between two instants. */
export function unitsBetween(
  start: number,
  end: number,
  unit: Unit,
  zone: Zone,
  startOfWeek: number,
): number {
  const [from, to] = [toLocal(start, zone), toLocal(end, zone)];
  const months = MONTHS[unit];
  if (months !== undefined) {
    return Math.floor(monthsSinceZero(to) / months) - Math.floor(monthsSinceZero(from) / months);
  }
  if (unit === 'week') {
    return (
      Math.floor(daysFromWeekday(to, startOfWeek) / 7) - Math.floor(daysFromWeekday(from, startOfWeek) / 7)
    );
  }
  const length = LENGTH_MS[unit] as number;
  if (unit === 'day') return Math.floor(to / length) - Math.floor(from / length);
  if (unit !== 'hour') return Math.floor(end / length) - Math.floor(start / length);
  // A clock that was put forward shows an hour more than has passed.
  const shift = Math.trunc((zone(end) - zone(start)) / length);
  return Math.floor(to / length) - Math.floor(from / length) - shift;
}

/** The start of the bin of so many units that an instant lies in; bins are counted from the start of the year 2000. */
export function truncate(utc: number, unit: Unit, binSize: number, zone: Zone, startOfWeek: number): number {
  const months = MONTHS[unit];
  if (months !== undefined) {
    const size = months * binSize;
    const since = monthsSinceZero(toLocal(utc, zone)) - 2000 * 12;
    return toUtc(dayOf(2000, 1 + Math.floor(since / size) * size, 1), zone);
  }
  const size = (LENGTH_MS[unit] as number) * binSize;
  const first = dayOf(2000, 1, 1);
  if (size < DAY_MS || unit === 'hour' || unit === 'minute' || unit === 'second' || unit === 'millisecond') {
    const reference = toUtc(first, zone);
    return reference + Math.floor((utc - reference) / size) * size;
  }
  const reference =
    unit === 'week' ? first + ((startOfWeek - new Date(first).getUTCDay() + 7) % 7) * DAY_MS : first;
  return toUtc(reference + Math.floor((toLocal(utc, zone) - reference) / size) * size, zone);
}
