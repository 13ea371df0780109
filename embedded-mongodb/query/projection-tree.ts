import type { Document } from 'bson';
import { bsonType, getField, isObject, setField } from '../bson/value.ts';
import type { Evaluate } from './expression-scope.ts';

/** Paths as a tree: a leaf is a path that is named in full, or what computes its value. */
export interface PathTree {
  readonly children: Map<string, PathTree>;
  compute?: Evaluate;
}

/** The tree of a list of paths; the computed ones carry their expression. */
export function pathTree(
  entries: Iterable<readonly [path: string, compute?: Evaluate | undefined]>,
): PathTree {
  const root: PathTree = { children: new Map() };
  for (const [path, compute] of entries) {
    let node = root;
    for (const part of path.split('.')) {
      let child = node.children.get(part);
      if (!child) {
        child = { children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    if (compute) node.compute = compute;
  }
  return root;
}

function isPlain(value: unknown): value is Document {
  return isObject(value) && bsonType(value) === undefined;
}

/** The document with only the paths of the tree; order and nesting stay, scalars where a path goes deeper go. */
export function includePaths(document: Document, tree: PathTree): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) {
    const child = tree.children.get(key);
    if (!child || child.compute) continue;
    const value = child.children.size === 0 ? document[key] : includeWithin(document[key], child);
    if (value !== undefined) setField(result, key, value);
  }
  return result;
}

function includeWithin(value: unknown, tree: PathTree): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => includeWithin(item, tree)).filter((item) => item !== undefined);
  }
  return isPlain(value) ? includePaths(value, tree) : undefined;
}

/** The document without the paths of the tree. */
export function excludePaths(document: Document, tree: PathTree): Document {
  const result: Document = {};
  for (const key of Object.keys(document)) {
    const child = tree.children.get(key);
    if (child && child.children.size === 0) continue;
    setField(result, key, child ? excludeWithin(document[key], child) : document[key]);
  }
  return result;
}

function excludeWithin(value: unknown, tree: PathTree): unknown {
  if (Array.isArray(value)) return value.map((item) => excludeWithin(item, tree));
  return isPlain(value) ? excludePaths(value, tree) : value;
}

/** Whether some path of the tree is computed. */
export function hasComputed(tree: PathTree): boolean {
  return tree.compute !== undefined || [...tree.children.values()].some(hasComputed);
}

/**
 * Writes the computed paths of the tree into a copy of the target. A path through an array is written into each of
 * its elements, one through a scalar replaces it; a field that evaluates to missing is removed.
 */
export function addComputed(target: Document, tree: PathTree, root: unknown): Document {
  const result: Document = { ...target };
  for (const [key, child] of tree.children) {
    if (child.compute) {
      const value = child.compute(root);
      if (value === undefined) delete result[key];
      else setField(result, key, value);
    } else if (hasComputed(child)) setField(result, key, addWithin(getField(result, key), child, root));
  }
  return result;
}

function addWithin(value: unknown, tree: PathTree, root: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => addWithin(item, tree, root));
  return addComputed(isPlain(value) ? value : {}, tree, root);
}
