import type { Document } from 'bson';
import { EJSON } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { addIndex, removeIndexes } from '../storage/index-building.ts';
import { defineIndex, type IndexDefinition } from '../storage/index-definition.ts';
import { matchesHint } from '../storage/planner.ts';
import { journalCollection } from '../storage/store.ts';
import { checkCreatingIn, checkNewIndexesIn } from '../transactions/uncommitted.ts';
import { documentsOf, isDocument, namespaceOf, wrongType } from './arguments.ts';
import { answer, type CommandDefinition } from './context.ts';
import { serializeDocuments } from './cursor-lists.ts';
import { cursorArgument, openCursor } from './cursors.ts';
import { settled } from './exclusive.ts';
import { collectionForWrite, existingCollection } from './target.ts';

/** `createIndexes`. Waits for the transactions that have written to the collection. */
export const createIndexes: CommandDefinition = {
  fields: ['indexes', 'commitQuorum', 'ignoreUnknownIndexOptions'],
  inTransaction: true,
  writes: true,
  run: async (context) => {
    const { command, engine, transaction } = context;
    const ns = namespaceOf(context.db, command, 'createIndexes');
    if (transaction) checkCreatingIn(transaction, 'createIndexes');
    const specs = documentsOf(command['indexes'], 'indexes');
    if (specs.length === 0) throw new ServerError(2, 'Must specify at least one index to create');
    const definitions = specs.map(defineIndex);
    const existing = existingCollection(context, ns);
    const collection = existing ?? collectionForWrite(context, ns);
    if (!transaction) await settled(collection, undefined);
    const before = collection.trees.indexes.length;
    for (const definition of definitions) {
      if (
        isNew(
          collection.trees.indexes.map((index) => index.definition),
          definition,
        )
      ) {
        if (transaction) checkNewIndexesIn(transaction, collection);
        addIndex(engine.store, collection, definition);
      }
    }
    const after = collection.trees.indexes.length;
    if (after > before && !transaction) journalCollection(engine.store, collection);
    return answer({
      numIndexesBefore: before,
      numIndexesAfter: after,
      createdCollectionAutomatically: existing === undefined,
      ...(after === before && { note: 'all indexes already exist' }),
      ok: 1,
    });
  },
};

/** False when the index is there already; fails when one like it is there under other terms. */
function isNew(existing: readonly IndexDefinition[], wanted: IndexDefinition): boolean {
  for (const index of existing) {
    const alike = same(signature(index), signature(wanted));
    const equal = alike && same(terms(index), terms(wanted));
    const sameName = index.name === wanted.name;
    if ((sameName && equal) || (alike && index.name === '_id_')) return false;
    const both = `Requested index: ${EJSON.stringify(wanted.spec)}, existing index: ${EJSON.stringify(index.spec)}`;
    if (sameName && alike) {
      throw new ServerError(
        85,
        `An equivalent index already exists with the same name but different options. ${both}`,
      );
    }
    if (sameName) {
      throw new ServerError(
        86,
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${both}`,
      );
    }
    if (alike) throw new ServerError(85, `Index already exists with a different name: ${index.name}`);
  }
  return true;
}

/** What makes two indexes the same index under whatever name: keys, uniqueness, and which documents they hold. */
function signature({ spec, collation }: IndexDefinition): unknown {
  const { unique, sparse, partialFilterExpression } = spec;
  return [
    Object.entries(spec['key']).map(plain),
    unique === true,
    sparse === true,
    partialFilterExpression,
    collation,
  ];
}

function plain([path, direction]: [string, unknown]): [string, number] {
  return [path, Number(direction)];
}

function terms({ spec }: IndexDefinition): Document {
  const { v: _v, key: _key, name: _name, hidden: _hidden, ...rest } = spec;
  return Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function same(a: unknown, b: unknown): boolean {
  return EJSON.stringify(a ?? null) === EJSON.stringify(b ?? null);
}

/** `listIndexes`. */
export const listIndexes: CommandDefinition = {
  fields: ['cursor', 'includeBuildUUIDs', 'includeIndexBuildInfo'],
  run: (context) => {
    const { command, engine, db } = context;
    const ns = namespaceOf(db, command, 'listIndexes');
    const collection = engine.store.catalog.get(ns);
    if (collection === undefined) throw new ServerError(26, `ns does not exist: ${ns}`);
    const specs = collection.trees.indexes.map((index) => index.definition.spec);
    return openCursor(context, serializeDocuments(specs), {
      ns,
      batchSize: cursorArgument(command),
      release: () => {},
    });
  },
};

/** `dropIndexes`, by name, by names, by key pattern, or `*` for all but `_id_`. */
export const dropIndexes: CommandDefinition = {
  fields: ['index'],
  writes: true,
  run: async (context) => {
    const { command, engine } = context;
    const ns = namespaceOf(context.db, command, context.name);
    const collection = engine.store.catalog.get(ns);
    if (collection === undefined) throw new ServerError(26, `ns not found ${ns}`);
    await settled(collection, undefined);
    const definitions = collection.trees.indexes.map((index) => index.definition);
    const names = namesToDrop(definitions, command['index']);
    removeIndexes(engine.store, collection, names);
    journalCollection(engine.store, collection);
    return answer({ nIndexesWas: definitions.length, ok: 1 });
  },
};

function namesToDrop(definitions: readonly IndexDefinition[], asked: unknown): Set<string> {
  if (asked === '*') return new Set(definitions.slice(1).map((index) => index.name));
  const wanted = Array.isArray(asked) ? asked : [asked];
  const found = wanted.map((hint) => {
    if (typeof hint !== 'string' && !isDocument(hint)) throw wrongType('dropIndexes.index', hint, 'string');
    const index = definitions.find((definition) => matchesHint(definition, hint));
    if (index !== undefined) return index;
    const message =
      typeof hint === 'string'
        ? `index not found with name [${hint}]`
        : `can't find index with key: ${EJSON.stringify(hint)}`;
    throw new ServerError(27, message);
  });
  if (found.some((index) => index.name === '_id_')) throw new ServerError(72, 'cannot drop _id index');
  return new Set(found.map((index) => index.name));
}
