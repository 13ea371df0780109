import type { Attempt } from '../../shared/attempt.ts';
import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import type { AccountsPort, Posted, ReversalOrder } from '../accounts-port.ts';
import type { MemberCapStore } from '../earning/member-cap-store.ts';
import type { IssuerNotEligible, NotFound, PointsSpent } from '../refusals.ts';
import { toRefusal } from './advance-purchase.ts';
import { type AttemptPorts, type AttemptStore, askLedger, beginAttempt, undoRefused } from './attempts.ts';
import type { PurchaseStore } from './purchase-store.ts';
import { givenBackAfter } from './return.ts';
import type { ReturnRecord, ReturnStore } from './return-store.ts';

/** What moving a return on needs. */
export interface AdvanceReturnPorts extends AttemptPorts {
  readonly purchases: Pick<PurchaseStore, 'byId' | 'count'>;
  readonly returns: Pick<ReturnStore, 'settle' | 'withdraw'> & AttemptStore<ReturnRecord>;
  readonly caps: Pick<MemberCapStore, 'add'>;
  readonly accounts: Pick<AccountsPort, 'reversePosting'>;
}

/** The return is recorded, or the ledger turned it down and nothing of it is left. */
export type AdvancedReturn =
  | { readonly kind: 'ADVANCED'; readonly record: ReturnRecord }
  | InvalidInput
  | NotFound
  | PointsSpent;

type Refused = Extract<Posted, { kind: 'REFUSED' }>;

/** Nobody is asked whether it may issue when points are taken back. */
function returnRefusal(refused: InvalidInput | NotFound | IssuerNotEligible): InvalidInput | NotFound {
  if (refused.kind === 'ISSUER_NOT_ELIGIBLE') throw new Error(`a return was refused with ${refused.kind}`);
  return refused;
}

/** Undoes what keeping the return did. Runs inside a transaction. */
async function withdraw(ports: AdvanceReturnPorts, record: ReturnRecord): Promise<void> {
  const purchase = await ports.purchases.byId(record.purchaseId);
  if (!purchase || !(await ports.returns.withdraw(record.id))) return;
  const lines = record.lines.map(({ lineId, quantity, points }) => {
    const place = purchase.lines.findIndex(({ id }) => id === lineId);
    const line = purchase.lines[place]!;
    const returnedQuantity = line.returnedQuantity - quantity;
    return { place, returnedQuantity, pointsReturned: line.pointsReturned - points };
  });
  const caps = record.caps.map((cap) => ({ ...cap, points: -cap.points }));
  const givenBack = givenBackAfter(purchase, caps);
  const counts = { lines, givenBack, pointsReturned: purchase.pointsReturned - record.points };
  if (!(await ports.purchases.count(purchase.id, purchase.revision, counts)))
    throw new Error(`purchase ${purchase.id} changed within a transaction on a snapshot`);
  await ports.caps.add(record.memberId, caps);
}

/**
 * Moves a return on: takes back in the ledger what its lines earned, and says so. Many may do it at once or again: the
 * ledger knows the reversal by a key made from the return's id. Throws ServiceUnavailable, and the return stays pending,
 * when the ledger's answer is not known, and Unsettled when it was refused while another attempt can still arrive. Once
 * none can, a refusal is final, so the return is withdrawn.
 */
export async function advanceReturn(
  ports: AdvanceReturnPorts,
  record: ReturnRecord,
): Promise<AdvancedReturn> {
  if (record.state === 'RECORDED') return { kind: 'ADVANCED', record };
  const begun = await beginAttempt(ports, ports.returns, record.id);
  return 'done' in begun
    ? { kind: 'ADVANCED', record: begun.done }
    : postReturn(ports, record, begun.attempt);
}

/** Moves a return on that was just kept with its first attempt. */
export const postKeptReturn = async (
  ports: AdvanceReturnPorts,
  record: ReturnRecord,
): Promise<AdvancedReturn> =>
  record.attempts?.[0] ? postReturn(ports, record, record.attempts[0]) : { kind: 'ADVANCED', record };

const reversalOrder = (record: ReturnRecord): ReversalOrder => ({
  idempotencyKey: `return:${record.id}:reverse`,
  postingId: record.earnPostingId!,
  lines: record.lines
    .filter(({ points }) => points > 0n)
    .map(({ lineId, points }) => ({ id: lineId, points })),
  externalRef: record.externalRef,
  reason: `Return ${record.externalRef}`,
});

async function postReturn(
  ports: AdvanceReturnPorts,
  record: ReturnRecord,
  attempt: Attempt,
): Promise<AdvancedReturn> {
  const { returns } = ports;
  const { id } = record;
  const posted = await askLedger(ports, returns, id, attempt, () =>
    ports.accounts.reversePosting(reversalOrder(record)),
  );
  if (posted.kind === 'REFUSED') {
    const done = await undoRefused(ports, returns, id, attempt, () => withdraw(ports, record));
    return done ? { kind: 'ADVANCED', record: done } : refusalOf(posted, record);
  }
  const settled = (await returns.settle(id, posted.postingId)) ?? (await returns.byId(id));
  if (!settled) throw new Error(`return ${id} was withdrawn although posting ${posted.postingId} is there`);
  return { kind: 'ADVANCED', record: { ...record, state: 'RECORDED', postingId: posted.postingId } };
}

/** What the ledger's refusal means to the till. */
function refusalOf(posted: Refused, record: ReturnRecord): InvalidInput | NotFound | PointsSpent {
  if (posted.code === 'NOT_REVERSIBLE')
    return invalidInput('input.lines', 'lines whose points were not reversed directly');
  if (posted.spent) return { kind: 'POINTS_SPENT', message: posted.message, ...posted.spent };
  return returnRefusal(toRefusal(posted, record.memberId, ''));
}
