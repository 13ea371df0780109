import { type Combine, pathTo, rootOf } from './merkle.ts';

/**
 * How many leaves are kept together. A power of two, so that each chunk is a whole subtree, and a proof needs one chunk and
 * the roots of the others, whatever the size of the tree.
 */
export const chunkSize = 1_024;

/** A place in a chunked tree: which chunk, and which of its leaves. */
export interface LeafPlace<N> {
  readonly chunk: number;
  /** The leaves of that chunk. */
  readonly leaves: readonly N[];
  readonly offset: number;
}

/** Index of a leaf in the whole tree. */
export const indexOf = <N>({ chunk, offset }: LeafPlace<N>): number => chunk * chunkSize + offset;

/** The path from a leaf to the root of the tree whose chunks have these roots. */
export const pathThroughChunks = <N>(
  roots: readonly N[],
  { chunk, leaves, offset }: LeafPlace<N>,
  combine: Combine<N>,
): N[] => [...pathTo(leaves, offset, combine), ...pathTo(roots, chunk, combine)];

/** The root of a tree from the roots of its chunks. */
export const rootOfChunks = <N>(roots: readonly N[], combine: Combine<N>): N => rootOf(roots, combine);

/** The chunk in which something of an order would be: the last one that does not begin after it; -1 before the first. */
export function chunkFor<K>(starts: readonly K[], isAfter: (start: K) => boolean): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isAfter(starts[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}
