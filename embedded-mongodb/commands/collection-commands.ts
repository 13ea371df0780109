import { Binary } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { compileFilter } from '../query/filter.ts';
import type { Collection } from '../storage/collection.ts';
import { redefineIndex } from '../storage/index-building.ts';
import { defineIndex, ID_INDEX } from '../storage/index-definition.ts';
import { matchesHint } from '../storage/planner.ts';
import { dropCollection, journalCollection, renameCollection } from '../storage/store.ts';
import { checkCreatingIn } from '../transactions/uncommitted.ts';
import { documentField, flagOf, isDocument, namespaceOf, wrongType } from './arguments.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';
import { serializeDocuments } from './cursor-lists.ts';
import { cursorArgument, openCursor } from './cursors.ts';
import { settled } from './exclusive.ts';
import { collectionForWrite } from './target.ts';

/** `create`. Options that would change what a collection does are refused. */
export const create: CommandDefinition = {
  fields: [
    'idIndex',
    'autoIndexId',
    'storageEngine',
    'indexOptionDefaults',
    'capped',
    'size',
    'max',
    'validator',
    'validationLevel',
    'validationAction',
    'viewOn',
    'pipeline',
    'collation',
    'timeseries',
    'expireAfterSeconds',
    'clusteredIndex',
    'changeStreamPreAndPostImages',
    'encryptedFields',
  ],
  inTransaction: true,
  writes: true,
  run: (context) => {
    const { command, db, transaction } = context;
    for (const option of [
      'validator',
      'viewOn',
      'timeseries',
      'clusteredIndex',
      'changeStreamPreAndPostImages',
      'encryptedFields',
      'collation',
    ]) {
      if (command[option] !== undefined)
        throw new ServerError(115, `the embedded server does not support the option '${option}' of create`);
    }
    if (flagOf(command, 'capped'))
      throw new ServerError(115, "the embedded server does not support the option 'capped' of create");
    if (transaction) checkCreatingIn(transaction, 'create');
    collectionForWrite(context, namespaceOf(db, command, 'create'));
    return answer({ ok: 1 });
  },
};

/** `drop`. */
export const drop: CommandDefinition = {
  fields: [],
  writes: true,
  run: async ({ engine, command, db }) => {
    const ns = namespaceOf(db, command, 'drop');
    const collection = engine.store.catalog.get(ns);
    if (collection === undefined) return answer({ ok: 1 });
    await settled(collection, undefined);
    const nIndexesWas = collection.trees.indexes.length;
    if (engine.store.catalog.get(ns) === collection) dropCollection(engine.store, collection);
    return answer({ nIndexesWas, ns, ok: 1 });
  },
};

/** `dropDatabase`. */
export const dropDatabase: CommandDefinition = {
  fields: [],
  writes: true,
  run: async (context) => {
    for (const collection of collectionsOf(context)) {
      await settled(collection, undefined);
      if (context.engine.store.catalog.get(collection.ns) === collection)
        dropCollection(context.engine.store, collection);
    }
    return answer({ dropped: context.db, ok: 1 });
  },
};

function collectionsOf({ engine, db }: CommandContext): Collection[] {
  return [...engine.store.catalog.values()]
    .filter((collection) => collection.ns.startsWith(`${db}.`))
    .sort((a, b) => (a.ns < b.ns ? -1 : 1));
}

/** `listCollections`. */
export const listCollections: CommandDefinition = {
  fields: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'],
  run: (context) => {
    const { command, db } = context;
    const nameOnly = flagOf(command, 'nameOnly');
    const matches = compileFilter(documentField(command, 'filter') ?? {});
    const listed = collectionsOf(context).map((collection) => {
      const name = collection.ns.slice(db.length + 1);
      if (nameOnly) return { name, type: 'collection' };
      const info = { readOnly: false, uuid: new Binary(collection.uuid, 4) };
      return { name, type: 'collection', options: collection.options, info, idIndex: ID_INDEX };
    });
    return openCursor(context, serializeDocuments(listed.filter(matches)), {
      ns: `${db}.$cmd.listCollections`,
      batchSize: cursorArgument(command),
      release: () => {},
    });
  },
};

/** `collMod`: changes an index's expiry or whether it is hidden. */
export const collMod: CommandDefinition = {
  fields: ['index', 'validator', 'validationLevel', 'validationAction'],
  writes: true,
  run: async ({ engine, command, db }) => {
    const ns = namespaceOf(db, command, 'collMod');
    const collection = engine.store.catalog.get(ns);
    if (collection === undefined) throw new ServerError(26, `ns does not exist: ${ns}`);
    if (command['validator'] !== undefined)
      throw new ServerError(115, 'the embedded server does not support validators');
    const change = documentField(command, 'index');
    if (change === undefined) return answer({ ok: 1 });
    await settled(collection, undefined);
    const hint: unknown = change['name'] ?? change['keyPattern'];
    if (typeof hint !== 'string' && !isDocument(hint)) throw wrongType('collMod.index.name', hint, 'string');
    const index = collection.trees.indexes.find((tree) => matchesHint(tree.definition, hint));
    if (index === undefined)
      throw new ServerError(27, `cannot find index ${JSON.stringify(hint)} for ns ${ns}`);
    const { name: _name, keyPattern: _pattern, ...options } = change;
    const spec = { ...index.definition.spec, ...options };
    redefineIndex(engine.store, collection, index, defineIndex(spec));
    journalCollection(engine.store, collection);
    return answer({ ok: 1 });
  },
};

/** `renameCollection`. */
export const renameCollectionCommand: CommandDefinition = {
  fields: ['to', 'dropTarget'],
  writes: true,
  run: async ({ engine, command, db }) => {
    if (db !== 'admin')
      throw new ServerError(13, 'renameCollection may only be run against the admin database.');
    const from = String(command['renameCollection']);
    const to = String(command['to']);
    const collection = engine.store.catalog.get(from);
    if (collection === undefined) throw new ServerError(26, `Source collection ${from} does not exist`);
    if (from === to) throw new ServerError(20, "Can't rename a collection to itself");
    const target = engine.store.catalog.get(to);
    if (target !== undefined && !flagOf(command, 'dropTarget'))
      throw new ServerError(48, 'target namespace exists');
    await settled(collection, undefined);
    if (target !== undefined) {
      await settled(target, undefined);
      dropCollection(engine.store, target);
    }
    renameCollection(engine.store, collection, to);
    return answer({ ok: 1 });
  },
};
