import type { Document } from 'bson';
import type { Collation } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { mostBytesOf } from '../query/memory.ts';
import type { ForeignCollection, MergeTarget, OutTarget, PipelineContext } from '../query/stage.ts';
import { addIndex } from '../storage/index-building.ts';
import { documentOf } from '../storage/record.ts';
import { startSearch } from '../storage/search.ts';
import { dropCollection, renameCollection } from '../storage/store.ts';
import type { ReadView } from '../transactions/read-view.ts';
import { whenUnblocked } from '../transactions/waiting.ts';
import { insertDocument, replaceDocument } from '../transactions/writer.ts';
import { collationOf, documentField, flagOf } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { settled } from './exclusive.ts';
import { pacer } from './pacer.ts';
import { collectionForWrite } from './target.ts';

/** What stages need that read or write other collections. */
export function pipelineContext(context: CommandContext, view: ReadView): PipelineContext {
  return {
    collection: (name) => foreign(context, view, name),
    now: context.now,
    collation: collationOf(context.command),
    vars: documentField(context.command, 'let'),
    write: (target, documents) => writeResult(context, target, documents),
    mostBytes: mostBytesOf(flagOf(context.command, 'allowDiskUse')),
    yieldEvery: pacer(context, 1),
  };
}

function foreign(context: CommandContext, view: ReadView, name: string): ForeignCollection {
  return {
    find: async function* find(filter: Document, options: { collation?: Collation | undefined } = {}) {
      const trees = view.trees(`${context.db}.${name}`);
      if (trees === undefined) return;
      const pause = pacer(context);
      const { collation } = options;
      for (const record of startSearch(trees, { filter, collation, options: { collation, now: context.now } })
        .records) {
        if (record) yield documentOf(record);
        const turn = pause(record === undefined);
        if (turn) await turn;
      }
    },
  };
}

async function writeResult(
  context: CommandContext,
  target: OutTarget | MergeTarget,
  documents: readonly Document[],
): Promise<void> {
  if (context.transaction)
    throw new ServerError(263, `Cannot run $${target.kind} in a multi-document transaction.`);
  const ns = `${target.db ?? context.db}.${target.coll}`;
  if (target.kind === 'out') await replaceCollection(context, ns, documents);
  else for (const doc of documents) await mergeOne(context, ns, target, doc);
  await context.engine.store.journal.flushed();
}

/** The result is built aside and takes the name at once; the indexes of the old collection are kept. */
async function replaceCollection(
  context: CommandContext,
  ns: string,
  documents: readonly Document[],
): Promise<void> {
  const { store } = context.engine;
  const aside = collectionForWrite(context, `${ns}.tmp-out-${Date.now()}`);
  try {
    for (const doc of documents) insertDocument(context.writer, aside, doc);
  } catch (error) {
    dropCollection(store, aside);
    throw error;
  }
  const old = store.catalog.get(ns);
  if (old) {
    await settled(old, undefined);
    const definitions = old.trees.indexes.slice(1).map((index) => index.definition);
    for (const definition of definitions) addIndex(store, aside, definition);
    dropCollection(store, old);
  }
  renameCollection(store, aside, ns);
}

async function mergeOne(
  context: CommandContext,
  ns: string,
  target: MergeTarget,
  doc: Document,
): Promise<void> {
  const filter: Document = {};
  for (const path of target.on) filter[path] = { $eq: valueAtPath(doc, path) };
  await whenUnblocked(() => {
    const collection = collectionForWrite(context, ns);
    for (const record of startSearch(collection.trees, { filter, options: {}, limit: 1 }).records) {
      if (record === undefined) continue;
      const merged = target.onMatch(documentOf(record), doc);
      if (merged) replaceDocument(context.writer, collection, record, merged);
      return;
    }
    if (target.whenNotMatched === 'fail') {
      throw new ServerError(13113, '$merge could not find a matching document in the target collection');
    }
    if (target.whenNotMatched === 'insert') insertDocument(context.writer, collection, doc);
  });
}

function valueAtPath(doc: Document, path: string): unknown {
  return path.split('.').reduce<unknown>((value, part) => (value as Document | undefined)?.[part], doc);
}
