// Runs a relay in a process of its own that can be killed. Started by relaying.ts, which is told of each event and lets
// it go on: what a killed process had told of, its consumer had taken.
import { randomUUID } from 'node:crypto';
import { createLeaseStore } from '../../subgraphs/shared/events/lease-store.ts';
import { createOutboxStore } from '../../subgraphs/shared/events/outbox-store.ts';
import { createRelay } from '../../subgraphs/shared/events/relay.ts';
import type { TakeEvents } from '../../subgraphs/shared/events/subscriber.ts';
import { connectMongo } from '../../subgraphs/shared/mongo.ts';
import { relayPorts, subscriber } from './events.ts';

async function main(uri: string, database: string): Promise<void> {
  const connection = await connectMongo(uri, database);
  const stores = {
    outbox: createOutboxStore(connection, () => [subscriber]),
    leases: createLeaseStore(connection),
  };
  const waiting = new Map<string, () => void>();
  process.on('message', (id: string) => waiting.get(id)?.());
  process.on('disconnect', () => process.exit(0));
  const told = (id: string) =>
    new Promise<void>((resolve) => {
      waiting.set(id, resolve);
      process.send!(id);
    });
  // Two at a time, so that some are killed between two events of one batch.
  const take: TakeEvents = async (events) => {
    for (const { id } of events) await told(id);
    return { taken: events.map(({ id }) => id), refused: [] };
  };
  const ports = relayPorts(stores, { subscribers: [{ name: subscriber, take }] });
  const relay = createRelay(ports, { owner: randomUUID(), leaseMs: 2_000, pageSize: 2 });
  // Until it is killed, or its parent has seen enough.
  for (;;) {
    await relay.turn();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

await main(process.env['RELAY_URI']!, process.env['RELAY_DATABASE']!);
