import type { Document } from 'bson';
import type { Collation } from '../bson/compare.ts';
import type { Scope } from './expression-scope.ts';
import { approximateBytes, type MemoryAccount, memoryAccount } from './memory.ts';

/** Where `$out` writes: the named collection is replaced as a whole. */
export interface OutTarget {
  readonly kind: 'out';
  readonly db: string | undefined;
  readonly coll: string;
}

/** Where and how `$merge` writes. */
export interface MergeTarget {
  readonly kind: 'merge';
  readonly db: string | undefined;
  readonly coll: string;
  /** The fields that identify a document; a unique index must stand behind them. */
  readonly on: readonly string[];
  /** The document to store in place of the existing one; undefined keeps it. Throws 11000 for `fail`. */
  readonly onMatch: (existing: Document, incoming: Document) => Document | undefined;
  readonly whenNotMatched: 'insert' | 'discard' | 'fail';
}

/** What a foreign collection offers to `$lookup`, `$graphLookup` and `$unionWith`. */
export interface ForeignCollection {
  readonly find: (
    filter: Document,
    options?: { readonly collation?: Collation | undefined },
  ) => AsyncIterable<Document>;
}

/** What a pipeline runs in. */
export interface PipelineContext {
  readonly collection: (name: string) => ForeignCollection;
  readonly now: Date;
  readonly collation?: Collation | undefined;
  /** The command's `let`. */
  readonly vars?: Document | undefined;
  /** Writes the result of a `$out` or `$merge`; without it these stages are refused. */
  readonly write?:
    | ((target: OutTarget | MergeTarget, documents: readonly Document[]) => Promise<void>)
    | undefined;
  /** How much each stage may hold; a server's limit if left out. */
  readonly mostBytes?: number | undefined;
  /** Called between batches; the promise it gives lets other work run. */
  readonly yieldEvery?: (() => Promise<void> | undefined) | undefined;
}

/** Documents travel in small batches, so that most stages run without a promise per document. */
export type Batches = AsyncIterable<Document[]>;

/** A compiled stage. */
export type Stage = (source: Batches) => Batches;

/** What stages are compiled with. */
export interface StageContext {
  readonly run: PipelineContext;
  readonly scope: Scope;
  /** Compiles a nested pipeline. */
  readonly compile: (pipeline: unknown, context: StageContext, where: string) => Stage;
}

/** Compiles one stage from its specification. */
export type StageCompiler = (spec: unknown, context: StageContext, name: string) => Stage;

export const BATCH_SIZE = 128;

/** Cuts a sequence of documents into batches and pauses between them. */
export async function* batchesOf(
  source: Iterable<Document> | AsyncIterable<Document>,
  pause?: () => Promise<void> | undefined,
): AsyncGenerator<Document[]> {
  let batch: Document[] = [];
  // A synchronous source is iterated as such: awaiting each document would cost more than reading it.
  if (Symbol.iterator in source) {
    for (const document of source) {
      batch.push(document);
      if (batch.length < BATCH_SIZE) continue;
      yield batch;
      batch = [];
      await pause?.();
    }
  } else {
    for await (const document of source) {
      batch.push(document);
      if (batch.length < BATCH_SIZE) continue;
      yield batch;
      batch = [];
      await pause?.();
    }
  }
  if (batch.length > 0) yield batch;
}

/** All documents of a sequence of batches, on an account if one is given. */
export async function collect(source: Batches, account?: MemoryAccount): Promise<Document[]> {
  const documents: Document[] = [];
  for await (const batch of source)
    for (const document of batch) {
      account?.(approximateBytes(document));
      documents.push(document);
    }
  return documents;
}

/** A stage that makes any number of documents of each batch, synchronously. */
export function batchStage(change: (batch: Document[]) => Document[]): Stage {
  return async function* run(source) {
    for await (const batch of source) {
      const result = change(batch);
      if (result.length > 0) yield result;
    }
  };
}

/** A stage, named for its refusal, that needs all documents before it gives the first. */
export function wholeStage(
  change: (documents: Document[]) => Document[] | Promise<Document[]>,
  { run: { yieldEvery, mostBytes } }: StageContext,
  name: string,
): Stage {
  return async function* run(source) {
    const account = memoryAccount(name, mostBytes);
    yield* batchesOf(await change(await collect(source, account)), yieldEvery);
  };
}
