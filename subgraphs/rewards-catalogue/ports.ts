import type { Clock, NewId } from '../shared/ids.ts';
import type { AccountsPort } from './accounts-port.ts';
import type { RedemptionStore } from './redemption/redemption-store.ts';
import type { RewardStore } from './reward/reward-store.ts';
import type { RandomBelow } from './voucher/voucher-code.ts';
import type { VoucherStore } from './voucher/voucher-store.ts';

/** Everything outside itself that this subgraph works with; a use case asks for the part that it needs. */
export interface CataloguePorts {
  readonly rewards: RewardStore;
  readonly redemptions: RedemptionStore;
  readonly vouchers: VoucherStore;
  readonly accounts: AccountsPort;
  /** Runs work in one database transaction; it may be run again, so it does nothing outside the database. */
  readonly transaction: <T>(work: () => Promise<T>) => Promise<T>;
  /** Runs work on one reward after that which came before it in this process, so that it does not meet write conflicts. */
  readonly inTurn: <T>(rewardId: string, work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Cryptographic randomness. */
  readonly random: RandomBelow;
}
