import { createHash } from 'node:crypto';

/** A value that JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json };

/** A fact that a subgraph tells: written once, in the transaction of the change that it is about. */
export interface DomainEvent {
  /** Unique for ever: what a consumer recognises an event by that it is given twice. */
  readonly id: string;
  /** Names what happened, e.g. `jifen.points.posted`. */
  readonly type: string;
  /** Which subgraph tells it, as a URI. */
  readonly source: string;
  /** Id of what it is about. */
  readonly subject: string;
  /** When it happened. */
  readonly time: Date;
  /** What it is ordered by: events of one partition reach a consumer one after another. */
  readonly partition: string;
  /**
   * Its place in the partition: grows, with gaps. The producer writes a document of its own in the same transaction,
   * guarded by a version that this number follows from, so whoever sees an event sees all before it.
   */
  readonly sequence: number;
  /** Who outside may be told: ids, or `everyone`. */
  readonly audience: readonly string[];
  readonly data: { readonly [field: string]: Json };
}

/** In an audience: whoever asks. */
export const everyone = '*';

/** How many slots partitions fall into; processes share the work by slots. */
export const slotCount = 64;

/** The slot of a partition, 0 to 63; the same in every process and release. */
export const slotOf = (partition: string): number =>
  createHash('sha256').update(partition).digest().readUInt32BE(0) % slotCount;

/** How many events of one partition a single version of its document may tell. */
const eventsPerVersion = 2 ** 20;

/** The sequence of the event at an index (from 0) among those that one version of a partition's document tells. */
export function sequenceAt(version: number, index: number): number {
  const sequence = version * eventsPerVersion + index;
  if (index >= eventsPerVersion || !Number.isSafeInteger(sequence))
    throw new Error(`no sequence for event ${index} of version ${version}`);
  return sequence;
}

/** An event in the JSON form of CloudEvents 1.0. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** CloudEvents' partitioning extension. */
  readonly partitionkey: string;
  /** CloudEvents' sequence extension: 16 digits, so that the order of texts is the order of numbers. */
  readonly sequence: string;
  readonly data: { readonly [field: string]: Json };
}

/** The CloudEvents form of an event, as other subgraphs are given it. */
export const toCloudEvent = (event: DomainEvent): CloudEvent => ({
  specversion: '1.0',
  id: event.id,
  source: event.source,
  type: event.type,
  subject: event.subject,
  time: event.time.toISOString(),
  datacontenttype: 'application/json',
  partitionkey: event.partition,
  sequence: String(event.sequence).padStart(16, '0'),
  data: event.data,
});
