import type { Caller } from '../../shared/caller.ts';
import { type IdempotencyConflict, type InvalidInput, notFound } from '../../shared/refusal.ts';
import { checkKey, checkSame, identify, type RequestIdentity } from '../../shared/request.ts';
import type { CataloguePorts } from '../ports.ts';
import type { NotFound } from '../refusal.ts';
import { checkText } from '../request.ts';
import { voucherStatus } from '../voucher/voucher.ts';
import { advanceRedemption } from './advance-redemption.ts';
import {
  type Cancellation,
  KeyTaken,
  mayCancelExpired,
  mayManageRedemption,
  type Redemption,
} from './redemption.ts';

/** What the caller asks for. */
export interface CancelRedemptionInput {
  readonly idempotencyKey: string;
  readonly redemptionId: string;
  readonly reason: string;
}

/** What stands in the way of a cancellation. */
export type CancelObstacle = 'NOT_CONFIRMED' | 'CONSUMED' | 'EXPIRED';

/** What came of it. */
export type CancelRedemptionOutcome =
  | { readonly kind: 'RedemptionCancelled'; readonly redemption: Redemption; readonly replayed: boolean }
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | {
      readonly kind: 'NotCancellable';
      readonly redemption: Redemption;
      readonly obstacle: CancelObstacle;
    };

/**
 * Undoes a redemption whose voucher was not consumed and, unless for the operator, has not expired. Voiding the voucher and turning the record to CANCELLING is one
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
  if (!redemption || !mayManageRedemption(caller, redemption) || !(await isThere(ports, caller)))
    return notFound('REDEMPTION', input.redemptionId);
  try {
    const cancellation = { ...request, reason: input.reason.trim(), at: ports.clock.now() };
    const started = await start(ports, redemption, cancellation, mayCancelExpired(caller));
    if (started) return await finish(ports, started, false);
  } catch (error) {
    if (!(error instanceof KeyTaken)) throw error;
  }
  // Somebody else was faster: this same request sent twice at once, another cancellation, or the till.
  const now = (await ports.redemptions.find(redemption.id)) ?? redemption;
  const resumed = await resume(ports, request);
  return resumed ?? { kind: 'NotCancellable', redemption: now, obstacle: await obstacleOf(ports, now) };
}

/** False for a member that was erased, whose session may still be good: its points were forfeited and nothing is its own. */
async function isThere({ accounts }: Pick<CataloguePorts, 'accounts'>, caller: Caller): Promise<boolean> {
  if (caller.kind !== 'MEMBER') return true;
  return (await accounts.resolveMember({ id: caller.memberId }, caller)) !== null;
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
  cancellation: Cancellation,
  evenExpired: boolean,
): Promise<Redemption | null> {
  return ports.transaction(async () => {
    if (!(await ports.vouchers.voidUnused(id, evenExpired ? null : cancellation.at))) return null;
    const started = await ports.redemptions.startCancelling(id, cancellation);
    if (!started) throw new Error(`redemption ${id} had a usable voucher without being confirmed`);
    return started;
  });
}

async function obstacleOf(
  { vouchers, clock }: Pick<CataloguePorts, 'vouchers' | 'clock'>,
  { id, status }: Redemption,
): Promise<CancelObstacle> {
  if (status !== 'CONFIRMED') return 'NOT_CONFIRMED';
  const [voucher] = await vouchers.findByRedemptions([id]);
  return voucher && voucherStatus(voucher, clock.now()) === 'EXPIRED' ? 'EXPIRED' : 'CONSUMED';
}

async function finish(
  ports: CataloguePorts,
  record: Redemption,
  replayed: boolean,
): Promise<CancelRedemptionOutcome> {
  return { kind: 'RedemptionCancelled', redemption: await advanceRedemption(ports, record), replayed };
}
