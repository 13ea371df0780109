import type { Timestamp } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { copySnapshot, releaseSnapshot, type Snapshot, type Store, takeSnapshot } from '../storage/store.ts';
import { type ReadView, readView, snapshotView } from '../transactions/read-view.ts';
import { latestTime, nextTime } from './cluster-time.ts';
import type { CommandContext } from './context.ts';

/** How long after its last use a moment can still be read, as in a server that was not told otherwise. */
const WINDOW_MS = 300_000;
/** Keeping a moment keeps what has been overwritten since, so there must be an end to it. */
const MOST_KEPT = 100;

/** Moments that can be read again, by cluster time, the one used longest ago first. */
export type KeptSnapshots = Map<string, { readonly snapshot: Snapshot; lastUsed: number }>;

/** What a command reads, and at which cluster time if its read concern asks for one. */
export interface DatedView {
  readonly view: ReadView;
  readonly time?: { readonly atClusterTime: Timestamp };
}

/**
 * What a reading command reads. With read concern `snapshot` outside a transaction that is a moment: a new one, whose
 * time the client is told, or the one that it names.
 */
export function viewFor({ engine, command, transaction, now }: CommandContext): DatedView {
  const { store, snapshots } = engine;
  const concern = command['readConcern'];
  if (transaction || concern?.['level'] !== 'snapshot') return { view: readView(store, transaction) };
  const atClusterTime: Timestamp = concern['atClusterTime'] ?? nextTime();
  const key = atClusterTime.toString();
  const kept = concern['atClusterTime'] ? snapshots.get(key) : { snapshot: takeSnapshot(store), lastUsed: 0 };
  if (kept === undefined) throw unreadable(atClusterTime);
  kept.lastUsed = now.getTime();
  snapshots.delete(key);
  snapshots.set(key, kept);
  forgetSnapshots(store, snapshots, kept.lastUsed);
  // The reader has a snapshot of its own: it may go on reading when the moment is no longer kept.
  return { view: snapshotView(store, copySnapshot(store, kept.snapshot)), time: { atClusterTime } };
}

function unreadable(time: Timestamp): ServerError {
  const asked = time.toString();
  if (time.greaterThan(latestTime()))
    return new ServerError(
      72,
      `readConcern atClusterTime value must not be greater than the current clusterTime. Requested clusterTime: ${asked}`,
    );
  return new ServerError(239, `Read timestamp ${asked} is older than the oldest available timestamp.`);
}

/** Lets go of the moments that were not used for long, and of those that are too many. Call now and then. */
export function forgetSnapshots(store: Store, snapshots: KeptSnapshots, now: number): void {
  for (const [time, { snapshot, lastUsed }] of snapshots) {
    if (snapshots.size <= MOST_KEPT && now - lastUsed <= WINDOW_MS) return;
    snapshots.delete(time);
    releaseSnapshot(store, snapshot);
  }
}
