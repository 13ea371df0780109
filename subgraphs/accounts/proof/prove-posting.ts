import type { Posting } from '../ledger/posting.ts';
import { chunkFor, indexOf, pathThroughChunks } from './chunk.ts';
import { type DayChunk, unpackHashes } from './day-tree.ts';
import { comparePlaces, leafOf, leafVersions, type PostingLeaf } from './leaf.ts';
import { leafHash, nodeHash } from './merkle.ts';
import { dayOf, type Seal, sealableFrom } from './seal.ts';

/** What proving a posting needs. */
export interface ProvePostingPorts {
  readonly sealOf: (day: string) => Promise<Seal | null>;
  /** So many seals of the days from one on, the oldest first. */
  readonly sealsFrom: (day: string, limit: number) => Promise<readonly Seal[]>;
  readonly chunksOf: (day: string) => Promise<readonly DayChunk[]>;
  readonly leavesOf: (root: string) => Promise<Buffer | null>;
  readonly saltSecret: () => Promise<Uint8Array>;
}

/** Shows that a posting is under the seal of its day. */
export interface LedgerProof {
  readonly kind: 'LedgerProof';
  readonly leaf: PostingLeaf;
  /** Its place among the day's postings, from 0. */
  readonly index: number;
  /** Hashes beside the way up, in hex, the lowest first. */
  readonly path: readonly string[];
  readonly seal: Seal;
  /** The seals of the days after it, in order. */
  readonly chain: readonly Seal[];
}

/** The posting's day has no seal yet. */
export interface NotSealedYet {
  readonly kind: 'NotSealedYet';
  /** From when on it will have one. */
  readonly availableFrom: Date;
}

/** The day was sealed without the posting: the journal and its seals contradict each other, which the check reports. */
export interface NotUnderSeal {
  readonly kind: 'NotUnderSeal';
  readonly day: string;
}

/** Most seals of later days that a proof carries. */
const longestChain = 400;

async function placeOf(
  posting: Posting,
  hash: Buffer,
  chunks: readonly DayChunk[],
  ports: ProvePostingPorts,
) {
  const starts = chunks.map(({ start }) => start);
  const chunk = chunkFor(starts, (start) => comparePlaces(start, posting) > 0);
  const bytes = chunk < 0 ? null : await ports.leavesOf(chunks[chunk]!.root);
  const leaves = bytes ? unpackHashes(bytes) : [];
  const offset = leaves.findIndex((leaf) => leaf.equals(hash));
  return offset < 0 ? null : { chunk, leaves, offset };
}

/** The leaf under which a posting was sealed, by the version that its day has. */
async function findLeaf(posting: Posting, chunks: readonly DayChunk[], ports: ProvePostingPorts) {
  const secret = await ports.saltSecret();
  for (const version of leafVersions) {
    const leaf = leafOf(posting, secret, version);
    const place = await placeOf(posting, leafHash(leaf.text), chunks, ports);
    if (place) return { leaf, place };
  }
  return null;
}

/**
 * Proves that a posting was recorded on its day, with the chain of seals up to a day or to the newest. Recomputes one leaf
 * and reads one chunk of hashes, however many postings the day had.
 */
export async function provePosting(
  posting: Posting,
  until: string | null,
  ports: ProvePostingPorts,
): Promise<LedgerProof | NotSealedYet | NotUnderSeal> {
  const day = dayOf(posting.recordedAt);
  const seal = await ports.sealOf(day);
  if (!seal) return { kind: 'NotSealedYet', availableFrom: sealableFrom(day) };
  const chunks = await ports.chunksOf(day);
  const found = await findLeaf(posting, chunks, ports);
  if (!found) return { kind: 'NotUnderSeal', day };
  const { leaf, place } = found;
  const roots = chunks.map(({ root }) => Buffer.from(root, 'hex'));
  const path = pathThroughChunks(roots, place, nodeHash).map((hash) => hash.toString('hex'));
  const [, ...later] = await ports.sealsFrom(day, longestChain + 1);
  const chain = later.filter((each) => until === null || each.day <= until);
  return { kind: 'LedgerProof', leaf, index: indexOf(place), path, seal, chain };
}
