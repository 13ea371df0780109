import { expect, test } from '@jest/globals';
import { checkCasesTold, enterCases } from './case-book.ts';
import { emptyJournal } from './journal.ts';
import type { CaseRow, EventRow } from './records.ts';

const at = new Date('2026-01-01T08:00:00Z');
const step = (act: string, by: string | null, points = 0) => ({ id: `step_${act}`, act, by, at, points });

const opened: CaseRow = {
  ...{ _id: 'case_1', walletId: 'w', memberId: 'm', status: 'OPEN', disputed: 10, parts: [] },
  ...{ deducted: 0, restituted: 0, lapsesAt: at, appealableUntil: null },
  steps: [step('OPENED', 'operator:ann')],
};

const frozen: CaseRow = {
  ...opened,
  status: 'FROZEN',
  parts: [{ lotId: 'a', points: 10 }],
  steps: [...opened.steps, step('FROZEN', 'operator:bob', 10)],
};

test('of cases that were seen before only the new steps are given', () => {
  const [book, journal] = [new Map(), emptyJournal()];

  expect(enterCases(book, journal, [opened]).map(({ act }) => act)).toEqual(['OPENED']);
  expect(enterCases(book, journal, [frozen]).map(({ act, points }) => [act, points])).toEqual([
    ['FROZEN', 10],
  ]);
  expect(enterCases(book, journal, [frozen])).toEqual([]);
});

test.each<[string, CaseRow]>([
  ['a case is over no more than it disputes', { ...frozen, parts: [{ lotId: 'a', points: 11 }] }],
  ['only a frozen case freezes', { ...frozen, status: 'LAPSED' }],
  ['only a frozen case freezes', { ...frozen, parts: [] }],
  ['what a case took and gave back is in the journal', { ...opened, status: 'UPHELD', deducted: 5 }],
  [
    'nobody decides on the case that it opened',
    { ...frozen, steps: [...opened.steps, step('FROZEN', 'operator:ann', 10)] },
  ],
  ['no step of a case is ever changed or lost', { ...frozen, steps: frozen.steps.slice(1) }],
])('%s, or the case is refused', (invariant, row) => {
  const [book, journal] = [new Map(), emptyJournal()];
  enterCases(book, journal, [opened]);

  expect(() => enterCases(book, journal, [row])).toThrow(`${invariant}: `);
});

test('a step is told once, and its member is noticed', () => {
  const steps = enterCases(new Map(), emptyJournal(), [opened]);
  const event: EventRow = {
    ...{ _id: 'evt_1', eventId: '1', subscriber: 'webhooks', audience: [], partition: 'w', sequence: 1 },
    ...{ type: 'jifen.case.opened', subject: 'case_1', data: { act: 'OPENED', points: 0 } },
  };
  const notice = { ...event, type: 'jifen.member.notice', subject: 'm', data: {} };

  expect(() => checkCasesTold(steps, [event, notice])).not.toThrow();
  expect(() => checkCasesTold(steps, [notice])).toThrow('each step of a case is told once: ');
  expect(() => checkCasesTold(steps, [event, event, notice])).toThrow('each step of a case is told once: ');
  expect(() => checkCasesTold(steps, [{ ...event, data: { act: 'FROZEN', points: 0 } }, notice])).toThrow(
    'each step of a case is told once: ',
  );
  expect(() => checkCasesTold(steps, [event])).toThrow('the member has a notice of each step of its cases: ');
});
