import {
  defaultFieldResolver,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import type { Caller } from './caller.ts';
import { directive } from './directive.ts';
import { type MemberIds, memberIdPattern } from './member-ids.ts';

/** Before what a caller sent as a member's id and is none of its ids: no member has it, and it is said back as it came. */
const unknown = '\u0000';

/** Changes a value that a caller sent into what is meant by it. */
type Read = (value: unknown, merchantId: string) => unknown;

/** What `@memberId` says of a field: whether a text is the id or has it inside, and in which objects only, if not in all. */
type Marked = { readonly as: 'WHOLE' | 'WITHIN'; readonly where: string | null } | null;

/** The merchant in whose ids a caller speaks: a merchant, or a member in a session that a merchant minted. */
export const speaksFor = (caller: Caller): string | null =>
  caller.kind === 'MERCHANT' || caller.kind === 'MEMBER' ? (caller.merchantId ?? null) : null;

function markOf(node: Parameters<typeof directive>[0][number]): Marked {
  const found = directive([node], 'memberId');
  if (!found) return null;
  const { within, where } = found;
  return { as: within === true ? 'WITHIN' : 'WHOLE', where: typeof where === 'string' ? where : null };
}

function showText(text: string, { as }: NonNullable<Marked>, merchantId: string, ids: MemberIds): string {
  if (text.startsWith(unknown)) return text.slice(unknown.length);
  if (as === 'WHOLE') return ids.shown(text, merchantId);
  return text.replace(memberIdPattern, (id) => ids.shown(id, merchantId));
}

function show(value: unknown, marked: NonNullable<Marked>, merchantId: string, ids: MemberIds): unknown {
  if (Array.isArray(value)) return value.map((each) => show(each, marked, merchantId, ids));
  return typeof value === 'string' ? showText(value, marked, merchantId, ids) : value;
}

const readId =
  (ids: MemberIds): Read =>
  (value, merchantId) =>
    typeof value === 'string' ? (ids.meant(value, merchantId) ?? unknown + value) : value;

const eachOf =
  (read: Read): Read =>
  (value, merchantId) =>
    Array.isArray(value) ? value.map((each) => read(each, merchantId)) : read(value, merchantId);

/** Reads the parts of an object that hold ids; null where none do. */
function readFields(reads: ReadonlyMap<string, Read>): Read | null {
  if (reads.size === 0) return null;
  return (value, merchantId) => {
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).map(([name, part]) => [
      name,
      reads.get(name)?.(part, merchantId) ?? part,
    ]);
    return Object.fromEntries(entries);
  };
}

/** Makes what reads the inputs of a schema. */
function inputReader(ids: MemberIds) {
  const known = new Map<GraphQLInputType, Read | null>();
  const readOf = ({ astNode, type }: GraphQLArgument | GraphQLInputField): Read | null => {
    if (markOf(astNode)) return eachOf(readId(ids));
    const named = getNamedType(type);
    if (!isInputObjectType(named)) return null;
    if (!known.has(named)) {
      // An input that contains itself meets its own reader here before that is made.
      known.set(named, (value, merchantId) => known.get(named)!(value, merchantId));
      known.set(named, readFields(readsOf(Object.values(named.getFields()))));
    }
    const read = known.get(named)!;
    return read && eachOf(read);
  };
  const readsOf = (parts: readonly (GraphQLArgument | GraphQLInputField)[]): Map<string, Read> =>
    new Map(
      parts.flatMap((part) => {
        const read = readOf(part);
        return read ? [[part.name, read] as const] : [];
      }),
    );
  return (args: readonly GraphQLArgument[]): Read | null => readFields(readsOf(args));
}

/** Reads the keys by which a gateway names entities, for it has them from another subgraph's answer to the same caller. */
function entityReader(schema: GraphQLSchema, ids: MemberIds): Read {
  const types = new Map<unknown, Read | null>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const marked = Object.values(type.getFields()).filter(({ astNode }) => markOf(astNode)?.as === 'WHOLE');
    types.set(type.name, readFields(new Map(marked.map(({ name }) => [name, readId(ids)]))));
  }
  const read: Read = (value, merchantId) =>
    types.get((value as { __typename?: unknown })?.__typename)?.(value, merchantId) ?? value;
  return readFields(new Map([['representations', eachOf(read)]]))!;
}

const isMarked = (parent: unknown, { where }: NonNullable<Marked>): boolean =>
  where === null || (parent as Record<string, unknown>)[where] === true;

function wrap(
  field: GraphQLField<unknown, { caller: Caller }>,
  read: Read | null,
  marked: Marked,
  ids: MemberIds,
): void {
  if (!read && !marked) return;
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (parent, args, context, info) => {
    const merchantId = speaksFor(context.caller);
    if (merchantId === null) return resolve(parent, args, context, info);
    const meant = read ? (read(args, merchantId) as typeof args) : args;
    const answer = resolve(parent, meant, context, info);
    if (!marked || !isMarked(parent, marked)) return answer;
    return answer instanceof Promise
      ? answer.then((value) => show(value, marked, merchantId, ids))
      : show(answer, marked, merchantId, ids);
  };
}

/**
 * Makes a subgraph's schema speak to each merchant, and to members in its sessions, in that merchant's own member ids,
 * wherever the schema says `@memberId`: ids are read before a resolver sees them and shown after it.
 */
export function pairwiseIds(schema: GraphQLSchema, ids: MemberIds): GraphQLSchema {
  const reader = inputReader(ids);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const isEntities = type.name === 'Query' && field.name === '_entities';
      const read = isEntities ? entityReader(schema, ids) : reader(field.args);
      wrap(field as GraphQLField<unknown, { caller: Caller }>, read, markOf(field.astNode), ids);
    }
  }
  return schema;
}
