import { z } from 'zod';
import { type CloudEvent, type DomainEvent, type Json, toCloudEvent } from './event.ts';
import type { TakenEvents } from './subscriber.ts';

/** Where a subgraph takes the events of others. */
export const eventsPath = '/events';

/** The media type of a batch of CloudEvents. */
export const batchType = 'application/cloudevents-batch+json';

/** The address at which the subgraph with a GraphQL endpoint takes events. */
export const eventsUrl = (graphqlUrl: string): string => new URL(eventsPath, graphqlUrl).href;

/** An event as one subgraph hands it to another: a CloudEvent with its audience as an extension, ids joined by commas. */
export type WireEvent = CloudEvent & { readonly audience: string };

const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
);

const wireEvent = z.object({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.iso.datetime().transform((text) => new Date(text)),
  partitionkey: z.string(),
  sequence: z.string().regex(/^\d{16}$/),
  audience: z.string(),
  data: z.record(z.string(), json),
});

/** An event as it is sent. */
export const toWire = (event: DomainEvent): WireEvent => ({
  ...toCloudEvent(event),
  audience: event.audience.join(','),
});

/** Reads a batch; null if it is none. */
export function readWire(body: unknown): DomainEvent[] | null {
  const parsed = z.array(wireEvent).safeParse(body);
  if (!parsed.success) return null;
  return parsed.data.map((wire) => {
    const { specversion: _, partitionkey, sequence, audience, ...rest } = wire;
    return {
      ...rest,
      partition: partitionkey,
      sequence: Number(sequence),
      audience: audience === '' ? [] : audience.split(','),
    };
  });
}

const answer = z.object({
  taken: z.array(z.string()),
  refused: z.array(z.object({ id: z.string(), reason: z.string() })),
});

/** Reads what a subscriber answered; throws if it is not that. */
export const readAnswer = (body: unknown): TakenEvents => answer.parse(body);
