import type { Document } from 'bson';
import { compileFilter } from '../../../embedded-mongodb/query/filter.ts';
import { runPipeline } from '../../../embedded-mongodb/query/pipeline.ts';
import type { PipelineContext } from '../../../embedded-mongodb/query/stage.ts';
import { FOREIGN } from './rows/foreign-rows.ts';
import { isRefusal } from './rows/row.ts';
import { codeOfLater, stored } from './stored.ts';

/** What a pipeline runs in here: the foreign collections of the rows, and a fixed time. */
export function contextOf(more: Partial<PipelineContext> = {}): PipelineContext {
  return {
    now: new Date(0),
    collection: (name) => ({
      async *find(filter, options) {
        const matches = compileFilter(filter, options ?? {});
        for (const document of (FOREIGN[name] ?? []).map(stored)) if (matches(document)) yield document;
      },
    }),
    ...more,
  };
}

/** Everything that a pipeline makes of some documents. */
export async function ran(
  documents: readonly object[],
  pipeline: readonly object[],
  more: Partial<PipelineContext> = {},
): Promise<Document[]> {
  const { list } = stored({ list: pipeline }) as { list: Document[] };
  const results: Document[] = [];
  for await (const result of runPipeline(documents.map(stored), list, contextOf(more))) results.push(result);
  return results;
}

/** What a row came to, in the form of its expectation: a refusal's code or the results. */
export async function outcome(expected: unknown, run: () => Promise<unknown>): Promise<unknown> {
  return isRefusal(expected) ? { code: await codeOfLater(run) } : await run();
}
