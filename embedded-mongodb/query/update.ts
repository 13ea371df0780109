import type { Document } from 'bson';
import { collatorOf } from '../bson/compare.ts';
import { badValue, failedToParse, ServerError } from '../bson/errors.ts';
import { identicalValues } from '../bson/identical.ts';
import { show } from '../bson/show.ts';
import { bsonType, isObject, setField } from '../bson/value.ts';
import { compileDocumentStages } from './document-stages.ts';
import { expressionScope } from './expression.ts';
import type { QueryOptions } from './options.ts';
import { compileModifiers } from './update-modifiers.ts';
import { seedOf } from './update-seed.ts';

/** What an update statement says beside the update itself. */
export interface UpdateOptions extends QueryOptions {
  /** The statement's filter: it says what the positional `$` stands for, and what an upsert starts from. */
  readonly filter: Document;
  readonly arrayFilters?: readonly Document[] | undefined;
  readonly upsert?: boolean | undefined;
  readonly now: Date;
  /** The `c` of an update with a pipeline: further constants for its expressions. */
  readonly constants?: Document | undefined;
}

/** A compiled update. */
export interface CompiledUpdate {
  /** The new document and whether it differs from the old one, which stays untouched. Throws 66 if `_id` would change. */
  readonly apply: (document: Document) => { readonly doc: Document; readonly changed: boolean };
  /** The document that an upsert inserts; it lacks an `_id` when neither filter nor update gives one. */
  readonly seed: () => Document;
}

/** Changes a document; `inserting` is true for the document of an upsert. */
export type Change = (document: Document, inserting: boolean) => Document;

/** Compiles an update: operators, a replacement document, or a pipeline of document stages. */
export function compileUpdate(
  update: Document | readonly Document[],
  options: UpdateOptions,
): CompiledUpdate {
  if (Array.isArray(update)) return pipelineUpdate(update, options);
  if (!isObject(update)) throw failedToParse(`Update argument must be either an object or an array`);
  const [first] = Object.keys(update);
  return first?.startsWith('$') ? operatorUpdate(update, options) : replacement(update, options);
}

function compiled(change: Change, seed: () => Document): CompiledUpdate {
  const checked: Change = (document, inserting) => {
    const doc = change(document, inserting);
    checkId(document, doc);
    return doc;
  };
  return {
    apply: (document) => {
      const doc = checked(document, false);
      return { doc, changed: doc !== document && !identicalValues(doc, document) };
    },
    seed: () => idFirst(checked(seed(), true)),
  };
}

function checkId(before: Document, after: Document): void {
  const id = before['_id'];
  if (id === undefined || after['_id'] === id || identicalValues(id, after['_id'])) return;
  throw new ServerError(
    66,
    `Performing an update on the path '_id' would modify the immutable field '_id' (after the update it would be _id: ${show(after['_id'])})`,
  );
}

function idFirst(document: Document): Document {
  if (document['_id'] === undefined) return document;
  const result: Document = { _id: document['_id'] };
  for (const [key, value] of Object.entries(document)) if (key !== '_id') setField(result, key, value);
  return result;
}

function operatorUpdate(update: Document, options: UpdateOptions): CompiledUpdate {
  const change = compileModifiers(update, options, collatorOf(options.collation));
  return compiled(change, () => seedOf(options.filter));
}

function replacement(update: Document, options: UpdateOptions): CompiledUpdate {
  const dollar = Object.keys(update).find((key) => key.startsWith('$'));
  if (dollar !== undefined) {
    throw new ServerError(
      52,
      `The dollar ($) prefixed field '${dollar}' in '${dollar}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
    );
  }
  if (options.arrayFilters?.length) {
    throw failedToParse('arrayFilters may not be specified for a replacement-style update');
  }
  return compiled(
    (document) => withId(document['_id'], update),
    () => idOnly(seedOf(options.filter)),
  );
}

/** The replacement with the `_id` of the document it replaces, which comes first; one of its own must agree. */
function withId(id: unknown, update: Document): Document {
  if (id === undefined) return update;
  const result: Document = { _id: update['_id'] ?? id };
  for (const [key, value] of Object.entries(update)) if (key !== '_id') setField(result, key, value);
  return result;
}

function idOnly(document: Document): Document {
  return document['_id'] === undefined ? {} : { _id: document['_id'] };
}

const UPDATE_STAGES: ReadonlySet<string> = new Set([
  '$addFields',
  '$set',
  '$project',
  '$unset',
  '$replaceRoot',
  '$replaceWith',
]);

function pipelineUpdate(pipeline: readonly Document[], options: UpdateOptions): CompiledUpdate {
  if (options.arrayFilters?.length) {
    throw failedToParse('arrayFilters may not be specified for pipeline-syle updates');
  }
  for (const stage of pipeline) {
    const [name] = isObject(stage) && bsonType(stage) === undefined ? Object.keys(stage) : [];
    if (name === undefined) throw failedToParse('Each element of the update pipeline must be an object');
    if (!UPDATE_STAGES.has(name))
      throw new ServerError(72, `${name} is not allowed to be used within an update`);
  }
  const scope = expressionScope({ ...options, let: { ...options.let, ...options.constants } });
  const transform = compileDocumentStages(pipeline, scope);
  return compiled(
    (document) => {
      const result = transform(document);
      return result['_id'] === undefined ? withId(document['_id'], result) : result;
    },
    () => seedOf(options.filter),
  );
}

/** Refuses constants that only a pipeline can use. */
export function checkConstants(update: unknown, constants: unknown): void {
  if (constants !== undefined && !Array.isArray(update)) {
    throw badValue('Constant values may only be specified for pipeline updates');
  }
}
