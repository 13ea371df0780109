import type { SumNode } from './merkle.ts';

const hashBytes = 32;
const nodeBytes = hashBytes + 8;

/** Nodes of a Merkle-sum tree as they are kept. */
export const packNodes = (nodes: readonly SumNode[]): Buffer =>
  Buffer.concat(
    nodes.map(({ hash, points }) => {
      const bytes = Buffer.alloc(nodeBytes);
      hash.copy(bytes);
      bytes.writeBigUInt64BE(points, hashBytes);
      return bytes;
    }),
  );

/** Nodes from how they are kept. */
export const unpackNodes = (bytes: Buffer): SumNode[] =>
  Array.from({ length: bytes.length / nodeBytes }, (_, i) => ({
    hash: bytes.subarray(i * nodeBytes, i * nodeBytes + hashBytes),
    points: bytes.readBigUInt64BE(i * nodeBytes + hashBytes),
  }));
