import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { mostBytesOf } from '../query/memory.ts';
import type { QueryOptions } from '../query/options.ts';
import { compileProjection } from '../query/projection.ts';
import { documentOf, encodeDocument, type StoredRecord } from '../storage/record.ts';
import { checkSearch, type Search, startSearch } from '../storage/search.ts';
import { collationOf, countOf, documentField, flagOf, hintOf, integerOf, namespaceOf } from './arguments.ts';
import type { CommandDefinition } from './context.ts';
import { openCursor } from './cursors.ts';
import { viewFor } from './snapshot-reads.ts';

/** `find`. */
export const find: CommandDefinition = {
  fields: [
    'filter',
    'sort',
    'projection',
    'hint',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'collation',
    'let',
    'noCursorTimeout',
    'allowDiskUse',
    'allowPartialResults',
    'oplogReplay',
    'tailable',
    'awaitData',
    'min',
    'max',
    'returnKey',
    'showRecordId',
  ],
  inTransaction: true,
  run: async (context) => {
    const { command, db } = context;
    refuseUnsupported(command);
    const ns = namespaceOf(db, command, 'find');
    const search = searchOf(command, context.now);
    const encode = encoderOf(command, search);
    const { view, time } = viewFor(context);
    try {
      const trees = view.trees(ns);
      if (trees === undefined) checkSearch(search);
      const records = trees ? startSearch(trees, search).records : [][Symbol.iterator]();
      return await openCursor(context, encoded(records, encode), {
        ns,
        more: time,
        batchSize: countOf(command, 'batchSize'),
        singleBatch: flagOf(command, 'singleBatch') || (integerOf(command, 'limit') ?? 0) < 0,
        timesOut: !flagOf(command, 'noCursorTimeout'),
        release: view.release,
      });
    } catch (error) {
      view.release();
      throw error;
    }
  },
};

/** The search that find, count, distinct and explain describe. */
export function searchOf(command: Document, now: Date, filterField = 'filter'): Search {
  const collation = collationOf(command);
  const options: QueryOptions = { collation, now, let: documentField(command, 'let') };
  return {
    filter: documentField(command, filterField) ?? {},
    sort: documentField(command, 'sort'),
    hint: hintOf(command) ?? naturalHint(documentField(command, 'sort')),
    collation,
    options,
    skip: countOf(command, 'skip') ?? 0,
    limit: Math.abs(integerOf(command, 'limit') ?? 0),
    mostBytes: mostBytesOf(flagOf(command, 'allowDiskUse')),
  };
}

/** `sort: { $natural: -1 }` is a hint in disguise. */
function naturalHint(sort: Document | undefined): Document | undefined {
  return sort?.['$natural'] === undefined ? undefined : { $natural: sort['$natural'] };
}

function encoderOf(command: Document, search: Search): (record: StoredRecord) => Uint8Array {
  const projection = documentField(command, 'projection');
  if (projection === undefined || Object.keys(projection).length === 0) return (record) => record.raw;
  const project = compileProjection(projection, { ...search.options, filter: search.filter });
  return (record) => encodeDocument(project(documentOf(record)));
}

function* encoded(
  records: Iterator<StoredRecord | undefined>,
  encode: (record: StoredRecord) => Uint8Array,
): Generator<Uint8Array | undefined> {
  for (let step = records.next(); !step.done; step = records.next()) yield step.value && encode(step.value);
}

function refuseUnsupported(command: Document): void {
  for (const field of ['min', 'max']) {
    if (command[field] !== undefined && Object.keys(command[field]).length > 0) {
      throw new ServerError(115, `the embedded server does not support '${field}'`);
    }
  }
  for (const flag of ['tailable', 'awaitData', 'returnKey', 'showRecordId']) {
    if (flagOf(command, flag)) throw new ServerError(115, `the embedded server does not support '${flag}'`);
  }
}
