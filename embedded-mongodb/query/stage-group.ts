import type { Document } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { valueKey } from '../bson/key.ts';
import { bsonType, isObject, setField } from '../bson/value.ts';
import { type Accumulator, type CompiledAccumulator, compileAccumulator } from './accumulators.ts';
import type { Scope } from './expression-scope.ts';
import { batchesOf, type StageCompiler } from './stage.ts';

/** The output fields of a group, by name. */
export type Fields = readonly (readonly [name: string, accumulator: CompiledAccumulator])[];

/** A group with its running totals. */
export interface Group {
  readonly id: unknown;
  readonly totals: Accumulator[];
}

/** Compiles the output fields of `$group`, `$bucket` and `$bucketAuto`. */
export function compileFields(spec: Document, scope: Scope): Fields {
  return Object.entries(spec).map(([name, value]) => {
    if (name.includes('.')) throw new ServerError(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$'))
      throw new ServerError(40236, `The field name '${name}' cannot be an operator name`);
    return [name, compileAccumulator(value, scope, name)] as const;
  });
}

/** A group without documents. */
export function newGroup(id: unknown, fields: Fields): Group {
  return { id, totals: fields.map(([, accumulator]) => accumulator.start()) };
}

/** Takes a document into a group's totals. */
export function addToGroup(group: Group, fields: Fields, document: Document): void {
  for (let i = 0; i < fields.length; i++) group.totals[i]?.add(fields[i]?.[1].evaluate(document));
}

/** The document that stands for a group. */
export function resultOf(group: Group, fields: Fields): Document {
  const result: Document = { _id: group.id };
  fields.forEach(([name], i) => {
    setField(result, name, group.totals[i]?.result());
  });
  return result;
}

/** Finds the group of a key: by a hash, or with a collation by comparison. */
export function groupFinder(
  collator: Intl.Collator | undefined,
  fields: Fields,
): { of: (id: unknown) => Group; all: () => Group[] } {
  const byKey = new Map<string, Group>();
  const list: Group[] = [];
  const add = (id: unknown): Group => {
    const group = newGroup(id, fields);
    list.push(group);
    return group;
  };
  const of = (id: unknown): Group => {
    const key = valueKey(id);
    let group = byKey.get(key);
    if (!group && collator) group = list.find((other) => compareWith(other.id, id, collator) === 0);
    group ??= add(id);
    byKey.set(key, group);
    return group;
  };
  return { of, all: () => list };
}

/** `$group`: one document per value of `_id`, in the order in which the values first appear. */
export const group: StageCompiler = (spec, context) => {
  if (!isObject(spec) || bsonType(spec) !== undefined) {
    throw new ServerError(15947, "a group's fields must be specified in an object");
  }
  if (!('_id' in spec)) throw new ServerError(15955, 'a group specification must include an _id');
  const { _id, ...outputs } = spec;
  const id = context.scope.compile(_id, context.scope);
  const fields = compileFields(outputs, context.scope);
  return async function* run(source) {
    const groups = groupFinder(context.scope.collator, fields);
    for await (const batch of source) {
      for (const document of batch) addToGroup(groups.of(id(document) ?? null), fields, document);
    }
    const results = groups.all().map((found) => resultOf(found, fields));
    yield* batchesOf(results, context.run.yieldEvery);
  };
};

/** `$sortByCount`: groups by an expression and sorts by the number of documents, largest first. */
export const sortByCount: StageCompiler = (spec, context, name) => {
  if (!(typeof spec === 'string' && spec.startsWith('$')) && !isObject(spec)) {
    throw new ServerError(40149, `the sortByCount field must be specified as a string or as an object`);
  }
  return context.compile(
    [{ $group: { _id: spec, count: { $sum: 1 } } }, { $sort: { count: -1 } }],
    context,
    name,
  );
};
