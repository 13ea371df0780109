import type { Document } from 'bson';
import { compileFilter } from '../query/filter.ts';
import { type CompiledUpdate, compileUpdate } from '../query/update.ts';
import type { Collection } from '../storage/collection.ts';
import { documentOf, type StoredRecord } from '../storage/record.ts';
import { findAll, findFirst, type Search } from '../storage/search.ts';
import { whenUnblocked } from '../transactions/waiting.ts';
import { insertDocument, removeDocument, replaceDocument, treesFor } from '../transactions/writer.ts';
import type { CommandContext } from './context.ts';
import { checkId } from './insert.ts';
import { collectionForWrite, existingCollection } from './target.ts';

/** One update as update and findAndModify share it. */
export interface UpdateStatement {
  readonly ns: string;
  readonly search: Search;
  readonly update: Document | Document[];
  readonly upsert: boolean;
  readonly arrayFilters: Document[] | undefined;
  readonly constants?: Document | undefined;
  readonly deadline: number;
}

/** What an update of one document did. */
export interface UpdateOutcome {
  readonly before: Document | undefined;
  readonly after: Document | undefined;
  readonly changed: boolean;
  readonly upserted: boolean;
}

const NOTHING: UpdateOutcome = { before: undefined, after: undefined, changed: false, upserted: false };
const SLICE_MS = 8;

/** Compiles the update of a statement, which also refuses what is wrong with it. */
export function compileStatement(context: CommandContext, statement: UpdateStatement): CompiledUpdate {
  return compileUpdate(statement.update, {
    ...statement.search.options,
    filter: statement.search.filter,
    arrayFilters: statement.arrayFilters,
    upsert: statement.upsert,
    now: context.now,
    constants: statement.constants,
  });
}

/** Finds and changes one document, or inserts the upsert's: one indivisible step, run again after a wait. */
export function updateOne(context: CommandContext, statement: UpdateStatement): Promise<UpdateOutcome> {
  const update = compileStatement(context, statement);
  return whenUnblocked(() => {
    const collection = existingCollection(context, statement.ns);
    const record = collection && findFirst(treesFor(context.writer, collection), statement.search);
    if (collection && record) return applyTo(context, collection, record, update);
    if (!statement.upsert) {
      compileFilter(statement.search.filter, statement.search.options);
      return NOTHING;
    }
    return upsert(context, statement, update);
  }, statement.deadline);
}

function applyTo(
  context: CommandContext,
  collection: Collection,
  record: StoredRecord,
  update: CompiledUpdate,
): UpdateOutcome {
  const before = documentOf(record);
  const { doc, changed } = update.apply(before);
  if (changed) replaceDocument(context.writer, collection, record, doc);
  return { before, after: doc, changed, upserted: false };
}

function upsert(context: CommandContext, statement: UpdateStatement, update: CompiledUpdate): UpdateOutcome {
  const seed = update.seed();
  checkId(seed['_id']);
  const collection = collectionForWrite(context, statement.ns);
  const record = insertDocument(context.writer, collection, seed);
  return { before: undefined, after: documentOf(record), changed: true, upserted: true };
}

/** Changes every document found, each in a step of its own. Which ones is settled before the first is changed. */
export async function updateMany(
  context: CommandContext,
  statement: UpdateStatement,
): Promise<{ matched: number; modified: number; upserted: Document | undefined }> {
  const update = compileStatement(context, statement);
  let matched = 0;
  let modified = 0;
  await eachMatch(context, statement, (collection, record) => {
    const { changed } = applyTo(context, collection, record, update);
    matched++;
    if (changed) modified++;
  });
  if (matched > 0 || !statement.upsert) return { matched, modified, upserted: undefined };
  const outcome = await whenUnblocked(() => upsert(context, statement, update), statement.deadline);
  return { matched: 0, modified: 0, upserted: outcome.after };
}

/** Removes the documents found, at most `limit` when it is not 0; answers how many. */
export async function removeMany(
  context: CommandContext,
  target: Pick<UpdateStatement, 'ns' | 'search' | 'deadline'>,
): Promise<number> {
  let removed = 0;
  await eachMatch(context, target, (collection, record) => {
    removeDocument(context.writer, collection, record);
    removed++;
  });
  return removed;
}

/** Finds and removes one document. */
export function removeOne(
  context: CommandContext,
  target: Pick<UpdateStatement, 'ns' | 'search' | 'deadline'>,
): Promise<Document | undefined> {
  return whenUnblocked(() => {
    const collection = existingCollection(context, target.ns);
    const record = collection && findFirst(treesFor(context.writer, collection), target.search);
    if (!collection || !record) {
      compileFilter(target.search.filter, target.search.options);
      return undefined;
    }
    removeDocument(context.writer, collection, record);
    return documentOf(record);
  }, target.deadline);
}

async function eachMatch(
  context: CommandContext,
  { ns, search, deadline }: Pick<UpdateStatement, 'ns' | 'search' | 'deadline'>,
  step: (collection: Collection, record: StoredRecord) => void,
): Promise<void> {
  const matches = compileFilter(search.filter, search.options);
  const collection = existingCollection(context, ns);
  if (collection === undefined) return;
  let sliceEnd = performance.now() + SLICE_MS;
  for (const found of findAll(treesFor(context.writer, collection), search)) {
    await whenUnblocked(() => {
      const present = treesFor(context.writer, collection).records.get(found.rid);
      // While this waited, another may have changed or removed the document.
      if (present === undefined || (present !== found && !matches(documentOf(present)))) return;
      step(collection, present);
    }, deadline);
    if (performance.now() > sliceEnd) {
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
}
