import type { Document } from 'bson';
import { badValue, ServerError } from '../bson/errors.ts';
import { show } from '../bson/show.ts';
import { bsonType, getField, isObject, setField } from '../bson/value.ts';
import { arrayIndex } from './path.ts';

/** How far past its end an array may be written, as the server limits it. */
const MAX_PADDING = 1_500_000;

/**
 * A document being changed. Containers are copied when they are first written, and only once, so the stored document
 * stays as it is and shares all that was not touched.
 */
export interface Draft {
  root: Document;
  readonly owned: Set<object>;
}

/** Starts a draft of a document. */
export function draftOf(document: Document): Draft {
  return { root: document, owned: new Set() };
}

type Container = Document | unknown[];

function isContainer(value: unknown): value is Container {
  return Array.isArray(value) || (isObject(value) && bsonType(value) === undefined);
}

function ownCopy(draft: Draft, container: Container): Container {
  if (draft.owned.has(container)) return container;
  const copy = Array.isArray(container) ? [...container] : { ...container };
  draft.owned.add(copy);
  return copy;
}

function ownRoot(draft: Draft): Document {
  draft.root = ownCopy(draft, draft.root) as Document;
  return draft.root;
}

function read(container: Container, part: string): unknown {
  return Array.isArray(container) ? container[arrayIndex(part)] : getField(container, part);
}

function write(container: Container, part: string, value: unknown, path: readonly string[]): void {
  if (!Array.isArray(container)) {
    setField(container, part, value);
    return;
  }
  const index = arrayIndex(part);
  if (index < 0) throw notViable(part, path, container);
  if (index > container.length + MAX_PADDING) {
    throw badValue(`can't backfill more than ${MAX_PADDING} elements to index ${index}`);
  }
  while (container.length < index) container.push(null);
  container[index] = value;
}

function notViable(part: string, path: readonly string[], value: unknown): ServerError {
  const parent = path[path.indexOf(part) - 1] ?? '';
  return new ServerError(28, `Cannot create field '${part}' in element {${parent}: ${show(value)}}`);
}

/** Writes a value; documents on the way are made, arrays are entered by index and padded with null. */
export function writeAt(draft: Draft, path: readonly string[], value: unknown): void {
  let container: Container = ownRoot(draft);
  for (let i = 0; i < path.length - 1; i++) {
    const part = path[i] as string;
    const child = read(container, part);
    if (child !== undefined && !isContainer(child)) throw notViable(path[i + 1] as string, path, child);
    const owned: Container = child === undefined ? {} : ownCopy(draft, child);
    draft.owned.add(owned);
    if (owned !== child) write(container, part, owned, path);
    container = owned;
  }
  write(container, path.at(-1) as string, value, path);
}

/** Removes a field; an array element becomes null instead, so that the others keep their places. */
export function removeAt(draft: Draft, path: readonly string[]): void {
  let container: Container = ownRoot(draft);
  for (const part of path.slice(0, -1)) {
    const child = read(container, part);
    if (!isContainer(child)) return;
    const owned = ownCopy(draft, child);
    if (owned !== child) write(container, part, owned, path);
    container = owned;
  }
  const last = path.at(-1) as string;
  if (!Array.isArray(container)) delete container[last];
  else if (arrayIndex(last) >= 0 && arrayIndex(last) < container.length) container[arrayIndex(last)] = null;
}
