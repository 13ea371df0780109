import { isObject } from './value.ts';

/** Bytes that a level of nesting takes at least: a type, an empty name, a length and an end. */
const LEVEL_BYTES = 7;

/** Whether a document of this many bytes has room for more levels than these. Nearly all have not. */
export function mayBeDeep(raw: Uint8Array, levels: number): boolean {
  return raw.length > levels * LEVEL_BYTES;
}

/** Whether documents and arrays are nested more than so many levels deep; empty ones do not count. */
export function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof item !== 'object' || item === null) continue;
    const nested = Array.isArray(item) ? item.length > 0 : isObject(item) && Object.keys(item).length > 0;
    if (nested && isDeeper(item as object, levels - 1)) return true;
  }
  return false;
}
