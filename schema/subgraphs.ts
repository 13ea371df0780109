import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentNode, parse, Source } from 'graphql';

/** The four subgraphs, by the name that the supergraph, the configuration and the folders use. */
export const subgraphNames = ['accounts', 'rewards-catalogue', 'campaigns', 'charity'] as const;

/** Name of one of the four subgraphs. */
export type SubgraphName = (typeof subgraphNames)[number];

const readSource = (file: string): Source =>
  new Source(readFileSync(join(import.meta.dirname, file), 'utf8'), `schema/${file}`);

/** A subgraph's schema: the definitions that all share, then its own. Throws where a file does not parse. */
export function readSubgraphSchema(name: SubgraphName): DocumentNode {
  const documents = ['common.graphql', `${name}.graphql`].map((file) => parse(readSource(file)));
  return { kind: documents[0]!.kind, definitions: documents.flatMap((document) => document.definitions) };
}
