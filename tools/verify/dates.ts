import { Malformed, show } from './checks.ts';
import { textIn } from './proof-file.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whether a text is an instant in UTC as it is sealed, in one way only: `2026-03-01T10:00:00.000Z`. */
const isInstant = (text: string): boolean =>
  !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text;

/** A field that has to be an instant in UTC. */
export function instantIn(from: Fields, name: string): string {
  const text = textIn(from, name);
  if (!isInstant(text)) throw new Malformed(`\`${name}\` is ${show(text)}: no instant in UTC`);
  return text;
}

/** A field that has to be a day of the calendar, `2026-03-01`. */
export function dayIn(from: Fields, name: string): string {
  const text = textIn(from, name);
  if (!isInstant(`${text}T00:00:00.000Z`)) throw new Malformed(`\`${name}\` is ${show(text)}: no day`);
  return text;
}

/** The day after one. */
export const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00.000Z`) + 86_400_000).toISOString().slice(0, 10);

/** A field that has to be a month, `2026-03`, with its first instant and that after it. */
export function monthIn(from: Fields, name: string): { month: string; begin: string; end: string } {
  const month = textIn(from, name);
  const begin = `${month}-01T00:00:00.000Z`;
  if (!isInstant(begin)) throw new Malformed(`\`${name}\` is ${show(month)}: no month`);
  const after = new Date(begin);
  after.setUTCMonth(after.getUTCMonth() + 1);
  return { month, begin, end: after.toISOString() };
}
