import type { Document } from 'bson';
import type { Comparator } from './sort.ts';

/** How many documents are sorted or merged without a pause. */
const RUN = 4096;

/** Sorts stably, with pauses: runs are sorted one by one and then merged pairwise. */
export async function sortDocuments(
  documents: Document[],
  compare: Comparator,
  pause?: () => Promise<void> | undefined,
): Promise<Document[]> {
  if (documents.length <= RUN) return documents.sort(compare);
  let runs: Document[][] = [];
  for (let start = 0; start < documents.length; start += RUN) {
    runs.push(documents.slice(start, start + RUN).sort(compare));
    await pause?.();
  }
  while (runs.length > 1) {
    const merged: Document[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [left, right] = [runs[i] as Document[], runs[i + 1]];
      merged.push(right ? await merge(left, right, compare, pause) : left);
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge(
  left: Document[],
  right: Document[],
  compare: Comparator,
  pause: (() => Promise<void> | undefined) | undefined,
): Promise<Document[]> {
  const result: Document[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const [a, b] = [left[i] as Document, right[j] as Document];
    if (compare(a, b) <= 0) {
      result.push(a);
      i++;
    } else {
      result.push(b);
      j++;
    }
    if (result.length % RUN === 0) await pause?.();
  }
  for (; i < left.length; i++) result.push(left[i] as Document);
  for (; j < right.length; j++) result.push(right[j] as Document);
  return result;
}
