import type { Posting } from '../ledger/posting.ts';
import type { RecordedPlace } from '../ledger/recorded-store.ts';
import { chunkSize, rootOfChunks } from './chunk.ts';
import { type LeafVersion, leafOf, leafVersions } from './leaf.ts';
import { emptyRoot, leafHash, nodeHash, rootOf } from './merkle.ts';

/** A chunk of a day's tree. */
export interface DayChunk {
  /** Root of the chunk, in hex. */
  readonly root: string;
  /** Its first posting. */
  readonly start: RecordedPlace;
}

/** The tree over a day's postings, without its leaves. */
export interface DayTree {
  readonly count: number;
  /** In hex. */
  readonly root: string;
  readonly chunks: readonly DayChunk[];
}

const hashBytes = 32;

/** Leaf hashes as they are kept. */
export const packHashes = (hashes: readonly Buffer[]): Buffer => Buffer.concat(hashes);

/** Leaf hashes from how they are kept. */
export const unpackHashes = (bytes: Buffer): Buffer[] =>
  Array.from({ length: bytes.length / hashBytes }, (_, i) =>
    bytes.subarray(i * hashBytes, (i + 1) * hashBytes),
  );

/** The root of a day's tree, in hex. */
export const dayRoot = (chunks: readonly { readonly root: string }[]): string =>
  (chunks.length === 0
    ? emptyRoot()
    : rootOfChunks(
        chunks.map(({ root }) => Buffer.from(root, 'hex')),
        nodeHash,
      )
  ).toString('hex');

/**
 * Builds the tree over postings that come in the order of a day. Holds one chunk at a time and gives the leaves of each to
 * `keep`.
 */
export async function buildDayTree(
  postings: AsyncIterable<Posting>,
  secret: Uint8Array,
  keep: (root: string, leaves: readonly Buffer[]) => Promise<void>,
  version: LeafVersion = leafVersions[0],
): Promise<DayTree> {
  const chunks: DayChunk[] = [];
  let hashes: Buffer[] = [];
  let start: RecordedPlace | null = null;
  let count = 0;
  const closeChunk = async () => {
    if (!start) return;
    const root = rootOf(hashes, nodeHash).toString('hex');
    await keep(root, hashes);
    chunks.push({ root, start });
    hashes = [];
    start = null;
  };
  for await (const posting of postings) {
    const { programme, recordedAt, id } = posting;
    start ??= { programme, recordedAt, id };
    hashes.push(leafHash(leafOf(posting, secret, version).text));
    count++;
    if (hashes.length === chunkSize) await closeChunk();
  }
  await closeChunk();
  return { count, root: dayRoot(chunks), chunks };
}
