import type { Document } from 'bson';
import { EJSON } from 'bson';
import { ServerError } from '../bson/errors.ts';
import type { IndexDefinition } from './index-definition.ts';
import { valuesOfKey } from './index-keys.ts';
import type { IndexKey } from './key-encoding.ts';

/** MongoDB's own duplicate-key error: code 11000 with the index, `keyPattern` and `keyValue`. */
export function duplicateKey(ns: string, index: IndexDefinition, doc: Document, key: IndexKey): ServerError {
  const values = valuesOfKey(index, doc, key);
  const keyPattern: Document = {};
  const keyValue: Document = {};
  index.fields.forEach((field, i) => {
    keyPattern[field.path] = index.spec['key'][field.path];
    keyValue[field.path] = values[i];
  });
  const shown = index.fields.map((field, i) => `${field.path}: ${shellText(values[i])}`).join(', ');
  const collation = index.collation ? ` collation: ${shellText(index.collation)}` : '';
  return new ServerError(
    11000,
    `E11000 duplicate key error collection: ${ns} index: ${index.name}${collation} dup key: { ${shown} }`,
    { extra: { keyPattern, keyValue } },
  );
}

/** A value as the server's messages print it. */
function shellText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && '_bsontype' in value) {
    if (value._bsontype === 'ObjectId') return `ObjectId('${String(value)}')`;
    if (value._bsontype === 'Int32' || value._bsontype === 'Long') return String(value);
    if (value._bsontype === 'Double') return doubleText(Number(value));
  }
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (Array.isArray(value)) return `[ ${value.map(shellText).join(', ')} ]`;
  if (typeof value === 'object' && !('_bsontype' in value)) {
    return `{ ${Object.entries(value)
      .map(([name, field]) => `${name}: ${shellText(field)}`)
      .join(', ')} }`;
  }
  return EJSON.stringify(value);
}

function doubleText(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
