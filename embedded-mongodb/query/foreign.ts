import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { bsonType, isObject, RANK, rankOf } from '../bson/value.ts';
import { evaluatePath } from './expression-scope.ts';
import type { Stage, StageContext } from './stage.ts';
import { draftOf, writeAt } from './update-draft.ts';

/** The options of a stage, with their names checked. */
export function optionsOf(
  name: string,
  spec: unknown,
  required: readonly string[],
  optional: readonly string[],
): Document {
  if (!isObject(spec) || bsonType(spec) !== undefined) {
    throw new ServerError(9, `the ${name} specification must be an Object`);
  }
  for (const key of Object.keys(spec)) {
    if (!required.includes(key) && !optional.includes(key))
      throw new ServerError(9, `unknown argument to ${name}: ${key}`);
  }
  for (const key of required) {
    if (spec[key] === undefined)
      throw new ServerError(9, `missing '${key}' option to ${name} stage specification`);
  }
  return spec;
}

/** An option that must be a string. */
export function nameOf(name: string, option: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new ServerError(9, `${name} argument '${option}' must be a string`);
}

/** The document with a value at a path. */
export function setAt(document: Document, path: readonly string[], value: unknown): Document {
  const draft = draftOf(document);
  writeAt(draft, path, value);
  return draft.root;
}

/** A stage that looks documents up one by one. */
export function perDocument(change: (document: Document) => Promise<Document>, context: StageContext): Stage {
  return async function* run(source) {
    for await (const batch of source) {
      const result: Document[] = [];
      for (const document of batch) result.push(await change(document));
      yield result;
      await context.run.yieldEvery?.();
    }
  };
}

/** The filter for foreign documents that equal a local value: each element of an array, null for a missing field. */
export function equalityFilter(field: string, values: readonly unknown[]): Document {
  const [only] = values;
  if (values.length === 1) return { [field]: { $eq: only } };
  // A regular expression within $in would match by pattern, so it is compared on its own.
  const regexes = values.filter((value) => rankOf(value) === RANK.regex);
  if (regexes.length === 0) return { [field]: { $in: values } };
  const others = values.filter((value) => rankOf(value) !== RANK.regex);
  return { $or: [{ [field]: { $in: others } }, ...regexes.map((value) => ({ [field]: { $eq: value } }))] };
}

/** The values at a local path, as `$lookup` and `$graphLookup` follow them. */
export function localValues(document: Document, path: readonly string[]): unknown[] {
  const value = evaluatePath(document, path, 0);
  if (!Array.isArray(value)) return [value ?? null];
  return value.flatMap((item) => (Array.isArray(item) && path.length > 1 ? item : [item]));
}
