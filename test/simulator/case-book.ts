import { holds, type Journal } from './journal.ts';
import type { CaseRow, EventRow } from './records.ts';

/** The steps of each case that have been seen, each as a text: none is ever changed. */
export type CaseBook = Map<string, readonly string[]>;

/** A step that is new, and in which case. */
export interface NewStep {
  readonly one: CaseRow;
  readonly act: string;
  readonly points: number;
}

/** What of a wallet a case has frozen. */
export const frozenIn = ({ parts }: CaseRow): number => parts.reduce((sum, { points }) => sum + points, 0);

/** Whether a case waits for somebody. */
export const isWaiting = ({ status }: CaseRow): boolean => ['OPEN', 'FROZEN', 'APPEALED'].includes(status);

function checkCase(journal: Journal, one: CaseRow): void {
  const told = () => JSON.stringify(one);
  const [frozen, taken] = [frozenIn(one), one.deducted - one.restituted];
  holds(
    'a case is over no more than it disputes',
    frozen <= one.disputed && one.deducted <= one.disputed,
    told,
  );
  holds('only a frozen case freezes', frozen > 0 === (one.status === 'FROZEN'), told);
  holds(
    'what a case took and gave back is in the journal',
    taken === (journal.accounts.get(`case:${one._id}`) ?? 0),
    told,
  );
  const persons = one.steps.slice(1).filter(({ act }) => act !== 'DISMISSED');
  holds(
    'nobody decides on the case that it opened',
    persons.every(({ by }) => by !== one.steps[0]!.by),
    told,
  );
}

/** Checks these cases and gives the steps that are new in them. */
export function enterCases(book: CaseBook, journal: Journal, cases: readonly CaseRow[]): NewStep[] {
  return cases.flatMap((one) => {
    const steps = one.steps.map((step) => JSON.stringify(step));
    const known = book.get(one._id) ?? [];
    holds(
      'no step of a case is ever changed or lost',
      known.every((step, i) => step === steps[i]),
      () => `${JSON.stringify(one)} was ${known.join()}`,
    );
    checkCase(journal, one);
    book.set(one._id, steps);
    return one.steps.slice(known.length).map(({ act, points }) => ({ one, act, points }));
  });
}

/** Each step is told once as what it was, and once as a notice to its member; nothing else is told of cases. */
export function checkCasesTold(steps: readonly NewStep[], events: readonly EventRow[]): void {
  const facts = events.filter(({ type }) => type.startsWith('jifen.case.'));
  const notices = events.filter(({ type }) => type === 'jifen.member.notice');
  const told = () => `${JSON.stringify(steps)} is told as ${JSON.stringify([...facts, ...notices])}`;
  const summed = (rows: readonly (readonly unknown[])[]) =>
    JSON.stringify(rows.map((row) => row.join()).sort());
  const shouldBe = steps.map(({ one, act, points }) => [one._id, act, points]);
  const is = facts.map(({ subject, data }) => [subject, data['act'], data['points']]);
  holds('each step of a case is told once', summed(is) === summed(shouldBe), told);
  const members = summed(steps.map(({ one }) => [one.memberId, one.walletId]));
  const noticed = summed(notices.map(({ subject, partition }) => [subject, partition]));
  holds('the member has a notice of each step of its cases', members === noticed, told);
}
