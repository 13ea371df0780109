// Composes the four subgraphs into schema/supergraph.graphql and schema/api.graphql.
// With --check it writes nothing and fails if either file is not what composition gives. It never writes a public schema
// that would break clients of the committed one, unless told so with --allow-breaking.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { printSchema } from 'graphql';
import { breakingChanges } from './breaking.ts';
import { readSubgraphSchema, subgraphNames } from './subgraphs.ts';

/** The two artefacts of composition. */
export interface Composed {
  /** What the gateway plans with. */
  readonly supergraph: string;
  /** What the public sees. */
  readonly api: string;
}

/** Composes the committed subgraph schemas. Throws with composition's own messages where they do not fit together. */
export function composeSupergraph(): Composed {
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
export const composedFiles: Record<keyof Composed, string> = {
  supergraph: join(import.meta.dirname, 'supergraph.graphql'),
  api: join(import.meta.dirname, 'api.graphql'),
};

/** What is wrong with the committed files, in sentences: which drifted, and which changes would break clients. */
export async function findDrift(composed: Composed, committed: Composed): Promise<string[]> {
  const drifted = (['supergraph', 'api'] as const)
    .filter((key) => composed[key] !== committed[key])
    .map((key) => `schema/${key}.graphql is not what the subgraphs compose to: run npm run compose`);
  const breaking = await breakingChanges(committed.api, composed.api);
  return [...drifted, ...breaking.map((change) => `breaking change: ${change}`)];
}

const readCommitted = (): Composed | null =>
  existsSync(composedFiles.api) && existsSync(composedFiles.supergraph)
    ? {
        supergraph: readFileSync(composedFiles.supergraph, 'utf8'),
        api: readFileSync(composedFiles.api, 'utf8'),
      }
    : null;

async function main(options: { check: boolean; allowBreaking: boolean }): Promise<void> {
  const composed = composeSupergraph();
  const committed = readCommitted();
  const faults = committed ? await findDrift(composed, committed) : [];
  const stop = options.check
    ? faults
    : faults.filter((fault) => fault.startsWith('breaking') && !options.allowBreaking);
  for (const fault of stop) console.error(fault);
  if (stop.length > 0) process.exitCode = 1;
  else if (!options.check)
    for (const key of ['supergraph', 'api'] as const) writeFileSync(composedFiles[key], composed[key]);
}

if (process.argv[1] === import.meta.filename) {
  void main({
    check: process.argv.includes('--check'),
    allowBreaking: process.argv.includes('--allow-breaking'),
  });
}
