import type { Posting } from '../ledger/posting.ts';
import { broken, total, type Violation } from '../ledger/violation.ts';
import type { Wallet } from '../ledger/wallet.ts';
import { type Case, type CaseAct, frozenNow, isLive, isOpen, openerOf } from './case.ts';

/** What the journal says of cases: points by case and kind of posting. */
export type JournalCases = Map<string, Map<string, bigint>>;

/** Counts a posting if it is of a case. */
export function addJournalCase(cases: JournalCases, { caseId, kind, points }: Posting): void {
  if (typeof caseId !== 'string') return;
  const known = cases.get(caseId) ?? new Map<string, bigint>();
  cases.set(caseId, known.set(kind, (known.get(kind) ?? 0n) + points));
}

const pointsOf = ({ steps }: Case, act: CaseAct): bigint =>
  total(steps.flatMap((step) => (step.act === act ? [step.points] : [])));

/** What is wrong with a case, given what the journal says of it. */
export function caseViolations(one: Case, journal: ReadonlyMap<string, bigint>): Violation[] {
  const posted = (kind: string): bigint => journal.get(kind) ?? 0n;
  const { frozen, deducted, restituted, disputed, steps } = one;
  const ended = pointsOf(one, 'DISMISSED') + pointsOf(one, 'LAPSED');
  const inStep =
    posted('FREEZE') === pointsOf(one, 'FROZEN') &&
    posted('UNFREEZE') === ended &&
    posted('DEDUCT') === pointsOf(one, 'UPHELD') &&
    posted('RESTITUTE') === pointsOf(one, 'OVERTURNED');
  const asPosted =
    posted('FREEZE') === frozen && posted('DEDUCT') === deducted && posted('RESTITUTE') === restituted;
  const opener = openerOf(one);
  const others = steps.filter(({ act }) => ['FROZEN', 'CONFIRMED', 'UPHELD'].includes(act));
  const judges = steps.filter(({ act }) => ['APPEAL_REJECTED', 'OVERTURNED'].includes(act));
  const earlier = new Set([opener, ...others.map(({ by }) => by)]);
  return broken(one.id, [
    [
      'CASE_EQUALS_JOURNAL',
      inStep && asPosted,
      () =>
        `it froze ${frozen}, deducted ${deducted} and gave back ${restituted}; the journal says ${posted('FREEZE')}, ${posted('DEDUCT')} and ${posted('RESTITUTE')}`,
    ],
    [
      'CASE_WITHIN_DISPUTE',
      deducted <= frozen && frozen <= disputed && restituted <= deducted,
      () =>
        `of ${disputed} disputed points ${frozen} were frozen, ${deducted} deducted, ${restituted} given back`,
    ],
    [
      'CASE_DECIDED_BY_OTHERS',
      others.every(({ by }) => by !== null && by !== opener) && judges.every(({ by }) => !earlier.has(by)),
      () => 'somebody decided who had a part in it before',
    ],
    [
      'CASE_FROZEN_WHILE_LIVE',
      (one.status === 'FROZEN') === one.parts.length > 0 && isLive(one) === (one.lapsesAt !== null),
      () => `it is ${one.status} and holds ${frozenNow(one)} points`,
    ],
  ]);
}

/** What is wrong with what a wallet says of its cases; and with postings of cases that are not there. */
export function walletCaseViolations(wallet: Wallet, cases: readonly Case[]): Violation[] {
  const frozen = total(cases.map(frozenNow));
  const open = cases.filter(isOpen).length;
  // A wallet of before there were cases has no such fields.
  const [says, counts] = [wallet.frozen ?? 0n, wallet.openCases ?? 0];
  return broken(wallet.id, [
    [
      'WALLET_EQUALS_CASES',
      says === frozen && counts === open,
      () => `${says} points are frozen and ${counts} cases open; its cases: ${frozen} and ${open}`,
    ],
  ]);
}

/** What is wrong with cases and with the journal of some wallets, of which these are all cases. */
export function casesViolations(cases: readonly Case[], journal: JournalCases): Violation[] {
  const known = new Set(cases.map(({ id }) => id));
  const lost = [...journal.keys()].filter((id) => !known.has(id));
  return [
    ...cases.flatMap((one) => caseViolations(one, journal.get(one.id) ?? new Map<string, bigint>())),
    ...lost.map((id) => ({
      invariant: 'CASE_EQUALS_JOURNAL' as const,
      id,
      message: 'points moved in a case that is not there',
    })),
  ];
}
