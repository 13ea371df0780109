import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { bsonType, isObject } from '../bson/value.ts';
import { compileDocumentStages } from './document-stages.ts';
import { type Cell, withCells } from './expression-scope.ts';
import { valueAt } from './path.ts';
import {
  collect,
  type MergeTarget,
  type OutTarget,
  type Stage,
  type StageCompiler,
  type StageContext,
} from './stage.ts';

function writing(target: OutTarget | MergeTarget, name: string, context: StageContext): Stage {
  const { write } = context.run;
  if (!write) throw new ServerError(40600, `${name} is not allowed to be used here`);
  return async function* run(source) {
    await write(target, await collect(source));
    yield* [];
  };
}

function namespaceOf(name: string, value: unknown): { db: string | undefined; coll: string } {
  if (typeof value === 'string') return { db: undefined, coll: value };
  if (isObject(value) && typeof value['coll'] === 'string') {
    return { db: typeof value['db'] === 'string' ? value['db'] : undefined, coll: value['coll'] };
  }
  throw new ServerError(16990, `${name} only supports a string or object argument`);
}

/** `$out`: replaces a collection by the result. */
export const out: StageCompiler = (spec, context) => {
  if (isObject(spec)) {
    const other = Object.keys(spec).find((key) => key !== 'db' && key !== 'coll');
    if (other !== undefined) throw new ServerError(40415, `BSON field '$out.${other}' is an unknown field.`);
  }
  return writing({ kind: 'out', ...namespaceOf('$out', spec) }, '$out', context);
};

const MERGE_FIELDS: ReadonlySet<string> = new Set(['into', 'on', 'let', 'whenMatched', 'whenNotMatched']);

/** `$merge`: writes the result into a collection, document by document. */
export const merge: StageCompiler = (spec, context) => {
  const options = typeof spec === 'string' ? { into: spec } : spec;
  if (!isObject(options) || bsonType(options) !== undefined) {
    throw new ServerError(51182, '$merge requires a string or object argument');
  }
  for (const key of Object.keys(options)) {
    if (!MERGE_FIELDS.has(key))
      throw new ServerError(40415, `BSON field '$merge.${key}' is an unknown field.`);
  }
  const on = options['on'] ?? '_id';
  const fields = Array.isArray(on) ? on : [on];
  if (fields.length === 0 || fields.some((field) => typeof field !== 'string')) {
    throw new ServerError(51186, `$merge 'on' field must be either a string or an array of strings`);
  }
  const whenNotMatched = options['whenNotMatched'] ?? 'insert';
  if (whenNotMatched !== 'insert' && whenNotMatched !== 'discard' && whenNotMatched !== 'fail') {
    throw new ServerError(
      2,
      `Enumeration value '${String(whenNotMatched)}' for field 'whenNotMatched' is not a valid value.`,
    );
  }
  if (options['let'] !== undefined && !Array.isArray(options['whenMatched']))
    throw new ServerError(51199, `Cannot use 'let' variables with 'whenMatched' mode other than a pipeline`);
  const target: MergeTarget = {
    kind: 'merge',
    ...namespaceOf('$merge', options['into']),
    on: fields as string[],
    onMatch: matchAction(options, fields as string[], context),
    whenNotMatched,
  };
  return writing(target, '$merge', context);
};

function matchAction(
  options: Document,
  on: readonly string[],
  context: StageContext,
): MergeTarget['onMatch'] {
  const action = options['whenMatched'] ?? 'merge';
  if (Array.isArray(action)) return mergePipeline(action, options['let'], context);
  switch (action) {
    case 'replace':
      return (_, incoming) => incoming;
    case 'keepExisting':
      return () => undefined;
    case 'merge':
      return (existing, incoming) => ({ ...existing, ...incoming });
    case 'fail':
      return (existing) => {
        throw new ServerError(
          11000,
          '$merge with whenMatched: fail found an existing document with the same values',
          { extra: duplicateDetails(existing, on) },
        );
      };
    default:
      throw new ServerError(
        2,
        `Enumeration value '${String(action)}' for field 'whenMatched' is not a valid value.`,
      );
  }
}

/** Which index stood in the way, and with which values. */
function duplicateDetails(existing: Document, on: readonly string[]): Document {
  return {
    keyPattern: Object.fromEntries(on.map((path) => [path, 1])),
    keyValue: Object.fromEntries(on.map((path) => [path, valueAt(existing, path.split('.'))])),
  };
}

function mergePipeline(
  pipeline: Document[],
  variables: unknown,
  { scope }: StageContext,
): MergeTarget['onMatch'] {
  const incoming: Cell = { value: undefined };
  const named = Object.entries((variables as Document | undefined) ?? {});
  const cells: Record<string, Cell> = Object.fromEntries(named.map(([name]) => [name, { value: undefined }]));
  const assignments = named.map(
    ([name, expression]) => [cells[name] as Cell, scope.compile(expression, scope)] as const,
  );
  const transform = compileDocumentStages(pipeline, withCells(scope, { ...cells, new: incoming }));
  return (existing, document) => {
    incoming.value = document;
    for (const [cell, evaluate] of assignments) cell.value = evaluate(document);
    return transform(existing);
  };
}
