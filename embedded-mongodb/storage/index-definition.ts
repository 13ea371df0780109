import type { Document } from 'bson';
import type { Collation } from '../bson/compare.ts';
import { ServerError, typeMismatch } from '../bson/errors.ts';
import { toDouble } from '../bson/value.ts';
import { checkIndexCollation } from '../query/collation-spec.ts';
import { compileFilter } from '../query/filter.ts';
import { foldOf } from './collation-fold.ts';
import type { Fold } from './key-encoding.ts';

/** One field of an index. */
export interface IndexField {
  readonly path: string;
  readonly parts: readonly string[];
  readonly descending: boolean;
  /** Whether a part of the path is a number, which in an array is a position. */
  readonly positional: boolean;
}

/** An index as created: what `listIndexes` shows, and what the engine derives from it. */
export interface IndexDefinition {
  readonly name: string;
  readonly spec: Document;
  readonly fields: readonly IndexField[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly hidden: boolean;
  readonly partial?: (doc: Document) => boolean;
  readonly partialFilter?: Document;
  readonly expireAfterSeconds?: number;
  readonly collation?: Collation;
  readonly fold?: Fold;
  /** The top-level fields that decide the entries of a document; undefined if that cannot be told. */
  readonly reads: readonly string[] | undefined;
}

const OPTIONS = new Set([
  'v',
  'key',
  'name',
  'ns',
  'unique',
  'sparse',
  'background',
  'hidden',
  'partialFilterExpression',
  'expireAfterSeconds',
  'collation',
]);

/** The index that every collection has. */
export const ID_INDEX: Document = { v: 2, key: { _id: 1 }, name: '_id_' };

/** Checks an index specification as createIndexes does and derives the index from it. */
export function defineIndex(spec: Document): IndexDefinition {
  for (const option of Object.keys(spec)) {
    if (!OPTIONS.has(option))
      throw new ServerError(197, `The field '${option}' is not valid for an index specification`);
  }
  const key = spec['key'] as Document | undefined;
  if (key === undefined || key === null || typeof key !== 'object') {
    throw new ServerError(9, "The 'key' field is a required property of an index specification");
  }
  const fields = Object.entries(key).map(([path, direction]) => defineField(path, direction));
  if (fields.length === 0) throw new ServerError(67, 'Index keys cannot be an empty object');
  const name = spec['name'] ?? indexName(key);
  if (typeof name !== 'string') throw typeMismatch("The field 'name' must be a string");
  const options = optionsOf(spec, key);
  return {
    name,
    fields,
    ...options,
    reads: fieldsRead(fields, options.partialFilter),
    spec: listedSpec(spec, key, name),
  };
}

function fieldsRead(fields: readonly IndexField[], partialFilter: Document = {}): string[] | undefined {
  const conditions = Object.keys(partialFilter);
  if (conditions.some((path) => path.startsWith('$'))) return undefined;
  return [
    ...fields.map((field) => field.parts[0] as string),
    ...conditions.map((path) => path.split('.')[0] as string),
  ];
}

/** The name MongoDB gives an index by default: `a_1_b_-1`. */
export function indexName(key: Document): string {
  return Object.entries(key)
    .map(([path, direction]) => `${path}_${String(direction?.valueOf())}`)
    .join('_');
}

function defineField(path: string, direction: unknown): IndexField {
  const value = Number((direction as { valueOf(): unknown })?.valueOf());
  if (typeof direction === 'string') throw unsupportedKind(direction);
  if (path === '$**' || path.endsWith('.$**')) throw unsupportedKind('wildcard');
  if (!Number.isFinite(value) || value === 0) {
    throw new ServerError(
      67,
      'Values in v:2 index key pattern cannot be of type other than a non-zero number',
    );
  }
  if (path === '' || path.split('.').includes(''))
    throw new ServerError(67, 'Index keys cannot contain an empty field');
  if (path.startsWith('$'))
    throw new ServerError(67, "Index key contains an illegal field name: field name starts with '$'");
  const parts = path.split('.');
  return { path, parts, descending: value < 0, positional: parts.some((part) => /^\d+$/.test(part)) };
}

function unsupportedKind(kind: string): ServerError {
  return new ServerError(67, `the embedded server does not support ${kind} indexes`);
}

function optionsOf(
  spec: Document,
  key: Document,
): Omit<IndexDefinition, 'name' | 'fields' | 'spec' | 'reads'> {
  const partialFilter = spec['partialFilterExpression'] as Document | undefined;
  if (spec['collation'] !== undefined) checkIndexCollation(spec['collation']);
  const collation = simpleIsNone(spec['collation'] as Collation | undefined);
  const isId = Object.keys(key).length === 1 && key['_id'] !== undefined;
  const fold = foldOf(collation);
  if (partialFilter !== undefined && spec['sparse']) {
    throw new ServerError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
  }
  return {
    unique: isId || truthy(spec['unique']),
    sparse: truthy(spec['sparse']),
    hidden: truthy(spec['hidden']),
    ...(partialFilter && {
      partialFilter,
      partial: compileFilter(partialFilter, collation && { collation }),
    }),
    ...(spec['expireAfterSeconds'] !== undefined && { expireAfterSeconds: ttlSeconds(spec, key) }),
    ...(collation && { collation }),
    ...(fold && { fold }),
  };
}

function simpleIsNone(collation: Collation | undefined): Collation | undefined {
  return collation?.locale === 'simple' ? undefined : collation;
}

function ttlSeconds(spec: Document, key: Document): number {
  const seconds = toDouble(spec['expireAfterSeconds']);
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 2147483647) {
    throw new ServerError(
      67,
      `TTL index 'expireAfterSeconds' option must be within an acceptable range, try a different value than ${seconds}`,
    );
  }
  if (Object.keys(key).length > 1)
    throw new ServerError(67, 'TTL indexes are single-field indexes, compound indexes do not support TTL');
  if (key['_id'] !== undefined)
    throw new ServerError(197, "The field 'expireAfterSeconds' is not valid for an _id index specification");
  return seconds;
}

function truthy(value: unknown): boolean {
  return Boolean((value as { valueOf(): unknown } | undefined)?.valueOf());
}

/** `background` is accepted and dropped, as servers since 4.2 do. */
function listedSpec(spec: Document, key: Document, name: string): Document {
  const { v: _v, key: _key, name: _name, ns: _ns, background: _background, ...rest } = spec;
  for (const option of ['unique', 'sparse', 'hidden']) if (!truthy(rest[option])) delete rest[option];
  return { v: 2, key, name, ...rest };
}
