import { createHash } from 'node:crypto';

/** How two nodes of a tree make the one above them. */
export type Combine<N> = (left: N, right: N) => N;

/** A node of a Merkle-sum tree: what stands below it, and how many points that is. */
export interface SumNode {
  readonly hash: Buffer;
  readonly points: bigint;
}

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The hash of a leaf (RFC 9162, 2.1.1): its prefix keeps a leaf from ever passing for an inner node. */
export const leafHash = (leaf: string): Buffer => sha256(leafPrefix, leaf);

/** The hash of an inner node (RFC 9162, 2.1.1). */
export const nodeHash: Combine<Buffer> = (left, right) => sha256(nodePrefix, left, right);

/** The root of no leaves at all (RFC 9162, 2.1.1). */
export const emptyRoot = (): Buffer => sha256();

/** The most points that a tree can add up: what 63 bits hold. */
export const mostPoints = 2n ** 63n - 1n;

/** A number of points as 8 bytes, most significant first. Throws for what is negative or too large. */
function pointsBytes(points: bigint): Buffer {
  if (points < 0n || points > mostPoints) throw new Error(`a tree of sums cannot hold ${points} points`);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(points);
  return bytes;
}

/**
 * An inner node of a Merkle-sum tree. It commits to each side's points, not only to their total: else a server could
 * show one member a tree in which another's points are missing. Throws for negative points and for a sum too large.
 */
export const sumNode: Combine<SumNode> = (left, right) => {
  const points = left.points + right.points;
  pointsBytes(points);
  const sides = [left.hash, pointsBytes(left.points), right.hash, pointsBytes(right.points)];
  return { hash: sha256(nodePrefix, ...sides), points };
};

/** Where a tree of so many leaves divides: the largest power of two below their number. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The root over at least one leaf, divided as RFC 9162, 2.1.1 has it. */
export function rootOf<N>(leaves: readonly N[], combine: Combine<N>): N {
  if (leaves.length === 0) throw new Error('a tree without leaves has no node');
  if (leaves.length === 1) return leaves[0]!;
  const split = splitOf(leaves.length);
  return combine(rootOf(leaves.slice(0, split), combine), rootOf(leaves.slice(split), combine));
}

/** The nodes beside the way from a leaf to the root, the lowest first (RFC 9162, 2.1.3.1). */
export function pathTo<N>(leaves: readonly N[], index: number, combine: Combine<N>): N[] {
  if (index < 0 || index >= leaves.length) throw new Error(`no leaf ${index} among ${leaves.length}`);
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...pathTo(left, index, combine), rootOf(right, combine)]
    : [...pathTo(right, index - split, combine), rootOf(left, combine)];
}
