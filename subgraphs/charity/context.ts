import type { ConnectionOf } from '../shared/connection.ts';
import type { Clock, NewId } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import type { BaseContext } from '../shared/subgraph-server.ts';
import type { Cause } from './cause/cause.ts';
import type { createCauseLoader } from './cause/cause-loaders.ts';
import type { CauseStore } from './cause/cause-store.ts';
import type { Donation } from './donation/donation.ts';
import type { AccountsPort, DonationPorts } from './donation/donation-ports.ts';
import type { DonationStore } from './donation/donation-store.ts';
import type { ReceiptStore } from './donation/receipt-store.ts';
import type { createPledgeLoaders } from './matching/pledge-loaders.ts';
import type { PledgeStore } from './matching/pledge-store.ts';

/** Everything that charity's use cases reach outside themselves, wired once for a process. */
export interface Ports {
  readonly accounts: AccountsPort;
  readonly causes: CauseStore;
  readonly pledges: PledgeStore;
  readonly donations: DonationStore;
  readonly receipts: ReceiptStore;
  readonly transaction: DonationPorts['transaction'];
  readonly wait: DonationPorts['wait'];
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
}

/** What a resolver of this subgraph is given. */
export interface Context extends BaseContext {
  readonly ports: Ports;
  readonly causes: ReturnType<typeof createCauseLoader>;
  readonly pledges: ReturnType<typeof createPledgeLoaders>;
}

/**
 * Makes the loaders read anew: a mutation's answer has to show what the mutation left, not what an earlier one in the same
 * request saw.
 */
export function forgetLoaded({ causes, pledges }: Context): void {
  for (const loader of [causes, pledges.byId, pledges.byCause, pledges.byMerchant]) loader.clearAll();
}

/** A member as this subgraph knows it. Without `registeredBy`, no merchant may see anything of it. */
export interface MemberReference {
  readonly id: string;
  readonly registeredBy?: readonly string[];
}

/** A merchant as this subgraph knows it. */
export interface MerchantReference {
  readonly id: string;
}

/** A page of causes. */
export type CauseConnection = ConnectionOf<Cause>;

/** A page of donations. */
export type DonationConnection = ConnectionOf<Donation>;
