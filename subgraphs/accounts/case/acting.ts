import { notFound } from '../../shared/refusal.ts';
import { walletIdOf } from '../ledger/account.ts';
import type { CommonRefusal } from '../ledger/command.ts';
import { type Draft, walletIn } from '../ledger/draft.ts';
import { advance } from '../ledger/due.ts';
import { least } from '../ledger/least.ts';
import { recall } from '../ledger/returning.ts';
import {
  appealHours,
  type Case,
  type CaseAct,
  type CaseStep,
  evidenceKeyId,
  frozenNow,
  hoursAfter,
  lapseHours,
  mostFrozenHours,
  mostOpenCases,
  openerOf,
  tookPart,
  withStep,
} from './case.ts';
import type {
  AppealAct,
  CaseActInput,
  CaseCommand,
  CaseRefusal,
  OpenAct,
  PlainAct,
  UpholdAct,
} from './case-command.ts';
import { deduct, deductibleOf, freeze, release } from './freezing.ts';
import { putCase } from './lapsing.ts';
import { restitute } from './restituting.ts';

type Result = Case | CommonRefusal | CaseRefusal;

/** What a step says besides what it moves. */
const stepOf = (draft: Draft, by: string, act: CaseAct, input: CaseActInput, points = 0n): CaseStep => ({
  id: draft.newId('step'),
  act,
  at: draft.now,
  by,
  statement: input.statement,
  evidence: 'evidence' in input ? input.evidence : [],
  points,
});

const stands = ({ status }: Case): CaseRefusal => ({ kind: 'CaseStands', status });

const notIndependent: CaseRefusal = { kind: 'NotIndependent' };

function keep(draft: Draft, before: Case | null, next: Case): Case {
  putCase(draft, next, before);
  return next;
}

function open(draft: Draft, by: string, act: OpenAct): Result {
  const { memberId, programme, merchantId, reason, disputed } = act;
  if (!draft.view.terms(programme)) return notFound('PROGRAMME', programme);
  const walletId = walletIdOf(memberId, programme);
  if (walletIn(draft, walletId).closedAt !== null) return notFound('MEMBER', memberId);
  advance(draft, walletId);
  if (walletIn(draft, walletId).openCases >= mostOpenCases)
    return { kind: 'TooManyCases', limit: mostOpenCases };
  return keep(draft, null, {
    id: draft.newId('case'),
    ...{ walletId, memberId, programme, merchantId, reason, disputed },
    status: 'OPEN',
    parts: [],
    frozen: 0n,
    deducted: 0n,
    restituted: 0n,
    deductPostingId: null,
    lapsesAt: hoursAfter(draft.now, lapseHours),
    appealableUntil: null,
    steps: [stepOf(draft, by, 'OPENED', act)],
  });
}

/**
 * Freezes what of the disputed points the member has now: in its wallet, and then in its household's pool, from which they
 * come back to it first. What comes later is not frozen.
 */
function freezePoints(draft: Draft, by: string, act: PlainAct, one: Case): Result {
  if (by === openerOf(one)) return notIndependent;
  if (one.status !== 'OPEN') return stands(one);
  const used = one.steps[0]!.evidence.find(({ sha256 }) =>
    draft.view.key(evidenceKeyId(one.walletId, sha256)),
  );
  if (used) return { kind: 'EvidenceUsed', sha256: used.sha256 };
  recall(draft, one, one.disputed, advance);
  const points = least(one.disputed, walletIn(draft, one.walletId).available);
  if (points === 0n) return { kind: 'NothingToFreeze' };
  const parts = freeze(draft, one, points);
  const lapsesAt = hoursAfter(draft.now, lapseHours);
  const step = stepOf(draft, by, 'FROZEN', act, points);
  return keep(draft, one, withStep(one, step, { status: 'FROZEN', parts, frozen: points, lapsesAt }));
}

const lastAt = (one: Case, act: CaseAct): Date | null =>
  one.steps.findLast((step) => step.act === act)?.at ?? null;

