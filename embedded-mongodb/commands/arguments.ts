import type { Document } from 'bson';
import type { Collation } from '../bson/compare.ts';
import { badValue, ServerError, typeMismatch } from '../bson/errors.ts';
import { checkCollation } from '../query/collation-spec.ts';

/** Fields that any command may carry; the ones that matter are read where they matter. */
const GENERIC = new Set([
  '$db',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

/** Refuses a field that the command does not have, as a real server does; nothing is ignored. */
export function checkFields(doc: Document, where: string, known: ReadonlySet<string>, generic = false): void {
  for (const field of Object.keys(doc)) {
    if (known.has(field) || (generic && GENERIC.has(field))) continue;
    throw new ServerError(40415, `BSON field '${where}.${field}' is an unknown field.`);
  }
}

/** The integer value of an optional field. */
export function integerOf(doc: Document, field: string): number | undefined {
  const value = doc[field];
  if (value === undefined || value === null) return undefined;
  const number = Number(value.valueOf());
  if (!isNumeric(value)) throw wrongType(field, value, '[long, int, decimal, double]');
  return Math.trunc(number);
}

/** An integer that must not be negative. */
export function countOf(doc: Document, field: string): number | undefined {
  const value = integerOf(doc, field);
  if (value !== undefined && value < 0) {
    throw new ServerError(51024, `BSON field '${field}' value must be >= 0, actual value '${value}'`);
  }
  return value;
}

/** The truth of an optional flag; a number counts, as in the server. */
export function flagOf(doc: Document, field: string, fallback = false): boolean {
  const value = doc[field];
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'boolean') return value;
  if (!isNumeric(value)) throw wrongType(field, value, '[bool, long, int, decimal, double]');
  return Number(value.valueOf()) !== 0;
}

/** An optional document. */
export function documentField(doc: Document, field: string): Document | undefined {
  const value = doc[field];
  if (value === undefined || value === null) return undefined;
  if (!isDocument(value)) throw wrongType(field, value, 'object');
  return value as Document;
}

/** The collation of a command; the simple one counts as none. */
export function collationOf(doc: Document): Collation | undefined {
  const collation = documentField(doc, 'collation');
  if (collation === undefined || Object.keys(collation).length === 0) return undefined;
  checkCollation(collation);
  return collation['locale'] === 'simple' ? undefined : (collation as Collation);
}

/** The hint of a command: an index name or key pattern; an empty one counts as none. */
export function hintOf(doc: Document): string | Document | undefined {
  const hint = doc['hint'];
  if (hint === undefined || hint === null) return undefined;
  if (typeof hint === 'string') return hint;
  if (!isDocument(hint)) throw new ServerError(9, 'hint must be either a string or nested object');
  return Object.keys(hint).length === 0 ? undefined : (hint as Document);
}

/** The full name of the collection that a command names in its first field. */
export function namespaceOf(db: string, command: Document, name: string): string {
  const collection = command[name];
  if (typeof collection !== 'string') throw new ServerError(73, 'collection name has invalid type');
  if (collection === '') throw new ServerError(73, `Invalid namespace specified '${db}.'`);
  return `${db}.${collection}`;
}

/** Whether a value is a document and not one of BSON's typed values. */
export function isDocument(value: unknown): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !('_bsontype' in value)
  );
}

/** Whether a value is one of BSON's numbers. */
export function isNumeric(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'bigint') return true;
  const type = (value as { _bsontype?: string } | null)?._bsontype;
  return type === 'Int32' || type === 'Double' || type === 'Long' || type === 'Decimal128';
}

/** An argument that must be an array of documents. */
export function documentsOf(value: unknown, field: string): Document[] {
  if (!Array.isArray(value)) throw wrongType(field, value, 'array');
  for (const item of value) if (!isDocument(item)) throw wrongType(`${field}.0`, item, 'object');
  return value as Document[];
}

/** Code 14: an argument is of another type than the command takes. */
export function wrongType(field: string, value: unknown, expected: string): ServerError {
  return typeMismatch(
    `BSON field '${field}' is the wrong type '${typeName(value)}', expected type '${expected}'`,
  );
}

function typeName(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'array';
  if (value === null || value === undefined) return 'null';
  return (value as { _bsontype?: string })._bsontype?.toLowerCase() ?? 'object';
}

const READ_CONCERN = new Set(['level', 'afterClusterTime', 'atClusterTime', 'provenance']);
const WRITE_CONCERN = new Set(['w', 'j', 'fsync', 'wtimeout', 'provenance']);

/** Refuses what a read or write concern does not have. */
export function checkConcerns(command: Document): void {
  checkFields(documentField(command, 'readConcern') ?? {}, 'readConcern', READ_CONCERN);
  checkFields(documentField(command, 'writeConcern') ?? {}, 'writeConcern', WRITE_CONCERN);
}

/** What to report beside the result when more nodes were to confirm a write than there are. */
export function unsatisfiedConcern(command: Document): Document | undefined {
  const w = documentField(command, 'writeConcern')?.['w'];
  if (w === undefined || w === 'majority') return undefined;
  if (!isNumeric(w)) {
    const errmsg = `No write concern mode named '${String(w)}' found in replica set configuration`;
    return { code: 79, codeName: 'UnknownReplWriteConcern', errmsg };
  }
  const nodes = Number(w.valueOf());
  if (nodes < 0 || nodes > 50) throw badValue('w has to be a non-negative number and not greater than 50');
  if (nodes <= 1) return undefined;
  return { code: 100, codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' };
}
