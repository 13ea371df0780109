import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloGateway } from '@apollo/gateway';
import { type GraphQLSchema, isScalarType } from 'graphql';
import type { SubgraphName } from '../../schema/subgraphs.ts';
import type { Log } from '../../subgraphs/shared/log.ts';
import { scalarResolvers } from '../../subgraphs/shared/scalars.ts';
import { createSubgraphSource, type SubgraphSource } from './data-source.ts';

/** The composed schema, as it was committed. */
export const readSupergraph = (): string =>
  readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'supergraph.graphql'), 'utf8');

/** The four subgraphs behind one schema. */
export interface Supergraph {
  readonly gateway: ApolloGateway;
  /** True once the schema is loaded. */
  loaded(): boolean;
  close(): Promise<void>;
}

/** Lets the gateway itself refuse what is not a whole number or an instant: a subgraph would be asked for nothing. */
function checkScalars(schema: GraphQLSchema): void {
  for (const [name, { parseValue, parseLiteral }] of Object.entries(scalarResolvers)) {
    const type = schema.getType(name);
    if (isScalarType(type)) Object.assign(type, { parseValue, parseLiteral });
  }
}

/** Makes the gateway over subgraphs at the given places; those in the supergraph itself are not used. */
export function createSupergraph(urls: Readonly<Record<SubgraphName, string>>, log: Log): Supergraph {
  const sources = new Map<string, SubgraphSource>(
    Object.entries(urls).map(([name, url]) => [name, createSubgraphSource(name, url)]),
  );
  const buildService = ({ name }: { name: string }): SubgraphSource => {
    const source = sources.get(name);
    if (!source) throw new Error(`the supergraph names a subgraph ${name} that has no URL`);
    return source;
  };
  // @apollo/gateway would otherwise ask the cloud's metadata service where it runs and report home once a minute.
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
  const gateway = new ApolloGateway({
    supergraphSdl: readSupergraph(),
    buildService,
    logger: { debug: () => {}, info: () => {}, warn: (m) => log.warn(m), error: (m) => log.error(m) },
  });
  let loaded = false;
  gateway.onSchemaLoadOrUpdate(({ apiSchema }) => {
    checkScalars(apiSchema);
    loaded = true;
  });
  const close = async () => {
    await Promise.all([...sources.values()].map((source) => source.close()));
  };
  return { gateway, loaded: () => loaded, close };
}
