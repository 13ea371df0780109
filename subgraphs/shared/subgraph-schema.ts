import { buildSubgraphSchema } from '@apollo/subgraph';
import { addResolversToSchema, type GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js';
import { buildASTSchema, type DocumentNode, type GraphQLSchema, isUnionType, Kind } from 'graphql';

/** Definitions with all that federation adds to them, and the resolvers of what it added. */
interface Federated {
  readonly document: DocumentNode;
  readonly resolvers: GraphQLResolverMap<unknown>;
}

// Validating a subgraph's definitions and adding federation's costs more than the rest of a start. Whoever starts the same
// subgraph again in one process, as tests do and a simulation does with every crash, has that done once.
const federated = new WeakMap<DocumentNode, Federated>();

function federationResolvers(schema: GraphQLSchema): GraphQLResolverMap<unknown> {
  const query = schema.getQueryType()!;
  const entity = schema.getType('_Entity');
  const resolve = Object.fromEntries(
    Object.values(query.getFields()).flatMap(({ name, resolve }) => (resolve ? [[name, resolve]] : [])),
  );
  return {
    [query.name]: resolve,
    ...(isUnionType(entity) ? { _Entity: { __resolveType: entity.resolveType! } } : {}),
  } as GraphQLResolverMap<unknown>;
}

function federate(typeDefs: DocumentNode): Federated {
  const schema = buildSubgraphSchema({ typeDefs });
  const nodes = [schema, ...Object.values(schema.getTypeMap()), ...schema.getDirectives()].flatMap((part) => [
    part.astNode,
    ...('extensionASTNodes' in part ? part.extensionASTNodes : []),
  ]);
  const definitions = nodes.filter((node) => node !== null && node !== undefined);
  return { document: { kind: Kind.DOCUMENT, definitions }, resolvers: federationResolvers(schema) };
}

/** A subgraph's schema that can be run: its definitions, all that federation adds, and these resolvers. */
export function makeSubgraphSchema(typeDefs: DocumentNode, resolvers: unknown): GraphQLSchema {
  const { document, resolvers: added } = federated.get(typeDefs) ?? federate(typeDefs);
  federated.set(typeDefs, { document, resolvers: added });
  const schema = buildASTSchema(document, { assumeValid: true });
  addResolversToSchema(schema, added);
  addResolversToSchema(schema, resolvers as GraphQLResolverMap<unknown>);
  return schema;
}
