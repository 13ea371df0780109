import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { isNullish, isObject, long } from '../bson/value.ts';
import { fieldOf, parsePath } from './path.ts';
import { type Batches, batchesOf, type StageCompiler } from './stage.ts';
import { draftOf, removeAt, writeAt } from './update-draft.ts';

interface UnwindOptions {
  readonly path: readonly string[];
  readonly indexPath: readonly string[] | undefined;
  readonly keepEmpty: boolean;
}

function unwindOptions(spec: unknown): UnwindOptions {
  const options = typeof spec === 'string' ? { path: spec } : spec;
  if (!isObject(options))
    throw new ServerError(15981, 'expected either a string or an object as specification for $unwind stage');
  for (const key of Object.keys(options)) {
    if (!['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(key)) {
      throw new ServerError(28811, `unrecognized option to $unwind stage: ${key}`);
    }
  }
  const { path, includeArrayIndex, preserveNullAndEmptyArrays } = options;
  if (typeof path !== 'string') throw new ServerError(28812, 'no path specified to $unwind stage');
  if (!path.startsWith('$'))
    throw new ServerError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`);
  if (preserveNullAndEmptyArrays !== undefined && typeof preserveNullAndEmptyArrays !== 'boolean') {
    throw new ServerError(
      28809,
      'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage',
    );
  }
  if (typeof includeArrayIndex === 'string' && includeArrayIndex.startsWith('$')) {
    throw new ServerError(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${includeArrayIndex}`,
    );
  }
  if (
    includeArrayIndex !== undefined &&
    (typeof includeArrayIndex !== 'string' || includeArrayIndex === '')
  ) {
    throw new ServerError(
      28810,
      'expected a non-empty string for the includeArrayIndex option to $unwind stage',
    );
  }
  return {
    path: parsePath(path.slice(1)),
    indexPath: typeof includeArrayIndex === 'string' ? parsePath(includeArrayIndex) : undefined,
    keepEmpty: preserveNullAndEmptyArrays === true,
  };
}

/** `$unwind`: a document for each element of an array. */
export const unwind: StageCompiler = (spec, context) => {
  const options = unwindOptions(spec);
  return async function* run(source: Batches) {
    for await (const batch of source) {
      yield* batchesOf(unwound(batch, options), context.run.yieldEvery);
    }
  };
};

/** The value at a path of documents; arrays on the way are not entered, not even by a number. */
function fieldAt(document: Document, path: readonly string[]): unknown {
  let current: unknown = document;
  for (const part of path) current = fieldOf(current, part);
  return current;
}

function* unwound(batch: Document[], options: UnwindOptions): Generator<Document> {
  const { path, keepEmpty } = options;
  for (const document of batch) {
    const value = fieldAt(document, path);
    if (Array.isArray(value) && value.length > 0) {
      for (const [index, element] of value.entries()) yield withElement(document, options, element, index);
    } else if (Array.isArray(value) || isNullish(value)) {
      if (keepEmpty) yield withElement(document, options, value === null ? null : undefined, undefined);
    } else yield withElement(document, options, value, undefined);
  }
}

function withElement(
  document: Document,
  options: UnwindOptions,
  element: unknown,
  index: number | undefined,
): Document {
  const draft = draftOf(document);
  if (element !== undefined) writeAt(draft, options.path, element);
  else if (fieldAt(document, options.path) !== undefined) removeAt(draft, options.path);
  if (options.indexPath) writeAt(draft, options.indexPath, index === undefined ? null : long(index));
  return draft.root;
}
