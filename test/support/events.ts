import { pino } from 'pino';
import { type DomainEvent, sequenceAt } from '../../subgraphs/shared/events/event.ts';
import type { LeasePorts } from '../../subgraphs/shared/events/lease-keeper.ts';
import type { OutboxStore } from '../../subgraphs/shared/events/outbox-store.ts';
import type { RelayPorts } from '../../subgraphs/shared/events/relay.ts';
import { systemClock } from '../../subgraphs/shared/ids.ts';

/** An event of a partition, the n-th. */
export const eventOf = (partition: string, n: number, changes: Partial<DomainEvent> = {}): DomainEvent => ({
  id: `${partition}#${n}`,
  type: 'test.happened',
  source: 'urn:test',
  subject: partition,
  time: new Date('2026-03-01T10:00:00Z'),
  partition,
  sequence: sequenceAt(n, 0),
  audience: [],
  data: { n },
  ...changes,
});

/** The first events of some partitions, in an order that is not theirs. */
export function eventsOf(partitions: readonly string[], each: number): DomainEvent[] {
  const numbers = Array.from({ length: each }, (_, i) => each - i);
  return numbers.flatMap((n) => partitions.map((partition) => eventOf(partition, n)));
}

/** The subscriber to all events of these tests. */
export const subscriber = 'test';

/** What a relay on these stores works with; there are no subscribers unless told, and nothing is parked. */
export const relayPorts = (
  { outbox, leases }: { outbox: OutboxStore; leases: LeasePorts },
  changes: Partial<RelayPorts> = {},
): RelayPorts => ({
  ...outbox,
  park: () => Promise.reject(new Error('nothing is parked here')),
  leases,
  subscribers: [],
  clock: systemClock,
  random: () => 0.5,
  log: pino({ level: 'silent' }),
  ...changes,
});

/** The order in which each partition's events first came, by partition. */
export function firstComings(taken: readonly string[]): Record<string, number[]> {
  const comings: Record<string, number[]> = {};
  for (const id of new Set(taken)) {
    const [partition, n] = id.split('#');
    comings[partition!] = [...(comings[partition!] ?? []), Number(n)];
  }
  return comings;
}
