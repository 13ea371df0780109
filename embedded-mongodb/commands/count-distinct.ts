import type { Document } from 'bson';
import { typeMismatch } from '../bson/errors.ts';
import { isEmptyDocument } from '../bson/value.ts';
import { foldOf } from '../storage/collation-fold.ts';
import { encodeValue } from '../storage/key-encoding.ts';
import { documentOf, type StoredRecord } from '../storage/record.ts';
import { checkSearch, startSearch } from '../storage/search.ts';
import type { ReadView } from '../transactions/read-view.ts';
import { namespaceOf } from './arguments.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';
import { searchOf } from './find.ts';
import { pacer } from './pacer.ts';
import { viewFor } from './snapshot-reads.ts';

/** Calls `use` for each record that a command's query finds, giving others their turn. */
async function eachFound(
  context: CommandContext,
  view: ReadView,
  use: (record: StoredRecord) => void,
): Promise<void> {
  const { command, db, name } = context;
  const pause = pacer(context);
  try {
    const search = searchOf(command, context.now, 'query');
    const trees = view.trees(namespaceOf(db, command, name));
    if (trees === undefined) return checkSearch(search);
    for (const record of startSearch(trees, search).records) {
      if (record) use(record);
      const turn = pause(record === undefined);
      if (turn) await turn;
    }
  } finally {
    view.release();
  }
}

/** `count`, by query; without one it is the number of records. */
export const count: CommandDefinition = {
  fields: ['query', 'limit', 'skip', 'hint', 'collation', 'fields'],
  run: async (context) => {
    let n = 0;
    const trees = context.engine.store.catalog.get(namespaceOf(context.db, context.command, 'count'))?.trees;
    const { query, limit, skip } = context.command;
    if (trees && isEmptyDocument(query) && !limit && !skip) n = trees.records.size;
    else await eachFound(context, viewFor(context).view, () => n++);
    return answer({ n, ok: 1 });
  },
};

/** `distinct`: the values at a path, arrays spread out, equal ones once, in order of appearance. */
export const distinct: CommandDefinition = {
  fields: ['key', 'query', 'collation', 'hint'],
  inTransaction: true,
  run: async (context) => {
    const path = context.command['key'];
    if (typeof path !== 'string') throw typeMismatch("BSON field 'distinct.key' must be a string");
    const fold = foldOf(context.command['collation']);
    const values = new Map<string, unknown>();
    const { view, time } = viewFor(context);
    await eachFound(context, view, (record) => {
      for (const value of valuesAt(documentOf(record), path.split('.'))) {
        const key = encodeValue(value, fold);
        if (!values.has(key)) values.set(key, value);
      }
    });
    return answer({ values: [...values.values()], ...time, ok: 1 });
  },
};

/** The values at a path: through arrays on the way, and the elements of an array at its end. */
function valuesAt(value: unknown, parts: readonly string[]): unknown[] {
  if (parts.length === 0) return Array.isArray(value) ? value : value === undefined ? [] : [value];
  const [part, ...rest] = parts as [string, ...string[]];
  if (Array.isArray(value)) {
    if (/^\d+$/.test(part)) return valuesAt(value[Number(part)], rest);
    return value.filter((item) => !Array.isArray(item)).flatMap((item) => valuesAt(item, parts));
  }
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return [];
  return valuesAt((value as Document)[part], rest);
}
