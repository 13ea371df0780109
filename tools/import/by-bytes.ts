/** Cuts a list into runs of which none is longer than so many bytes as JSON, but for one of a single item. */
export function byBytes<T>(items: readonly T[], most: number): T[][] {
  const runs: T[][] = [];
  let left = 0;
  for (const item of items) {
    const bytes = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (runs.length === 0 || bytes > left) {
      runs.push([]);
      left = most;
    }
    runs.at(-1)!.push(item);
    left -= bytes;
  }
  return runs;
}
