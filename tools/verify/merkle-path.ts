/** How two nodes make the one above them. */
export type Combine<N> = (left: N, right: N) => Promise<N>;

/**
 * The root that a path leads to from a leaf of a tree of so many leaves (RFC 9162, 2.1.3.2); null if a path to that
 * leaf cannot be of that length.
 */
export async function climb<N>(
  leaf: N,
  index: number,
  size: number,
  path: readonly N[],
  combine: Combine<N>,
): Promise<N | null> {
  if (index >= size) return null;
  let [place, last] = [index, size - 1];
  let node = leaf;
  for (const beside of path) {
    if (last === 0) return null;
    if (place % 2 === 1 || place === last) {
      node = await combine(beside, node);
      // A node without a partner goes up unchanged, to where it is the right one of two.
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else node = await combine(node, beside);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 ? node : null;
}
