import type { Document } from 'bson';
import { isEmptyDocument } from '../bson/value.ts';
import { compileFilter } from '../query/filter.ts';
import { memoryAccount } from '../query/memory.ts';
import type { QueryOptions } from '../query/options.ts';
import { compileSort } from '../query/sort.ts';
import { sortInRuns } from '../query/sort-in-runs.ts';
import { type IdSearch, searchById } from './by-id.ts';
import type { Trees } from './collection.ts';
import { type Plan, planSearch, type SearchRequest } from './planner.ts';
import { documentOf, type StoredRecord } from './record.ts';
import { type ScanStatistics, scanPlan } from './scan.ts';

/** A search: what to find and in which order. */
export interface Search extends SearchRequest {
  readonly options: QueryOptions;
  readonly skip?: number;
  /** At most so many records; 0 or absent means all. */
  readonly limit?: number;
  /** How much a sort may hold; a server's limit if left out. */
  readonly mostBytes?: number;
}

/** A search on its way, with what it has cost so far. */
export interface RunningSearch {
  readonly plan: Plan;
  readonly statistics: ScanStatistics;
  /** Yields undefined now and then while it finds nothing, so that a long scan can be paused. */
  readonly records: Generator<StoredRecord | undefined>;
}

const PAUSE_AFTER = 128;

/** Finds records. Plans and compiles at once, so that a bad filter fails here; scans as the records are drawn. */
export function startSearch(trees: Trees, search: Search): RunningSearch {
  const byId = searchById(trees, search);
  const rest = byId?.rest ?? search.filter;
  // Nothing left to test: the documents need not be decoded.
  const matches = isEmptyDocument(rest) ? undefined : compileFilter(rest, search.options);
  const plan = byId?.plan ?? planSearch(trees, search);
  const statistics = { keysExamined: 0, docsExamined: 0 };
  const ordered = plan.kind === 'index' && plan.sorted;
  const compare = hasSort(search.sort) && !ordered ? compileSort(search.sort, search.options) : undefined;
  if (hasSort(search.sort) && ordered) compileSort(search.sort, search.options);
  const found = matching(scanPlan(trees, plan, statistics), matches);
  const sorted = compare ? inOrder(found, compare, search) : found;
  return { plan, statistics, records: window(sorted, search.skip ?? 0, search.limit ?? 0) };
}

/** Refuses what is wrong with a search where there is nothing to search. */
export function checkSearch({ filter, sort, options }: Search): void {
  compileFilter(filter, options);
  if (hasSort(sort)) compileSort(sort, options);
}

/** The first record that a search finds. */
export function findFirst(trees: Trees, search: Search): StoredRecord | undefined {
  const byId = search.skip ? undefined : searchById(trees, search);
  if (byId) return firstOf(trees, byId, compileFilter(byId.rest, search.options));
  for (const record of startSearch(trees, { ...search, limit: 1 }).records) if (record) return record;
  return undefined;
}

function firstOf(
  trees: Trees,
  { plan }: IdSearch,
  matches: (doc: Document) => boolean,
): StoredRecord | undefined {
  for (const { low } of plan.intervals) {
    const rid = plan.index.entries.get(low);
    const record = rid === undefined ? undefined : trees.records.get(rid);
    if (record && matches(documentOf(record))) return record;
  }
  return undefined;
}

/** All records that a search finds, without a pause. */
export function findAll(trees: Trees, search: Search): StoredRecord[] {
  const out: StoredRecord[] = [];
  for (const record of startSearch(trees, search).records) if (record) out.push(record);
  return out;
}

function hasSort(sort: Document | undefined): sort is Document {
  if (sort === undefined) return false;
  const fields = Object.keys(sort);
  return fields.length > 0 && fields[0] !== '$natural';
}

function* matching(
  candidates: Iterable<StoredRecord>,
  matches: ((doc: Document) => boolean) | undefined,
): Generator<StoredRecord | undefined> {
  let misses = 0;
  for (const record of candidates) {
    if (matches === undefined || matches(documentOf(record))) yield record;
    else if (++misses % PAUSE_AFTER === 0) yield undefined;
  }
}

function* inOrder(
  found: Iterable<StoredRecord | undefined>,
  compare: (a: Document, b: Document) => number,
  search: Search,
): Generator<StoredRecord | undefined> {
  const keep = search.limit ? search.limit + (search.skip ?? 0) : Number.POSITIVE_INFINITY;
  const account = memoryAccount('Sort', search.mostBytes);
  const kept: { record: StoredRecord; doc: Document }[] = [];
  let taken = 0;
  const byOrder = (a: { doc: Document }, b: { doc: Document }): number => compare(a.doc, b.doc);
  for (const record of found) {
    if (record !== undefined) {
      account(record.raw.length);
      kept.push({ record, doc: documentOf(record) });
    }
    // With a limit only so many can be in the answer: the rest is dropped as it piles up.
    if (kept.length > keep * 2 + 1000) {
      const dropped = kept.sort(byOrder).splice(keep);
      account(-dropped.reduce((sum, one) => sum + one.record.raw.length, 0));
    }
    if (++taken % PAUSE_AFTER === 0) yield undefined;
  }
  for (const { record } of yield* sortInRuns(kept, byOrder)) yield record;
}

function* window(
  records: Iterable<StoredRecord | undefined>,
  skip: number,
  limit: number,
): Generator<StoredRecord | undefined> {
  let passed = 0;
  let given = 0;
  for (const record of records) {
    if (record === undefined) yield undefined;
    else if (passed < skip) passed++;
    else {
      yield record;
      if (++given === limit) return;
    }
  }
}
