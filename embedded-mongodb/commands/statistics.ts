import { ServerError } from '../bson/errors.ts';
import { compileFilter } from '../query/filter.ts';
import type { Collection } from '../storage/collection.ts';
import { documentField, flagOf, namespaceOf } from './arguments.ts';
import { answer, type CommandDefinition } from './context.ts';

interface Sizes {
  count: number;
  size: number;
  nindexes: number;
  totalIndexSize: number;
}

function sizesOf(collection: Collection): Sizes {
  const { records, indexes } = collection.trees;
  let size = 0;
  for (const record of records.values()) size += record.raw.length;
  let totalIndexSize = 0;
  for (const index of indexes) for (const key of index.entries.keys()) totalIndexSize += key.length;
  return { count: records.size, size, nindexes: indexes.length, totalIndexSize };
}

/** `collStats`: counts and encoded bytes; what it holds in memory is more. */
export const collStats: CommandDefinition = {
  fields: ['scale'],
  run: ({ engine, command, db }) => {
    const ns = namespaceOf(db, command, 'collStats');
    const collection = engine.store.catalog.get(ns);
    if (collection === undefined)
      return answer({ ns, count: 0, size: 0, storageSize: 0, totalIndexSize: 0, nindexes: 0, ok: 1 });
    const sizes = sizesOf(collection);
    const avgObjSize = sizes.count === 0 ? 0 : Math.floor(sizes.size / sizes.count);
    return answer({ ns, ...sizes, avgObjSize, storageSize: sizes.size, ok: 1 });
  },
};

/** `dbStats`. */
export const dbStats: CommandDefinition = {
  fields: ['scale', 'freeStorage'],
  run: ({ engine, db }) => {
    const sizes = [...engine.store.catalog.values()].filter((c) => c.ns.startsWith(`${db}.`)).map(sizesOf);
    const sum = (field: keyof Sizes): number => sizes.reduce((total, one) => total + one[field], 0);
    const size = sum('size');
    return answer({
      db,
      collections: sizes.length,
      views: 0,
      objects: sum('count'),
      avgObjSize: sum('count') === 0 ? 0 : size / sum('count'),
      dataSize: size,
      storageSize: size,
      indexes: sum('nindexes'),
      indexSize: sum('totalIndexSize'),
      ok: 1,
    });
  },
};

/** `listDatabases`. */
export const listDatabases: CommandDefinition = {
  fields: ['filter', 'nameOnly', 'authorizedDatabases'],
  run: ({ engine, command, db }) => {
    if (db !== 'admin')
      throw new ServerError(13, 'listDatabases may only be run against the admin database.');
    const matches = compileFilter(documentField(command, 'filter') ?? {});
    const byName = new Map<string, number>();
    for (const collection of engine.store.catalog.values()) {
      const name = collection.ns.slice(0, collection.ns.indexOf('.'));
      byName.set(name, (byName.get(name) ?? 0) + sizesOf(collection).size);
    }
    const databases = [...byName]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, sizeOnDisk]) => ({ name, sizeOnDisk, empty: false }))
      .filter(matches);
    if (flagOf(command, 'nameOnly'))
      return answer({ databases: databases.map(({ name }) => ({ name })), ok: 1 });
    return answer({ databases, totalSize: databases.reduce((sum, one) => sum + one.sizeOnDisk, 0), ok: 1 });
  },
};
