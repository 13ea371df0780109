import { Pool } from 'undici';
import { type CallerKey, callerHeader, signCaller } from '../caller.ts';
import type { DomainEvent } from './event.ts';
import { batchType, eventsUrl, readAnswer, toWire } from './event-wire.ts';
import type { Subscriber, TakenEvents } from './subscriber.ts';

/** Another subgraph as a subscriber, over HTTP with the service credential. */
export interface RemoteSubscriber extends Subscriber {
  close(): Promise<void>;
}

/** How another subgraph is reached. */
export interface RemoteOptions {
  /** The subgraph that is told. */
  readonly name: string;
  /** The subgraph that tells. */
  readonly service: string;
  /** Its GraphQL endpoint; null while that is not known yet. */
  readonly url: () => string | null;
  readonly key: CallerKey;
  readonly timeoutMs?: number;
}

/** Statuses that say that something about the batch itself is wrong, not about us or the moment. */
const isAboutBatch = (status: number): boolean => [400, 413, 415, 422].includes(status);

async function halved(
  events: readonly DomainEvent[],
  take: (events: readonly DomainEvent[]) => Promise<TakenEvents>,
): Promise<TakenEvents> {
  const half = Math.ceil(events.length / 2);
  const first = await take(events.slice(0, half));
  const taken = new Set(first.taken);
  const heldUp = new Set(
    events
      .slice(0, half)
      .filter(({ id }) => !taken.has(id))
      .map(({ partition }) => partition),
  );
  const rest = events.slice(half).filter(({ partition }) => !heldUp.has(partition));
  if (rest.length === 0) return first;
  const second = await take(rest);
  return { taken: [...first.taken, ...second.taken], refused: [...first.refused, ...second.refused] };
}

/** Makes one. A batch that it cannot read is handed over in halves, until the one event that is to blame is found. */
export function createRemoteSubscriber(options: RemoteOptions): RemoteSubscriber {
  const { name, service, key, timeoutMs = 10_000 } = options;
  let pool: Pool | null = null;
  const post = async (url: string, body: string) => {
    const { origin, pathname } = new URL(eventsUrl(url));
    pool ??= new Pool(origin, { connections: 2, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
    const caller = await signCaller({ kind: 'SERVICE', service }, key);
    const headers = { 'content-type': batchType, [callerHeader]: caller };
    return pool.request({ method: 'POST', path: pathname, headers, body });
  };
  const take = async (events: readonly DomainEvent[]): Promise<TakenEvents> => {
    const url = options.url();
    if (url === null) throw new Error(`it is not known where ${name} is`);
    const response = await post(url, JSON.stringify(events.map(toWire)));
    const { statusCode } = response;
    if (statusCode === 200) return readAnswer(await response.body.json());
    await response.body.dump().catch(() => {});
    if (!isAboutBatch(statusCode)) throw new Error(`${name} answered ${statusCode}`);
    if (events.length > 1) return halved(events, take);
    return { taken: [], refused: [{ id: events[0]!.id, reason: `${name} answered ${statusCode}` }] };
  };
  return { name, take, close: async () => pool?.destroy() };
}
