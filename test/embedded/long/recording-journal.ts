import type { Document } from 'bson';
import type { CollectionMeta, Journal } from '../../../embedded-mongodb/storage/journal.ts';
import { decodeDocument } from '../../../embedded-mongodb/storage/record.ts';
import type { Random } from './randomly.ts';

/** A journal that takes its time, and says what would be left if the power failed now. */
export interface RecordingJournal extends Journal {
  /** The documents of each collection that are on disk. */
  durable(): ReadonlyMap<string, readonly Document[]>;
}

interface Kept {
  readonly metas: Map<number, CollectionMeta>;
  readonly records: Map<number, Map<number, Uint8Array>>;
}

type Change = (kept: Kept) => void;

/** As the real journal does it: what is put between two turns of the event loop goes to disk together. */
export function recordingJournal(random: Random): RecordingJournal {
  const kept: Kept = { metas: new Map(), records: new Map() };
  let queue: Change[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  const put = (change: Change): void => {
    queue.push(change);
    next ??= current.then(turn).then(write);
  };
  const write = async (): Promise<void> => {
    const batch = queue;
    queue = [];
    current = next as Promise<void>;
    next = undefined;
    for (let turns = random.below(4); turns > 0; turns--) await turn();
    for (const change of batch) change(kept);
  };
  return {
    putRecord: (collection, rid, raw) =>
      put(({ records }) => {
        const documents = records.get(collection) ?? new Map<number, Uint8Array>();
        records.set(collection, documents);
        if (raw) documents.set(rid, raw);
        else documents.delete(rid);
      }),
    putCollection: (id, meta) => put(({ metas }) => (meta ? metas.set(id, meta) : metas.delete(id))),
    putSession: () => {},
    flushed: () => next ?? current,
    close: async () => {},
    durable: () => {
      const byName = new Map<string, readonly Document[]>();
      for (const [id, meta] of kept.metas)
        byName.set(meta.ns, [...(kept.records.get(id)?.values() ?? [])].map(decodeDocument));
      return byName;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
