import type { Caller } from '../../shared/caller.ts';
import type { CataloguePorts } from '../ports.ts';
import { type IdempotencyConflict, type InvalidInput, type NotFound, notFound } from '../refusal.ts';
import { checkKey, checkSame, checkText, identify, type RequestIdentity } from '../request.ts';
import { advanceRedemption } from './advance-redemption.ts';
import { KeyTaken, mayManageRedemption, type Redemption } from './redemption.ts';

/** What the caller asks for. */
export interface CancelRedemptionInput {
  readonly idempotencyKey: string;
  readonly redemptionId: string;
  readonly reason: string;
}

/** What came of it. NotCancellable: its voucher was consumed, or it was not confirmed. */
export type CancelRedemptionOutcome =
  | { readonly kind: 'RedemptionCancelled'; readonly redemption: Redemption; readonly replayed: boolean }
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | { readonly kind: 'NotCancellable'; readonly redemption: Redemption };

/**
 * Undoes a redemption whose voucher was not consumed. Voiding the voucher and turning the record to CANCELLING is one
 * transaction, so that either the cancellation or the till gets the voucher; points and stock follow step by step.
 * Throws ServiceUnavailable where accounts gives no answer; the sweeper or the same request sent again finishes it.
 */
export async function cancelRedemption(
  ports: CataloguePorts,
  caller: Caller,
  input: CancelRedemptionInput,
): Promise<CancelRedemptionOutcome> {
  const invalid = checkKey(input.idempotencyKey) ?? checkText('input.reason', input.reason, 1, 500);
  if (invalid) return invalid;
  const request = identify(caller, input);
  const earlier = await resume(ports, request);
  if (earlier) return earlier;
  const redemption = await ports.redemptions.find(input.redemptionId);
  if (!redemption || !mayManageRedemption(caller, redemption))
    return notFound('REDEMPTION', input.redemptionId);
  try {
    const started = await start(ports, redemption, request, input.reason.trim());
    if (started) return await finish(ports, started, false);
  } catch (error) {
    if (!(error instanceof KeyTaken)) throw error;
  }
  // Somebody else was faster: this same request sent twice at once, another cancellation, or the till.
  const now = (await ports.redemptions.find(redemption.id)) ?? redemption;
  return (await resume(ports, request)) ?? { kind: 'NotCancellable', redemption: now };
}

/** Carries on with what this request began before; null if it began nothing. */
async function resume(
  ports: CataloguePorts,
  request: RequestIdentity,
): Promise<CancelRedemptionOutcome | null> {
  const earlier = await ports.redemptions.findByCancellation(request.caller, request.key);
  if (!earlier?.cancellation) return null;
  return checkSame(earlier.cancellation, request) ?? finish(ports, earlier, true);
}

function start(
  ports: CataloguePorts,
  { id }: Redemption,
  request: RequestIdentity,
  reason: string,
): Promise<Redemption | null> {
  const at = ports.clock.now();
  return ports.transaction(async () => {
    if (!(await ports.vouchers.voidUnused(id))) return null;
    const started = await ports.redemptions.startCancelling(id, { ...request, reason, at });
    if (!started) throw new Error(`redemption ${id} had a usable voucher without being confirmed`);
    return started;
  });
}

async function finish(
  ports: CataloguePorts,
  record: Redemption,
  replayed: boolean,
): Promise<CancelRedemptionOutcome> {
  return { kind: 'RedemptionCancelled', redemption: await advanceRedemption(ports, record), replayed };
}
