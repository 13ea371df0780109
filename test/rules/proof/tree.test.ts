import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  chunkFor,
  chunkSize,
  indexOf,
  pathThroughChunks,
  rootOfChunks,
} from '../../../subgraphs/accounts/proof/chunk.ts';
import {
  emptyRoot,
  leafHash,
  mostPoints,
  nodeHash,
  pathTo,
  rootOf,
  type SumNode,
  splitOf,
  sumNode,
} from '../../../subgraphs/accounts/proof/merkle.ts';

const sha256 = (...parts: Uint8Array[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

const leavesOf = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => leafHash(`leaf ${i}`));

describe('hashes of a tree', () => {
  test('tell leaves, nodes and nothing apart by a prefix', () => {
    const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

    expect(emptyRoot().toString('hex')).toBe(sha256());
    expect(leafHash('é').toString('hex')).toBe(sha256(Buffer.of(0), Buffer.from('é')));
    expect(nodeHash(one, two).toString('hex')).toBe(sha256(Buffer.of(1), one, two));
  });

  test('are those of RFC 9162 for the trees that its figures show', () => {
    const [a, b, c, d, e, f, g] = leavesOf(7) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
    const [ab, cd, ef] = [nodeHash(a, b), nodeHash(c, d), nodeHash(e, f)];

    expect(rootOf([a, b, c, d, e, f, g], nodeHash)).toEqual(nodeHash(nodeHash(ab, cd), nodeHash(ef, g)));
    expect(pathTo([a, b, c, d, e, f, g], 0, nodeHash)).toEqual([b, cd, nodeHash(ef, g)]);
    expect(pathTo([a, b, c, d, e, f, g], 3, nodeHash)).toEqual([c, ab, nodeHash(ef, g)]);
    expect(pathTo([a, b, c, d, e, f, g], 6, nodeHash)).toEqual([ef, nodeHash(ab, cd)]);
  });

  test.each([
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 4],
    [1_025, 1_024],
  ])('a tree of %i leaves divides at %i', (size, split) => {
    expect(splitOf(size)).toBe(split);
  });
});

describe('a tree kept in chunks', () => {
  test.each([1, 2, 1_023, 1_024, 1_025, 2_048, 3_000, 5_121])('of %i leaves is the tree itself', (count) => {
    const leaves = leavesOf(count);
    const chunks: Buffer[][] = [];
    for (let i = 0; i < count; i += chunkSize) chunks.push(leaves.slice(i, i + chunkSize));
    const roots = chunks.map((chunk) => rootOf(chunk, nodeHash));

    expect(rootOfChunks(roots, nodeHash)).toEqual(rootOf(leaves, nodeHash));
    for (const index of [0, count >> 1, count - 1]) {
      const chunk = Math.floor(index / chunkSize);
      const place = { chunk, leaves: chunks[chunk]!, offset: index % chunkSize };
      expect(indexOf(place)).toBe(index);
      expect(pathThroughChunks(roots, place, nodeHash)).toEqual(pathTo(leaves, index, nodeHash));
    }
  });

  test('finds the chunk that something is in by where each begins', () => {
    const starts = [10, 20, 30];
    const found = [5, 10, 19, 20, 29, 30, 99].map((value) => chunkFor(starts, (start) => start > value));

    expect(found).toEqual([-1, 0, 0, 1, 1, 2, 2]);
  });
});

describe('a tree of sums', () => {
  const leaf = (points: bigint): SumNode => ({ hash: leafHash(`${points}`), points });

  test('adds up all points and commits to those of each side', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 40 }),
        (all) => {
          expect(rootOf(all.map(leaf), sumNode).points).toBe(all.reduce((sum, points) => sum + points, 0n));
        },
      ),
    );
    const [one, two] = [leaf(1n), leaf(2n)];
    const shifted = sumNode({ ...one, points: 2n }, { ...two, points: 1n });
    expect(shifted.points).toBe(sumNode(one, two).points);
    expect(shifted.hash).not.toEqual(sumNode(one, two).hash);
  });

  test('refuses negative points and a sum that is too large', () => {
    expect(() => sumNode(leaf(-1n), leaf(5n))).toThrow('cannot hold -1 points');
    expect(() => sumNode(leaf(5n), leaf(-1n))).toThrow('cannot hold -1 points');
    expect(() => sumNode(leaf(mostPoints), leaf(1n))).toThrow(`cannot hold ${mostPoints + 1n} points`);
    expect(sumNode(leaf(mostPoints - 1n), leaf(1n)).points).toBe(mostPoints);
  });
});
