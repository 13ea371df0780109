import type { IndexTree, Trees } from './collection.ts';
import type { IndexPlan, Plan } from './planner.ts';
import type { StoredRecord } from './record.ts';

/** What a scan touched, as explain reports it. */
export interface ScanStatistics {
  keysExamined: number;
  docsExamined: number;
}

/** The candidates of a plan, each once. The content must not change while the scan is in use. */
export function* scanPlan(trees: Trees, plan: Plan, statistics: ScanStatistics): Generator<StoredRecord> {
  if (plan.kind === 'collection') {
    const all = plan.reverse ? trees.records.entriesReversed() : trees.records.entries();
    for (const [, record] of all) {
      statistics.docsExamined++;
      yield record;
    }
    return;
  }
  const branches = plan.kind === 'union' ? plan.branches : [plan];
  const seen = plan.kind === 'union' || plan.index.multikey.includes(true) ? new Set<number>() : undefined;
  for (const branch of branches) {
    for (const rid of scanIndex(branch, statistics)) {
      if (seen !== undefined) {
        if (seen.has(rid)) continue;
        seen.add(rid);
      }
      statistics.docsExamined++;
      yield trees.records.get(rid) as StoredRecord;
    }
  }
}

function* scanIndex(plan: IndexPlan, statistics: ScanStatistics): Generator<number> {
  const intervals = plan.reverse ? [...plan.intervals].reverse() : plan.intervals;
  for (const { low, high } of intervals) {
    if (low === high) {
      statistics.keysExamined++;
      const rid = plan.index.entries.get(low);
      if (rid !== undefined) yield rid;
    } else {
      yield* scanInterval(plan.index, low, high, plan.reverse, statistics);
    }
  }
}

function* scanInterval(
  index: IndexTree,
  low: string,
  high: string,
  reverse: boolean,
  statistics: ScanStatistics,
): Generator<number> {
  if (index.entries.isEmpty) return;
  const entries = reverse ? index.entries.entriesReversed(high) : index.entries.entries(low);
  for (const [key, rid] of entries) {
    if (reverse ? key < low : key > high) return;
    statistics.keysExamined++;
    yield rid;
  }
}
