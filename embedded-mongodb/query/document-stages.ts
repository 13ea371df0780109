import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { show } from '../bson/show.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bsonType, isObject } from '../bson/value.ts';
import { compileExpression } from './expression.ts';
import type { Scope } from './expression-scope.ts';
import { compileProjectStage } from './projection.ts';
import { checkCollisions } from './projection-spec.ts';
import { addComputed, excludePaths, pathTree } from './projection-tree.ts';

/** A stage that makes one document of each. */
export type DocumentStage = (document: Document) => Document;

/** The stages that make one document of each: these are also what an update with a pipeline may use. */
export const DOCUMENT_STAGES: ReadonlyMap<string, (spec: unknown, scope: Scope) => DocumentStage> = new Map([
  ['$addFields', (spec: unknown, scope: Scope) => addFields('$addFields', spec, scope)],
  ['$set', (spec: unknown, scope: Scope) => addFields('$set', spec, scope)],
  ['$unset', unset],
  ['$project', project],
  ['$replaceRoot', replaceRoot],
  ['$replaceWith', (spec: unknown, scope: Scope) => replaceWith(spec, scope, "'replacement document'")],
]);

/** Compiles a list of document stages to one function. */
export function compileDocumentStages(pipeline: readonly Document[], scope: Scope): DocumentStage {
  const stages = pipeline.map((stage) => {
    const [entry, other] = Object.entries(stage);
    if (!entry || other) {
      throw new ServerError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    const compile = DOCUMENT_STAGES.get(entry[0]);
    if (!compile) throw new ServerError(40324, `Unrecognized pipeline stage name: '${entry[0]}'`);
    return compile(entry[1], scope);
  });
  return (document) => stages.reduce((current, stage) => stage(current), document);
}

function addFields(name: string, spec: unknown, scope: Scope): DocumentStage {
  if (!isObject(spec) || bsonType(spec) !== undefined) {
    throw new ServerError(40272, `${name} specification stage must be an object, got ${typeAlias(spec)}`);
  }
  const paths = computedPaths(spec, '');
  if (paths.length === 0) {
    throw new ServerError(
      40177,
      `Invalid ${name} :: caused by :: specification must have at least one field`,
    );
  }
  checkCollisions(paths.map(([path]) => path));
  const tree = pathTree(
    paths.map(([path, expression]) => [path, compileExpression(expression, scope)] as const),
  );
  return (document) => addComputed(document, tree, document);
}

/** A nested document of fields means the same as dotted paths. */
function computedPaths(spec: Document, prefix: string): [path: string, expression: unknown][] {
  return Object.entries(spec).flatMap(([key, value]): [string, unknown][] => {
    checkFieldPath(key);
    const nested = isObject(value) && bsonType(value) === undefined;
    const [first] = nested ? Object.keys(value) : [];
    if (!nested || first === undefined || first.startsWith('$')) return [[`${prefix}${key}`, value]];
    return computedPaths(value, `${prefix}${key}.`);
  });
}

function checkFieldPath(path: string): void {
  if (path === '') throw new ServerError(40352, 'FieldPath cannot be constructed with empty string');
  for (const part of path.split('.')) {
    if (part === '') throw new ServerError(15998, 'FieldPath field names may not be empty strings.');
    if (part.startsWith('$')) throw new ServerError(16410, "FieldPath field names may not start with '$'.");
  }
}

function unset(spec: unknown): DocumentStage {
  const paths = Array.isArray(spec) ? spec : [spec];
  if (paths.length === 0 || paths.some((path) => typeof path !== 'string')) {
    throw new ServerError(31002, '$unset specification must be a string or an array with at least one field');
  }
  for (const path of paths) checkFieldPath(path);
  checkCollisions(paths);
  const tree = pathTree(paths.map((path: string) => [path] as const));
  return (document) => excludePaths(document, tree);
}

function project(spec: unknown, scope: Scope): DocumentStage {
  if (!isObject(spec)) throw new ServerError(15969, '$project specification must be an object');
  return compileProjectStage(spec, scope);
}

function replaceRoot(spec: unknown, scope: Scope): DocumentStage {
  if (!isObject(spec))
    throw new ServerError(
      40229,
      `expected an object as specification for $replaceRoot stage, got ${typeAlias(spec)}`,
    );
  const other = Object.keys(spec).find((key) => key !== 'newRoot');
  if (other !== undefined)
    throw new ServerError(40415, `BSON field '$replaceRoot.${other}' is an unknown field.`);
  if (spec['newRoot'] === undefined)
    throw new ServerError(40414, `BSON field '$replaceRoot.newRoot' is missing but a required field`);
  return replaceWith(spec['newRoot'], scope, "'newRoot' expression");
}

function replaceWith(expression: unknown, scope: Scope, what: string): DocumentStage {
  const evaluate = compileExpression(expression, scope);
  return (document) => {
    const result = evaluate(document);
    if (isObject(result) && bsonType(result) === undefined) return result;
    throw new ServerError(
      40228,
      `${what} must evaluate to an object, but resulting value was: ${result === undefined ? 'MISSING' : show(result)}. Type of resulting value: '${typeAlias(result)}'. Input document: ${show(document)}`,
    );
  };
}
