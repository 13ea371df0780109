import { caseAccount } from '../ledger/account.ts';
import type { Draft } from '../ledger/draft.ts';
import { allocate, closeEvent, credit, move, openEvent } from '../ledger/event.ts';
import type { Posting } from '../ledger/posting.ts';
import { returnsOf, unreturned } from '../ledger/reverse-spend.ts';
import { settle } from '../ledger/spending.ts';
import type { Case } from './case.ts';

/** Gives all that was deducted back to the very lots it came from, then pays arrears. */
export function restitute(draft: Draft, one: Case, deduction: Posting): Posting {
  const { walletId, id: caseId } = one;
  const { points, id: reverses } = deduction;
  const event = openEvent(draft, walletId);
  for (const { lot, expiresAt, points: part } of returnsOf(
    draft,
    walletId,
    unreturned(deduction, []),
    points,
  ))
    allocate(event, lot, { points: part, remaining: part, set: { expiresAt } });
  move(event, walletId, 'available', points);
  credit(event, caseAccount(caseId), -points);
  settle(event, walletId);
  const effect = { deducted: -points };
  return closeEvent(event, { kind: 'RESTITUTE', at: draft.now, points, caseId, reverses, effect });
}
