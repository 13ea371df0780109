import { eachDespiteFailures, type Failure, throwTogether } from '../../shared/despite-failures.ts';
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

/** After so many records in a row for which accounts gave no answer it is taken to be gone. */
const silentMax = 3;

/**
 * Takes up stale records one by one until none is left or accounts answers for none any more; one that fails does not stop
 * the rest.
 */
async function drain<T extends { readonly id: string }>(
  claim: () => Promise<T | null>,
  advance: (record: T) => Promise<unknown>,
  isUnavailable: (error: unknown) => boolean,
): Promise<void> {
  let silent = 0;
  async function* stale(): AsyncGenerator<T> {
    for (let i = 0; i < batchMax && silent < silentMax; i++) {
      const record = await claim();
      if (record === null) return;
      yield record;
    }
  }
  const attempt = async (record: T): Promise<void> => {
    try {
      await advance(record);
      silent = 0;
    } catch (error) {
      silent = isUnavailable(error) ? silent + 1 : 0;
      // One that waits for an earlier attempt to arrive is no fault: its turn comes again.
      if (!(error instanceof Unsettled)) throw error;
    }
  };
  await eachDespiteFailures(stale(), ({ id }) => id, attempt);
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
  throwTogether(
    done.flatMap((part, i): Failure[] =>
      part.status === 'rejected' ? [[['purchases', 'returns'][i]!, part.reason]] : [],
    ),
  );
}
