import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentNode, parse, Source } from 'graphql';

/** The four subgraphs, by the name that the supergraph, the configuration and the folders use. */
export const subgraphNames = ['accounts', 'rewards-catalogue', 'campaigns', 'charity'] as const;

/** Name of one of the four subgraphs. */
export type SubgraphName = (typeof subgraphNames)[number];

const readSource = (file: string): Source =>
  new Source(readFileSync(join(import.meta.dirname, file), 'utf8'), `schema/${file}`);

const known = new Map<SubgraphName, DocumentNode>();

/**
 * A subgraph's schema: the definitions that all share, then its own; read once, the same document each time. Throws where
 * a file does not parse.
 */
export function readSubgraphSchema(name: SubgraphName): DocumentNode {
  const read = known.get(name);
  if (read) return read;
  const documents = ['common.graphql', `${name}.graphql`].map((file) => parse(readSource(file)));
  const definitions = documents.flatMap((document) => document.definitions);
  const schema = { kind: documents[0]!.kind, definitions };
  known.set(name, schema);
  return schema;
}
