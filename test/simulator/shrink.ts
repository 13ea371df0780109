/** The sequence with each part in turn replaced by a plainer one, where it still fails. */
export async function simplify<T>(
  sequence: readonly T[],
  plainer: (part: T) => T | null,
  fails: (simpler: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let simplest = sequence;
  for (const [index, part] of sequence.entries()) {
    const plain = plainer(part);
    if (!plain) continue;
    const simpler = simplest.with(index, plain);
    if (await fails(simpler)) simplest = simpler;
  }
  return simplest;
}

/**
 * Looks for a shorter sequence that fails as well, by leaving out ever smaller runs of it; gives the shortest found
 * within so many tries.
 */
export async function shorten<T>(
  sequence: readonly T[],
  fails: (shorter: readonly T[]) => Promise<boolean>,
  mostTries = 150,
): Promise<readonly T[]> {
  let shortest = sequence;
  let tries = 0;
  for (
    let size = Math.ceil(shortest.length / 2);
    size >= 1 && tries < mostTries;
    size = Math.floor(size / 2)
  ) {
    for (let from = 0; from < shortest.length && tries < mostTries; ) {
      const shorter = [...shortest.slice(0, from), ...shortest.slice(from + size)];
      tries++;
      if (shorter.length > 0 && (await fails(shorter))) shortest = shorter;
      else from += size;
    }
  }
  return shortest;
}
