import type { Document } from 'bson';

/** What the journal keeps of a collection besides its documents. */
export interface CollectionMeta {
  readonly id: number;
  readonly ns: string;
  readonly uuid: Uint8Array;
  readonly options: Document;
  readonly indexes: readonly Document[];
}

/**
 * Where commits become durable. The calls of one commit are made without a pause between them, and whatever was
 * called without a pause reaches the disk together or not at all.
 */
export interface Journal {
  putRecord(collection: number, rid: number, raw: Uint8Array | undefined): void;
  /** Without a description the collection goes, and all its documents with it. */
  putCollection(id: number, meta: CollectionMeta | undefined): void;
  putSession(id: string, state: Uint8Array | undefined): void;
  /** Resolves when everything called before is on disk; undefined when nothing has to be waited for. */
  flushed(): Promise<void> | undefined;
  close(): Promise<void>;
}

/** The journal of memory mode: forgets everything. */
export function memoryJournal(): Journal {
  return {
    putRecord: () => {},
    putCollection: () => {},
    putSession: () => {},
    flushed: () => undefined,
    close: async () => {},
  };
}