/** Lets a freeze stand beyond its first hours, up to the most that any freeze may last. */
function confirm(draft: Draft, by: string, act: PlainAct, one: Case): Result {
  if (by === openerOf(one)) return notIndependent;
  if (one.status !== 'FROZEN' || lastAt(one, 'CONFIRMED')) return stands(one);
  const lapsesAt = hoursAfter(lastAt(one, 'FROZEN')!, mostFrozenHours);
  return keep(draft, one, withStep(one, stepOf(draft, by, 'CONFIRMED', act), { lapsesAt }));
}

/** Ends a case in the member's favour: whoever opened it may do that too. */
function dismiss(draft: Draft, by: string, act: PlainAct, one: Case): Result {
  if (one.status !== 'OPEN' && one.status !== 'FROZEN') return stands(one);
  const step = stepOf(draft, by, 'DISMISSED', act, frozenNow(one));
  release(draft, one, draft.now);
  return keep(draft, one, withStep(one, step, { status: 'DISMISSED', parts: [], lapsesAt: null }));
}

function uphold(draft: Draft, by: string, act: UpholdAct, one: Case): Result {
  if (by === openerOf(one)) return notIndependent;
  if (one.status !== 'FROZEN') return stands(one);
  const deductible = deductibleOf(draft, one);
  if (act.points > deductible) return { kind: 'MoreThanDeductible', deductible };
  const posting = deduct(draft, one, act.points);
  const changes = {
    status: 'UPHELD',
    parts: [],
    deducted: act.points,
    deductPostingId: posting.id,
    lapsesAt: null,
    appealableUntil: hoursAfter(draft.now, appealHours),
  } as const;
  return keep(draft, one, withStep(one, stepOf(draft, by, 'UPHELD', act, act.points), changes));
}

function appeal(draft: Draft, by: string, act: AppealAct, one: Case): Result {
  // Whoever is erased gives up its appeal, even with a session that is still good.
  if (walletIn(draft, one.walletId).closedAt !== null) return notFound('CASE', one.id);
  if (one.status !== 'UPHELD') return stands(one);
  const until = one.appealableUntil!;
  if (draft.now >= until) return { kind: 'TooLateToAppeal', until };
  return keep(draft, one, withStep(one, stepOf(draft, by, 'APPEALED', act), { status: 'APPEALED' }));
}

/** Decides an appeal. Nobody who had a part in the case before may. */
function decideAppeal(draft: Draft, by: string, act: PlainAct, one: Case): Result {
  if (tookPart(one, by)) return notIndependent;
  if (one.status !== 'APPEALED') return stands(one);
  if (act.type === 'REJECT_APPEAL') {
    const step = stepOf(draft, by, 'APPEAL_REJECTED', act);
    return keep(draft, one, withStep(one, step, { status: 'APPEAL_REJECTED' }));
  }
  const deduction = draft.view.posting(one.deductPostingId!);
  if (!deduction) throw new Error(`the deduction of ${one.id} was not loaded`);
  const { points } = restitute(draft, one, deduction);
  const step = stepOf(draft, by, 'OVERTURNED', act, points);
  return keep(draft, one, withStep(one, step, { status: 'OVERTURNED', restituted: points }));
}

function proceed(draft: Draft, by: string, act: Exclude<CaseActInput, OpenAct>, one: Case): Result {
  switch (act.type) {
    case 'FREEZE':
      return freezePoints(draft, by, act, one);
    case 'CONFIRM':
      return confirm(draft, by, act, one);
    case 'DISMISS':
      return dismiss(draft, by, act, one);
    case 'UPHOLD':
      return uphold(draft, by, act, one);
    case 'APPEAL':
      return appeal(draft, by, act, one);
    case 'REJECT_APPEAL':
    case 'OVERTURN':
      return decideAppeal(draft, by, act, one);
  }
}

/**
 * Does something in a case, if the case as it stands now allows exactly that to exactly this person. Points are frozen,
 * deducted and given back here and nowhere else.
 */
export function actOnCase(draft: Draft, { act, caller }: CaseCommand): Result {
  if (act.type === 'OPEN') return open(draft, caller, act);
  const found = draft.view.case(act.caseId);
  if (!found || (act.type === 'APPEAL' && found.memberId !== act.memberId))
    return notFound('CASE', act.caseId);
  // What fell due is applied first, so that a decision that comes too late meets a case that has lapsed.
  advance(draft, found.walletId);
  return proceed(draft, caller, act, draft.cases.get(found.id) ?? found);
}
