import { isDuplicateKey } from '../../shared/mongo.ts';
import type { IdempotencyConflict } from '../../shared/refusal.ts';
import type { MemberCapStore } from '../earning/member-cap-store.ts';
import { type AttemptPorts, newAttempt } from './attempts.ts';
import type { Purchase, RequestIdentity } from './purchase.ts';
import type { RecordReturn } from './purchase-input.ts';
import type { PurchaseStore, ReturnCounts } from './purchase-store.ts';
import type { PurchaseConflict } from './record-purchase.ts';
import { givenBackAfter, type NothingToReturn, planReturn, type ReturnPlan } from './return.ts';
import type { KeptReturn, ReturnRecord, ReturnStore } from './return-store.ts';

/** What keeping a return needs. */
export interface KeepReturnPorts extends Pick<AttemptPorts, 'transaction' | 'clock' | 'newId'> {
  readonly purchases: Pick<PurchaseStore, 'byId' | 'count'>;
  readonly returns: Pick<ReturnStore, 'insert' | 'byKey' | 'byRef'>;
  readonly caps: Pick<MemberCapStore, 'add'>;
}

/** A return to keep. */
export interface ReturnToKeep {
  readonly identity: RequestIdentity;
  readonly input: RecordReturn;
  /** As it was read; read again if it has changed since. */
  readonly purchase: Purchase;
  readonly at: Date;
  readonly now: Date;
}

/** It is kept, or the same was kept before, or why it is not. */
export type ReturnKept =
  | { readonly kind: 'KEPT'; readonly record: ReturnRecord }
  | { readonly kind: 'SAME'; readonly record: ReturnRecord }
  | NothingToReturn
  | IdempotencyConflict
  | PurchaseConflict;

const attemptsMax = 200;

/** The return, with the attempt to post it that follows. */
function toRecord(
  ports: KeepReturnPorts,
  order: ReturnToKeep,
  purchase: Purchase,
  plan: ReturnPlan,
): ReturnRecord {
  const pending = plan.points > 0n;
  return {
    id: ports.newId('ret'),
    purchaseId: purchase.id,
    merchantId: purchase.merchantId,
    memberId: purchase.memberId,
    externalRef: order.input.externalRef,
    at: order.at,
    state: pending ? 'PENDING' : 'RECORDED',
    lines: plan.lines,
    points: plan.points,
    postingId: null,
    earnPostingId: purchase.postingId,
    revision: purchase.revision + 1,
    caps: plan.caps,
    ...(pending ? { attempts: [newAttempt(ports)] } : {}),
  };
}

function countsAfter(purchase: Purchase, plan: ReturnPlan): ReturnCounts {
  const places = new Map(purchase.lines.map(({ id }, place) => [id, place]));
  const lines = plan.lines.map(({ lineId, quantity, points }) => {
    const place = places.get(lineId)!;
    const line = purchase.lines[place]!;
    const returnedQuantity = line.returnedQuantity + quantity;
    return { place, returnedQuantity, pointsReturned: line.pointsReturned + points };
  });
  const givenBack = givenBackAfter(purchase, plan.caps);
  return { lines, givenBack, pointsReturned: purchase.pointsReturned + plan.points };
}

/** Counts the units and keeps the return, together. Null if the purchase changed or a key was used meanwhile. */
async function write(
  ports: KeepReturnPorts,
  order: ReturnToKeep,
  purchase: Purchase,
  plan: ReturnPlan,
): Promise<ReturnRecord | null> {
  const record = toRecord(ports, order, purchase, plan);
  try {
    return await ports.transaction(async () => {
      const { id, revision } = purchase;
      if (!(await ports.purchases.count(id, revision, countsAfter(purchase, plan)))) return null;
      await ports.returns.insert(record, order.identity, order.now);
      await ports.caps.add(purchase.memberId, plan.caps);
      return record;
    });
  } catch (error) {
    if (isDuplicateKey(error)) return null;
    throw error;
  }
}

async function sameOf(
  ports: KeepReturnPorts,
  { identity, input, purchase }: ReturnToKeep,
): Promise<{ readonly settled: ReturnKept | null; readonly other: KeptReturn | null }> {
  const [byKey, byRef] = await Promise.all([
    ports.returns.byKey(identity.caller, identity.idempotencyKey),
    ports.returns.byRef(purchase.merchantId, input.externalRef),
  ]);
  const conflict = { kind: 'IdempotencyConflict', idempotencyKey: identity.idempotencyKey } as const;
  if (byKey && byKey.inputHash !== identity.inputHash) return { settled: conflict, other: null };
  const same = byKey ?? (byRef?.contentHash === identity.contentHash ? byRef : null);
  return { settled: same && { kind: 'SAME', record: same.record }, other: byRef };
}

/**
 * Keeps a return, decided on the purchase's newest revision: two returns at once are decided one after the other, so
 * together they never take more of a line than there is.
 */
export async function keepReturn(ports: KeepReturnPorts, order: ReturnToKeep): Promise<ReturnKept> {
  let { purchase } = order;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const { settled, other } = await sameOf(ports, order);
    if (settled) return settled;
    const plan = planReturn(purchase, order.input.lines ?? null);
    if (plan.kind === 'PLAN' && other) {
      const first = (await ports.purchases.byId(other.record.purchaseId))!;
      return { kind: 'PURCHASE_CONFLICT', purchase: first };
    }
    const record = plan.kind === 'PLAN' ? await write(ports, order, purchase, plan) : null;
    if (record) return { kind: 'KEPT', record };
    const newest = (await ports.purchases.byId(purchase.id))!;
    if (plan.kind !== 'PLAN' && newest.revision === purchase.revision) return plan;
    purchase = newest;
  }
  throw new Error(`purchase ${purchase.id} kept changing`);
}
