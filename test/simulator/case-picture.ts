import type { ModelCase } from '../rules/ledger/reference-cases.ts';
import { frozenIn } from './case-book.ts';
import type { CaseRow } from './records.ts';
import type { Read } from './world.ts';

/** The most that one page holds. */
export const mostCases = 100;

/** What a query about a member says of its cases. */
export const casesSeen = `cases(first: ${mostCases}) { edges { node { status disputed frozen deducted restituted lapsesAt
  appealableUntil history { act by at points } } } }`;

/** How a case stands and what was done in it. */
export interface CasePicture {
  readonly status: string;
  readonly points: readonly number[];
  readonly dates: readonly (number | null)[];
  readonly steps: readonly (readonly (string | number | null)[])[];
}

/** A case as an answer tells it. */
export const answeredCase = (one: Read): CasePicture => ({
  status: one.status,
  points: [one.disputed, one.frozen, one.deducted, one.restituted],
  dates: [one.lapsesAt, one.appealableUntil].map((date) => date && Date.parse(date)),
  steps: one.history.map(({ act, by, at, points }: Read) => [act, by, Date.parse(at), points]),
});

/** A case as it is stored. */
export const storedCase = (one: CaseRow): CasePicture => ({
  status: one.status,
  points: [one.disputed, frozenIn(one), one.deducted, one.restituted],
  dates: [one.lapsesAt, one.appealableUntil].map((date) => date?.getTime() ?? null),
  steps: one.steps.map(({ act, by, at, points }) => [act, by, at.getTime(), points]),
});

/** A case as the model has it. */
export const modelledCase = (one: ModelCase): CasePicture => ({
  status: one.status,
  points: [one.disputed, one.parts.reduce((sum, part) => sum + part.points, 0), one.deducted, one.restituted],
  dates: [one.lapsesAt, one.appealableUntil],
  steps: one.steps.map(({ act, by, at, points }) => [act, by, at, points]),
});
