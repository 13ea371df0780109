// Composes the four subgraphs into schema/supergraph.graphql and schema/api.graphql.
// With --check it writes nothing and fails if either file is not what composition gives.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { printSchema } from 'graphql';
import { readSubgraphSchema, subgraphNames } from './subgraphs.ts';

/** The two artefacts of composition, or the errors that prevent it. */
export function composeSupergraph(): { supergraph: string; api: string } {
  const services = subgraphNames.map((name) => ({
    name,
    typeDefs: readSubgraphSchema(name),
    url: `http://${name}.invalid/graphql`,
  }));
  const result = composeServices(services);
  if (result.errors) throw new Error(result.errors.map((error) => error.message).join('\n'));
  const api = printSchema(result.schema.toAPISchema().toGraphQLJSSchema());
  return { supergraph: `${result.supergraphSdl.trim()}\n`, api: `${api.trim()}\n` };
}

/** Where the composed files are kept. */
export const composedFiles = {
  supergraph: join(import.meta.dirname, 'supergraph.graphql'),
  api: join(import.meta.dirname, 'api.graphql'),
};

function main(check: boolean): void {
  const composed = composeSupergraph();
  for (const key of ['supergraph', 'api'] as const) {
    if (!check) writeFileSync(composedFiles[key], composed[key]);
    else if (readFileSync(composedFiles[key], 'utf8') !== composed[key]) {
      console.error(`schema/${key}.graphql is not what the subgraphs compose to: run npm run compose`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === import.meta.filename) main(process.argv.includes('--check'));
