import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import type { Caller } from './caller.ts';
import { directive } from './directive.ts';

interface Rule {
  readonly to: ReadonlySet<string>;
  readonly scope?: string;
}

interface Ownership {
  readonly member?: string;
  readonly merchant?: string;
}

function toRule(found: Record<string, unknown> | null): Rule | null {
  if (!found) return null;
  const rule = { to: new Set(found['to'] as string[]) };
  return typeof found['scope'] === 'string' ? { ...rule, scope: found['scope'] } : rule;
}

const holds = (value: unknown, id: string): boolean =>
  Array.isArray(value) ? value.includes(id) : value === id;

function owns(caller: Caller, owned: Ownership | null, parent: unknown): boolean {
  const read = (property: string) => (parent as Record<string, unknown>)[property];
  if (caller.kind === 'MEMBER' && owned?.member) return holds(read(owned.member), caller.memberId);
  if (caller.kind === 'MERCHANT' && owned?.merchant) return holds(read(owned.merchant), caller.merchantId);
  return true;
}

/** Says why a caller may not read a field, or null if it may. */
function denial(caller: Caller, rule: Rule, owned: Ownership | null, parent: unknown): string | null {
  if (!rule.to.has(caller.kind))
    return `needs a token of kind ${[...rule.to].filter((to) => to !== 'SERVICE').join(', ')}`;
  if (rule.scope && caller.kind === 'MERCHANT' && !caller.scopes.includes(rule.scope))
    return `needs the scope ${rule.scope}`;
  if (!owns(caller, owned, parent)) return "is another's";
  return null;
}

function guard(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, { caller: Caller }>,
  rule: Rule,
  owned: Ownership | null,
): void {
  if (rule.to.has('PUBLIC')) return;
  const resolve = field.resolve ?? defaultFieldResolver;
  field.resolve = (parent, args, context, info) => {
    const reason = denial(context.caller, rule, owned, parent);
    if (reason !== null) {
      const code = context.caller.kind === 'PUBLIC' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
      throw new GraphQLError(`${type.name}.${field.name} ${reason}.`, { extensions: { code } });
    }
    return resolve(parent, args, context, info);
  };
}

/** Fields that federation adds; only a caller with a signed header ever reaches them. */
const federationField = (type: GraphQLObjectType, name: string) =>
  type.name === '_Service' || (type.name === 'Query' && (name === '_service' || name === '_entities'));

/**
 * Makes a subgraph's schema enforce the `@access` and `@owned` rules stated in it.
 * Throws, naming every one, where a field has neither a rule of its own nor one of its type: deny by default.
 */
export function enforceAccess(schema: GraphQLSchema): GraphQLSchema {
  const bare: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const nodes = [type.astNode, ...type.extensionASTNodes];
    const owned = directive(nodes, 'owned') as Ownership | null;
    for (const field of Object.values(type.getFields())) {
      if (federationField(type, field.name)) continue;
      const rule = toRule(directive([field.astNode], 'access')) ?? toRule(directive(nodes, 'access'));
      if (rule) guard(type, field as GraphQLField<unknown, { caller: Caller }>, rule, owned);
      else bare.push(`${type.name}.${field.name}`);
    }
  }
  if (bare.length > 0) throw new Error(`no @access rule for ${bare.join(', ')}`);
  return schema;
}
