import type { DomainEvent } from './event.ts';

/** An event that a subscriber could not act on, and why. */
export interface RefusedEvent {
  readonly id: string;
  readonly reason: string;
}

/** What a subscriber made of the events that it was given. What it names in neither list it did not get to. */
export interface TakenEvents {
  /** Ids of those that are safe with it, however long it takes to act on them. */
  readonly taken: readonly string[];
  readonly refused: readonly RefusedEvent[];
}

/**
 * Acts on events, each partition's in the order given and none after one that it refused. Given one twice, it must know
 * it by its id. Rejects if it can take none at present, through no fault of theirs: all are given again.
 */
export type TakeEvents = (events: readonly DomainEvent[]) => Promise<TakenEvents>;

/** Somebody who is told of events. */
export interface Subscriber {
  readonly name: string;
  readonly take: TakeEvents;
}

/** Which types of events each subscriber is told, by its name. */
export type Subscriptions = Readonly<Record<string, readonly string[]>>;

/** Looks up who is told of a type. */
export function subscribersBy(subscriptions: Subscriptions): (type: string) => readonly string[] {
  const names = new Map<string, string[]>();
  for (const [name, types] of Object.entries(subscriptions))
    for (const type of types) names.set(type, [...(names.get(type) ?? []), name]);
  return (type) => names.get(type) ?? [];
}

/** Subscribers that are told of anything. */
export const namesIn = (subscriptions: Subscriptions): string[] =>
  Object.keys(subscriptions).filter((name) => subscriptions[name]!.length > 0);

/** Events by partition, each partition's in the order given. */
export function byPartition(events: readonly DomainEvent[]): DomainEvent[][] {
  const groups = new Map<string, DomainEvent[]>();
  for (const event of events) {
    const group = groups.get(event.partition);
    if (group) group.push(event);
    else groups.set(event.partition, [event]);
  }
  return [...groups.values()];
}
