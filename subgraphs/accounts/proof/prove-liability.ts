import type { LeafRow, SumChunk } from './build-liabilities.ts';
import { chunkFor, indexOf, pathThroughChunks } from './chunk.ts';
import {
  balanceLeaf,
  balanceNode,
  countableFrom,
  endOfPeriod,
  type Liabilities,
  periodOf,
} from './liability.ts';
import { type SumNode, sumNode } from './merkle.ts';
import type { NotSealedYet } from './prove-posting.ts';
import { unpackNodes } from './sum-nodes.ts';

/** What proving a balance needs. */
export interface ProveLiabilityPorts {
  readonly now: () => Date;
  readonly newest: (programme: string) => Promise<Liabilities | null>;
  /** When the first posting of a programme was recorded; null if none was. */
  readonly firstRecordedAt: (programme: string) => Promise<Date | null>;
  readonly of: (programme: string, period: string) => Promise<Liabilities | null>;
  readonly treeOf: (
    programme: string,
    period: string,
  ) => Promise<{ readonly build: string; readonly chunks: readonly SumChunk[] } | null>;
  readonly rowOf: (build: string, walletId: string) => Promise<LeafRow | null>;
  readonly leavesOf: (root: string) => Promise<Buffer | null>;
  readonly saltSecret: () => Promise<Uint8Array>;
}

/** Shows that a balance is counted in a signed total. */
export interface LiabilityProof {
  readonly kind: 'LiabilityProof';
  /** Canonical JSON of the balance, with its salt. */
  readonly leaf: string;
  readonly index: number;
  /** Hashes and points beside the way up, the lowest first; points in decimal. */
  readonly path: readonly { readonly hash: string; readonly points: string }[];
  readonly liabilities: Liabilities;
}

/** The member had no wallet in the programme by the end of the period, so there is nothing to count. */
export interface NotCounted {
  readonly kind: 'NotCounted';
  readonly programme: string;
  readonly period: string;
}

/** Why there is no total of a period: nothing was posted by its end, so that none is ever made, or it is not made yet. */
async function whyNoTotal(
  programme: string,
  period: string,
  ports: ProveLiabilityPorts,
): Promise<NotSealedYet | NotCounted> {
  const [now, from] = [ports.now(), countableFrom(period)];
  const first = await ports.firstRecordedAt(programme);
  if (from <= now && (!first || first >= endOfPeriod(period)))
    return { kind: 'NotCounted', programme, period };
  return { kind: 'NotSealedYet', availableFrom: new Date(Math.max(from.getTime(), now.getTime())) };
}

async function pathOf(node: SumNode, chunks: readonly SumChunk[], ports: ProveLiabilityPorts) {
  const hash = node.hash.toString('hex');
  const chunk = chunkFor(
    chunks.map(({ start }) => start),
    (start) => start > hash,
  );
  const bytes = chunk < 0 ? null : await ports.leavesOf(chunks[chunk]!.root);
  const leaves = bytes ? unpackNodes(bytes) : [];
  const offset = leaves.findIndex((leaf) => leaf.hash.equals(node.hash) && leaf.points === node.points);
  if (offset < 0) throw new Error(`a leaf ${hash} is not in its tree`);
  const place = { chunk, leaves, offset };
  const roots = chunks.map(({ root, points }) => ({ hash: Buffer.from(root, 'hex'), points }));
  return { index: indexOf(place), nodes: pathThroughChunks(roots, place, sumNode) };
}

/** Proves what a wallet held at the end of a month, the newest that was counted unless one is given. */
export async function proveLiability(
  walletId: string,
  programme: string,
  wanted: string | null,
  ports: ProveLiabilityPorts,
): Promise<LiabilityProof | NotSealedYet | NotCounted> {
  const newest = await ports.newest(programme);
  const period = wanted ?? newest?.period ?? periodOf(ports.now());
  const liabilities = await ports.of(programme, period);
  const tree = await ports.treeOf(programme, period);
  if (!liabilities || !tree) return whyNoTotal(programme, period, ports);
  const row = await ports.rowOf(tree.build, walletId);
  if (!row) return { kind: 'NotCounted', programme, period };
  const leaf = balanceLeaf({ ...row, walletId }, liabilities, await ports.saltSecret());
  const { index, nodes } = await pathOf(balanceNode(leaf, row.points), tree.chunks, ports);
  const path = nodes.map(({ hash, points }) => ({ hash: hash.toString('hex'), points: String(points) }));
  return { kind: 'LiabilityProof', leaf, index, path, liabilities };
}
