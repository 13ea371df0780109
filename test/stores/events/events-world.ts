import type { Connection } from 'mongoose';
import { createInboxStore, type InboxStore } from '../../../subgraphs/shared/events/inbox-store.ts';
import { createLeaseStore, type LeaseStore } from '../../../subgraphs/shared/events/lease-store.ts';
import { createOutboxStore, type OutboxStore } from '../../../subgraphs/shared/events/outbox-store.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import type { TestMongo } from '../../support/mongo.ts';

/** The collections of events on a database of its own. */
export interface EventsWorld {
  readonly connection: Connection;
  readonly outbox: OutboxStore;
  readonly leases: LeaseStore;
  readonly inbox: InboxStore;
  close(): Promise<void>;
}

/** Makes one. */
export async function eventsWorld(mongo: TestMongo, name: string): Promise<EventsWorld> {
  const connection = await connectMongo(mongo.uri, mongo.database(name));
  const outbox = createOutboxStore(connection);
  const leases = createLeaseStore(connection);
  const inbox = createInboxStore(connection);
  await buildIndexes(connection);
  return { connection, outbox, leases, inbox, close: () => connection.close() };
}
