import type { Document } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { valueKey } from '../bson/key.ts';
import { bsonType, isObject, setField } from '../bson/value.ts';
import { type Accumulator, type CompiledAccumulator, compileAccumulator } from './accumulators.ts';
import type { Scope } from './expression-scope.ts';
import { approximateBytes, type MemoryAccount, memoryAccount, memoryLimitBytes } from './memory.ts';
import { batchesOf, type PipelineContext, type StageCompiler } from './stage.ts';

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

/** Where a stage notes what it holds: its groups, and the lists that accumulators make. */
export interface GroupAccounts {
  readonly groups: MemoryAccount;
  readonly lists: MemoryAccount;
}

/** Accounts of one run of a stage. A list cannot go to disk on a real server either, so it has a code of its own. */
export const groupAccounts = ({ mostBytes = memoryLimitBytes }: PipelineContext): GroupAccounts => ({
  groups: memoryAccount('$group', mostBytes),
  lists: memoryAccount('$push or $addToSet', Math.min(mostBytes, memoryLimitBytes), 146),
});

/** Takes a document into a group's totals. */
export function addToGroup(group: Group, fields: Fields, document: Document, { lists }: GroupAccounts): void {
  for (let i = 0; i < fields.length; i++) {
    const value = fields[i]?.[1].evaluate(document);
    if (group.totals[i]?.add(value) === true) lists(approximateBytes(value));
  }
}

/** The document that stands for a group. */
export function resultOf(group: Group, fields: Fields): Document {
  const result: Document = { _id: group.id };
  fields.forEach(([name], i) => {
    setField(result, name, group.totals[i]?.result());
  });
  return result;
}

/** The documents that stand for groups, made as they are asked for. */
export function* resultsOf(groups: readonly Group[], fields: Fields): Generator<Document> {
  for (const group of groups) yield resultOf(group, fields);
}

/** About what a group and each of its totals take beside the key. */
const GROUP_BYTES = 64;

/** Finds or opens the group of a key, by a hash or with a collation by comparison, and adds documents to it. */
export function groupFinder(
  collator: Intl.Collator | undefined,
  fields: Fields,
  accounts: GroupAccounts,
): { add: (id: unknown, document: Document) => void; all: () => Group[] } {
  const byKey = new Map<string, Group>();
  const list: Group[] = [];
  const open = (id: unknown): Group => {
    accounts.groups(GROUP_BYTES * (1 + fields.length) + approximateBytes(id));
    const group = newGroup(id, fields);
    list.push(group);
    return group;
  };
  const find = (id: unknown): Group => {
    const key = valueKey(id);
    let group = byKey.get(key);
    if (!group && collator) group = list.find((other) => compareWith(other.id, id, collator) === 0);
    group ??= open(id);
    byKey.set(key, group);
    return group;
  };
  return { add: (id, document) => addToGroup(find(id), fields, document, accounts), all: () => list };
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
    const groups = groupFinder(context.scope.collator, fields, groupAccounts(context.run));
    for await (const batch of source)
      for (const document of batch) groups.add(id(document) ?? null, document);
    yield* batchesOf(resultsOf(groups.all(), fields), context.run.yieldEvery);
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
