import type { GraphQLArgument } from 'graphql';
import { checkFirst, decodeCursor, mostOfPage } from './connection.ts';
import { badUserInput } from './errors.ts';
import { isLocale } from './locale.ts';
import { isMonthName } from './month-name.ts';

const mostDays = 3_660;

/** Refuses to look further ahead than some ten years, or back. */
export function checkWithinDays(days: number): void {
  if (days < 0 || days > mostDays) throw badUserInput(`withinDays: must be 0 to ${mostDays}, got ${days}`);
}

/** Throws what a resolver throws if a value, not null, is none that it takes. */
export type ArgumentRule = (value: unknown, argument: GraphQLArgument) => void;

/**
 * What arguments of fields must be beyond their types, by their names: a name means the same on every field. So whoever has
 * the schema can tell what is wrong before anything is resolved, but for a cursor that another list gave.
 */
export const argumentRules: Readonly<Record<string, ArgumentRule>> = {
  // A list that gives more than a page unless told otherwise gives at most that.
  first: (value, { defaultValue }) =>
    checkFirst(Number(value), Math.max(mostOfPage, Number(defaultValue ?? 0))),
  after: (value) => {
    if (value !== '') decodeCursor(String(value));
  },
  withinDays: (value) => checkWithinDays(Number(value)),
  month: (value) => {
    if (!isMonthName(String(value))) throw badUserInput('month: must be a month written YYYY-MM');
  },
  locale: (value) => {
    if (!isLocale(value)) throw badUserInput('locale: must be zh-CN or en');
  },
};
