/** How many items are sorted or merged without a pause. */
const RUN = 4096;

/** Sorts stably: runs one by one, then merged pairwise. Yields where others may have their turn, and returns the order. */
export function* sortInRuns<T>(items: T[], compare: (a: T, b: T) => number): Generator<undefined, T[]> {
  if (items.length <= RUN) return items.sort(compare);
  let runs: T[][] = [];
  for (let start = 0; start < items.length; start += RUN) {
    runs.push(items.slice(start, start + RUN).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      const [left, right] = [runs[i] as T[], runs[i + 1]];
      merged.push(right ? yield* merge(left, right, compare) : left);
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** The same with a pause of the caller's at each yield. */
export async function sortWithPauses<T>(
  items: T[],
  compare: (a: T, b: T) => number,
  pause?: () => Promise<void> | undefined,
): Promise<T[]> {
  const sorting = sortInRuns(items, compare);
  for (;;) {
    const step = sorting.next();
    if (step.done) return step.value;
    await pause?.();
  }
}

function* merge<T>(left: T[], right: T[], compare: (a: T, b: T) => number): Generator<undefined, T[]> {
  const result: T[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const [a, b] = [left[i] as T, right[j] as T];
    if (compare(a, b) <= 0) {
      result.push(a);
      i++;
    } else {
      result.push(b);
      j++;
    }
    if (result.length % RUN === 0) yield;
  }
  for (; i < left.length; i++) result.push(left[i] as T);
  for (; j < right.length; j++) result.push(right[j] as T);
  return result;
}
