import type { Connection } from 'mongoose';
import { createOutboxStore, type OutboxStore } from '../shared/events/outbox-store.ts';
import { subscribersBy } from '../shared/events/subscriber.ts';
import { type Clock, type NewId, systemClock, newId as systemNewId } from '../shared/ids.ts';
import { createTurns } from '../shared/in-turn.ts';
import type { Log } from '../shared/log.ts';
import { inTransaction } from '../shared/mongo.ts';
import { announcingStores } from './announcing-stores.ts';
import { createCauseStore } from './cause/cause-store.ts';
import type { Ports } from './context.ts';
import type { AccountsPort } from './donation/donation-ports.ts';
import { createDonationStore } from './donation/donation-store.ts';
import { createReceiptStore } from './donation/receipt-store.ts';
import { createPledgeStore } from './matching/pledge-store.ts';
import { charitySubscriptions } from './subscriptions.ts';

/** What the ports are made of. */
export interface PortsOptions {
  readonly connection: Connection;
  readonly accounts: AccountsPort;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  readonly newId?: NewId | undefined;
  /** Where events are told; one of its own if left out. */
  readonly outbox?: OutboxStore | undefined;
}

/** Wires charity's ports on one database connection. Indexes are built separately. */
export function createPorts(options: PortsOptions): Ports {
  const { connection, accounts, log } = options;
  const { clock = systemClock, newId = systemNewId } = options;
  const outbox = options.outbox ?? createOutboxStore(connection, subscribersBy(charitySubscriptions));
  const inTurn = createTurns();
  const stores = {
    causes: createCauseStore(connection),
    pledges: createPledgeStore(connection),
    donations: createDonationStore(connection),
  };
  const announcing = {
    inTransaction: <T>(work: () => Promise<T>) => inTransaction(connection, work),
    addEvents: outbox.add,
    ...{ clock, newId },
  };
  return {
    accounts,
    ...announcingStores(stores, announcing),
    receipts: createReceiptStore(connection),
    transaction: (causeId, work) => inTurn(causeId, () => inTransaction(connection, work)),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    clock,
    newId,
    log,
  };
}
