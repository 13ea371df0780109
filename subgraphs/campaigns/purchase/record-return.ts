import { callerName } from '../../shared/caller.ts';
import { inputHash } from '../../shared/idempotency.ts';
import { type IdempotencyConflict, type InvalidInput, invalidInput, notFound } from '../../shared/refusal.ts';
import type { AccountsPort } from '../accounts-port.ts';
import type { MemberCapStore } from '../earning/member-cap-store.ts';
import type { NotFound, PointsSpent } from '../refusals.ts';
import { advancePurchase } from './advance-purchase.ts';
import { advanceReturn, postKeptReturn } from './advance-return.ts';
import type { AttemptPorts } from './attempts.ts';
import { keepReturn } from './keep-return.ts';
import type { Purchase, PurchaseReturn } from './purchase.ts';
import { checkReferences, checkReturn, type RecordReturn } from './purchase-input.ts';
import type { PurchaseStore } from './purchase-store.ts';
import type { MerchantCaller, PurchaseConflict } from './record-purchase.ts';
import type { NothingToReturn } from './return.ts';
import type { ReturnRecord, ReturnStore } from './return-store.ts';

/** What recording a return needs. */
export interface RecordReturnPorts extends AttemptPorts {
  readonly purchases: PurchaseStore;
  readonly returns: ReturnStore;
  readonly caps: MemberCapStore;
  readonly accounts: Pick<AccountsPort, 'postEarn' | 'reversePosting'>;
}

/** What came of it. */
export type ReturnRecording =
  | {
      readonly kind: 'RETURNED';
      readonly purchase: Purchase;
      readonly returned: PurchaseReturn;
      readonly replayed: boolean;
    }
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | NothingToReturn
  | PurchaseConflict
  | PointsSpent;

/** The caller's own purchase, by id or reference, or null. */
async function purchaseOf(
  ports: RecordReturnPorts,
  caller: MerchantCaller,
  input: RecordReturn,
): Promise<Purchase | null> {
  const { purchaseId, purchaseExternalRef } = input;
  const found = purchaseId
    ? await ports.purchases.byId(purchaseId)
    : ((await ports.purchases.byRef(caller.merchantId, purchaseExternalRef!))?.purchase ?? null);
  return found?.merchantId === caller.merchantId ? found : null;
}

async function finish(
  ports: RecordReturnPorts,
  record: ReturnRecord,
  replayed: boolean,
): Promise<ReturnRecording> {
  const advanced = await (replayed ? advanceReturn : postKeptReturn)(ports, record);
  if (advanced.kind !== 'ADVANCED') return advanced;
  const purchase = (await ports.purchases.byId(record.purchaseId))!;
  return { kind: 'RETURNED', purchase, returned: advanced.record, replayed };
}

/** Null if the lines are the purchase's and the return is not older than it. */
function misfit(purchase: Purchase, input: RecordReturn): InvalidInput | NotFound | null {
  if (input.at && input.at < purchase.at)
    return invalidInput('input.at', 'an instant not before the purchase');
  const known = new Set(purchase.lines.map(({ id }) => id));
  const unknown = input.lines?.find(({ id }) => !known.has(id));
  return unknown ? notFound('LINE', unknown.id) : null;
}

const contentOf = (input: RecordReturn, purchaseId: string) =>
  inputHash({ purchaseId, at: input.at, lines: input.lines });

/**
 * Records a return and takes back what its lines earned. A saga: the units that came back are counted in the purchase and
 * the return is kept in one transaction, then the ledger reverses, then the return says so.
 */
export async function recordReturn(
  ports: RecordReturnPorts,
  caller: MerchantCaller,
  input: RecordReturn,
): Promise<ReturnRecording> {
  const now = ports.clock.now();
  const fault = checkReturn(input, now);
  if (fault) return fault;
  const { idempotencyKey } = input;
  const request = { caller: callerName(caller), idempotencyKey, inputHash: inputHash(input) };
  const [known, found] = await Promise.all([
    ports.returns.byKey(request.caller, idempotencyKey),
    purchaseOf(ports, caller, input),
  ]);
  if (known && known.inputHash !== request.inputHash) return { kind: 'IdempotencyConflict', idempotencyKey };
  if (known) return finish(ports, known.record, true);
  const odd = checkReferences(input.externalRef);
  if (odd) return odd;
  const named = notFound('PURCHASE', input.purchaseId || input.purchaseExternalRef || '');
  if (!found) return named;
  const wrong = misfit(found, input);
  if (wrong) return wrong;
  // What a pending purchase earned is not posted yet, so there is nothing to reverse before it is.
  const advanced = await advancePurchase(ports, found);
  if (advanced.kind !== 'ADVANCED') return named;
  const identity = { ...request, contentHash: contentOf(input, found.id) };
  const kept = await keepReturn(ports, {
    identity,
    input,
    purchase: advanced.record,
    at: input.at ?? now,
    now,
  });
  if (kept.kind === 'KEPT') return finish(ports, kept.record, false);
  return kept.kind === 'SAME' ? finish(ports, kept.record, true) : kept;
}
