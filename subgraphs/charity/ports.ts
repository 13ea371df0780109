import type { Connection } from 'mongoose';
import { type Clock, type NewId, newId, systemClock } from '../shared/ids.ts';
import { createTurns } from '../shared/in-turn.ts';
import type { Log } from '../shared/log.ts';
import { inTransaction } from '../shared/mongo.ts';
import { createCauseStore } from './cause/cause-store.ts';
import type { Ports } from './context.ts';
import type { AccountsPort } from './donation/donation-ports.ts';
import { createDonationStore } from './donation/donation-store.ts';
import { createReceiptStore } from './donation/receipt-store.ts';
import { createPledgeStore } from './matching/pledge-store.ts';

/** What the ports are made of. */
export interface PortsOptions {
  readonly connection: Connection;
  readonly accounts: AccountsPort;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  readonly newId?: NewId | undefined;
}

/** Wires charity's ports on one database connection. Indexes are built separately. */
export function createPorts(options: PortsOptions): Ports {
  const { connection, accounts, log } = options;
  const inTurn = createTurns();
  return {
    accounts,
    causes: createCauseStore(connection),
    pledges: createPledgeStore(connection),
    donations: createDonationStore(connection),
    receipts: createReceiptStore(connection),
    transaction: (causeId, work) => inTurn(causeId, () => inTransaction(connection, work)),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    clock: options.clock ?? systemClock,
    newId: options.newId ?? newId,
    log,
  };
}
