import type { SubgraphName } from './subgraphs.ts';

/**
 * Which TypeScript type a resolver gets and gives for a GraphQL type, by subgraph: `./file.ts#Type`, seen from the
 * subgraph's folder. Types not named here are given as the schema has them.
 */
export const mappers: Record<SubgraphName, Record<string, string>> = {
  accounts: {},
  'rewards-catalogue': {},
  campaigns: {},
  charity: {},
};
