import type { Connection } from 'mongoose';
import { createInboxStore, type InboxStore } from '../../../subgraphs/shared/events/inbox-store.ts';
import { createLeaseStore, type LeaseStore } from '../../../subgraphs/shared/events/lease-store.ts';
import { createOutboxStore, type OutboxStore } from '../../../subgraphs/shared/events/outbox-store.ts';
import { createParkedStore, type ParkedStore } from '../../../subgraphs/shared/events/parked-store.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { subscriber } from '../../support/events.ts';
import type { TestMongo } from '../../support/mongo.ts';

/** The collections of events on a database of its own. */
export interface EventsWorld {
  readonly connection: Connection;
  readonly outbox: OutboxStore;
  readonly parked: ParkedStore;
  readonly leases: LeaseStore;
  readonly inbox: InboxStore;
  close(): Promise<void>;
}

/** Makes one, in which these subscribe to all events. */
export async function eventsWorld(
  mongo: TestMongo,
  name: string,
  subscribers: readonly string[] = [subscriber],
): Promise<EventsWorld> {
  const connection = await connectMongo(mongo.uri, mongo.database(name));
  const outbox = createOutboxStore(connection, () => subscribers);
  const parked = createParkedStore(connection);
  const leases = createLeaseStore(connection);
  const inbox = createInboxStore(connection);
  await buildIndexes(connection);
  return { connection, outbox, parked, leases, inbox, close: () => connection.close() };
}
