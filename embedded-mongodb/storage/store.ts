import { randomUUID } from 'node:crypto';
import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { type Collection, cloneTrees, emptyTrees, type Trees } from './collection.ts';
import type { CollectionMeta, Journal } from './journal.ts';

/** All collections, and the snapshots that are being read. */
export interface Store {
  /** Replaced, never changed, so a snapshot keeps the one it began with. */
  catalog: ReadonlyMap<string, Collection>;
  readonly journal: Journal;
  readonly snapshots: Set<Snapshot>;
  epoch: number;
  nextCollectionId: number;
}

/** The whole store as it was at one moment. */
export interface Snapshot {
  readonly epoch: number;
  readonly catalog: ReadonlyMap<string, Collection>;
  /** Content put aside for this snapshot, of those collections that were written since. */
  readonly frozen: Map<Collection, Trees>;
}

/** A store without collections over a journal. */
export function emptyStore(journal: Journal): Store {
  return { catalog: new Map(), journal, snapshots: new Set(), epoch: 0, nextCollectionId: 1 };
}

/** Begins a snapshot, which costs nothing until somebody writes. Give it back with `releaseSnapshot`. */
export function takeSnapshot(store: Store): Snapshot {
  const snapshot = { epoch: ++store.epoch, catalog: store.catalog, frozen: new Map() };
  store.snapshots.add(snapshot);
  return snapshot;
}

/** The same moment once more, to be let go of on its own. */
export function copySnapshot(store: Store, { epoch, catalog, frozen }: Snapshot): Snapshot {
  const copy = { epoch, catalog, frozen: new Map(frozen) };
  store.snapshots.add(copy);
  return copy;
}

/** Lets go of what the snapshot held. */
export function releaseSnapshot(store: Store, snapshot: Snapshot): void {
  store.snapshots.delete(snapshot);
  snapshot.frozen.clear();
}

/** A collection's content as the snapshot sees it. */
export function treesAt(snapshot: Snapshot, collection: Collection): Trees {
  return snapshot.frozen.get(collection) ?? collection.trees;
}

/** Call before changing a collection's content: puts the present content aside for the snapshots that need it. */
export function beforeWrite(store: Store, collection: Collection): void {
  if (collection.frozenFor === store.epoch) return;
  if (putAside(store, collection)) collection.trees = cloneTrees(collection.trees);
}

/** Puts a collection's content aside for the snapshots that read it; says whether there are any. */
function putAside(store: Store, collection: Collection): boolean {
  const readers = [...store.snapshots].filter((snapshot) => snapshot.epoch > collection.frozenFor);
  collection.frozenFor = store.epoch;
  for (const snapshot of readers) snapshot.frozen.set(collection, collection.trees);
  return readers.length > 0;
}

/** Makes other content the collection's own, putting the present content aside for the snapshots that need it. */
export function replaceContent(store: Store, collection: Collection, trees: Trees): void {
  putAside(store, collection);
  collection.trees = trees;
}

/** Creates a collection. Fails with 48 when it exists. */
export function createCollection(store: Store, ns: string, options: Document = {}): Collection {
  const collection = prepareCollection(store, ns, options);
  if (store.catalog.has(ns)) throw new ServerError(48, `Collection ${ns} already exists.`);
  registerCollection(store, collection);
  return collection;
}

/** A new collection that is in no catalog yet. */
export function prepareCollection(store: Store, ns: string, options: Document = {}): Collection {
  checkNamespace(ns);
  const collection = newCollection(store.nextCollectionId++, ns, options);
  collection.frozenFor = store.epoch;
  return collection;
}

/** Makes a new collection known to all. */
export function registerCollection(store: Store, collection: Collection): void {
  store.catalog = new Map(store.catalog).set(collection.ns, collection);
  journalCollection(store, collection);
}

/** A collection without content. */
export function newCollection(id: number, ns: string, options: Document, uuid?: Uint8Array): Collection {
  return {
    id,
    uuid: uuid ?? Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
    ns,
    options,
    trees: emptyTrees(),
    nextRid: 1,
    indexVersion: 0,
    frozenFor: 0,
    locks: new Map(),
  };
}

/** The collection, created when it is missing, as the first insert does. */
export function ensureCollection(store: Store, ns: string): Collection {
  return store.catalog.get(ns) ?? createCollection(store, ns);
}

/** Removes a collection and all it holds. */
export function dropCollection(store: Store, collection: Collection): void {
  const catalog = new Map(store.catalog);
  catalog.delete(collection.ns);
  store.catalog = catalog;
  store.journal.putCollection(collection.id, undefined);
}

/** Gives a collection another name. */
export function renameCollection(store: Store, collection: Collection, to: string): void {
  checkNamespace(to);
  const catalog = new Map(store.catalog);
  catalog.delete(collection.ns);
  collection.ns = to;
  store.catalog = catalog.set(to, collection);
  journalCollection(store, collection);
}

/** Writes a collection's name, options and indexes to the journal. */
export function journalCollection(store: Store, collection: Collection): void {
  store.journal.putCollection(collection.id, collectionMeta(collection, collection.trees));
}

/** What the journal keeps of a collection besides its documents. */
export function collectionMeta(collection: Collection, trees: Trees): CollectionMeta {
  return {
    id: collection.id,
    ns: collection.ns,
    uuid: collection.uuid,
    options: collection.options,
    indexes: trees.indexes.map((index) => index.definition.spec),
  };
}

function checkNamespace(ns: string): void {
  const dot = ns.indexOf('.');
  const db = ns.slice(0, dot);
  const name = ns.slice(dot + 1);
  const bad =
    name === '' || name.startsWith('.') || name.endsWith('.') || /[$\0]/.test(name) || /[/\\. "$\0]/.test(db);
  if (bad || dot <= 0) throw new ServerError(73, `Invalid namespace specified '${ns}'`);
  if (Buffer.byteLength(ns) > 255) throw new ServerError(73, `Fully qualified namespace is too long: ${ns}`);
}
