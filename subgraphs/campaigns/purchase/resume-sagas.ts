import { type AdvancePurchasePorts, advancePurchase } from './advance-purchase.ts';
import { type AdvanceReturnPorts, advanceReturn } from './advance-return.ts';
import { type AttemptPorts, Unsettled } from './attempts.ts';
import type { PurchaseStore } from './purchase-store.ts';
import type { ReturnStore } from './return-store.ts';

/** What resuming needs. */
export interface ResumePorts extends AttemptPorts {
  readonly purchases: PurchaseStore & AdvancePurchasePorts['purchases'];
  readonly returns: ReturnStore & AdvanceReturnPorts['returns'];
  readonly caps: AdvancePurchasePorts['caps'];
  readonly accounts: AdvancePurchasePorts['accounts'] & AdvanceReturnPorts['accounts'];
  /** True if an error says that accounts could not be asked. */
  readonly isUnavailable: (error: unknown) => boolean;
}

/** How long a record is left to the request that made it. */
export const staleAfterMs = 5_000;

const batchMax = 500;

/** Takes up stale records one by one until none is left or accounts does not answer; one that fails does not stop the rest. */
async function drain<T>(
  claim: () => Promise<T | null>,
  advance: (record: T) => Promise<unknown>,
  isUnavailable: (error: unknown) => boolean,
): Promise<void> {
  const faults: unknown[] = [];
  for (let i = 0; i < batchMax; i++) {
    const record = await claim();
    if (record === null) break;
    try {
      await advance(record);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      // One that waits for an earlier attempt to arrive is no fault: its turn comes again.
      if (!(error instanceof Unsettled)) faults.push(error);
    }
  }
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} records could not be moved on`);
}

/** Moves on purchases and returns that a crash or an unreachable ledger left pending. */
export async function resumeSagas(ports: ResumePorts): Promise<void> {
  const now = ports.clock.now();
  const before = new Date(now.getTime() - staleAfterMs);
  const { isUnavailable } = ports;
  // Neither waits for the other: a purchase that fails again and again does not keep the returns back.
  const done = await Promise.allSettled([
    drain(
      () => ports.purchases.claimStale(before, now),
      (purchase) => advancePurchase(ports, purchase),
      isUnavailable,
    ),
    drain(
      () => ports.returns.claimStale(before, now),
      (record) => advanceReturn(ports, record),
      isUnavailable,
    ),
  ]);
  const failed = done.find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}
