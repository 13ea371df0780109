import { canonicalJson, sha256 } from '../../shared/idempotency.ts';
import { type PublicKey, verifySignature } from '../../shared/signing/signer.ts';
import type { Posting } from '../ledger/posting.ts';
import { broken, type Violation } from '../ledger/violation.ts';
import { buildDayTree, type DayChunk, type DayTree, packHashes } from './day-tree.ts';
import { type LeafVersion, leafVersions } from './leaf.ts';
import { dayAfter, dayOf, noSeal, type Seal, sealContent, startOfDay } from './seal.ts';

/** What checking seals reads. */
export interface CheckSealsPorts {
  readonly sealsFrom: (day: string, limit: number) => Promise<readonly Seal[]>;
  readonly chunksOf: (day: string) => Promise<readonly DayChunk[]>;
  readonly leavesOf: (root: string) => Promise<Buffer | null>;
  /** The secret of the salts; null if nothing was ever sealed. */
  readonly saltSecret: () => Promise<Uint8Array | null>;
  readonly publicKeys: () => Promise<readonly PublicKey[]>;
  readonly firstRecordedAt: () => Promise<Date | null>;
  readonly recorded: (from: Date, to: Date) => AsyncIterable<Posting>;
}

const sealsAtOnce = 100;

type Rebuilt = DayTree & { leavesKept: boolean };

async function rebuildAs(version: LeafVersion, day: string, ports: CheckSealsPorts): Promise<Rebuilt> {
  let leavesKept = true;
  const postings = ports.recorded(startOfDay(day), startOfDay(dayAfter(day)));
  const secret = (await ports.saltSecret()) ?? new Uint8Array();
  const keep = async (root: string, hashes: readonly Buffer[]) => {
    const kept = await ports.leavesOf(root);
    leavesKept &&= kept?.equals(packHashes(hashes)) ?? false;
  };
  const tree = await buildDayTree(postings, secret, keep, version);
  return { ...tree, leavesKept };
}

/** The tree of a day as its journal is today: of the version with which it is what was sealed, or else of the newest. */
async function rebuild({ day, root }: Seal, ports: CheckSealsPorts): Promise<Rebuilt> {
  const newest = await rebuildAs(leafVersions[0], day, ports);
  if (newest.root === root) return newest;
  const earlier = await rebuildAs(1, day, ports);
  return earlier.root === root ? earlier : newest;
}

async function journalViolations(seal: Seal, ports: CheckSealsPorts): Promise<Violation[]> {
  const { count, root, chunks, leavesKept } = await rebuild(seal, ports);
  const kept = await ports.chunksOf(seal.day);
  const same = count === seal.count && root === seal.root;
  const provable = leavesKept && canonicalJson(kept) === canonicalJson(chunks);
  return broken(seal.day, [
    [
      'SEAL_EQUALS_JOURNAL',
      same,
      () =>
        `sealed were ${seal.count} postings with root ${seal.root}, the journal has ${count} with root ${root}`,
    ],
    ['SEAL_HAS_LEAVES', !same || provable, () => 'the leaves that proofs are made of are not those sealed'],
  ]);
}

const chainViolations = (seal: Seal, before: Seal | null, keys: readonly PublicKey[]): Violation[] =>
  broken(seal.day, [
    [
      'SEALS_FOLLOW_EACH_OTHER',
      seal.previous === (before?.hash ?? noSeal) && (!before || dayAfter(before.day) === seal.day),
      () => `it does not follow the seal of ${before?.day ?? 'no day'}`,
    ],
    [
      'SEAL_IS_SIGNED',
      seal.content === canonicalJson(sealContent(seal)) &&
        seal.hash === sha256(seal.content) &&
        verifySignature(keys, sealContent(seal), seal.signature),
      () => 'its text, hash and signature do not belong together',
    ],
  ]);

/** The journal begins no earlier than its seals: what is recorded long before is a posting that came too late. */
async function beginningViolations(first: Seal, ports: CheckSealsPorts): Promise<Violation[]> {
  const recordedAt = await ports.firstRecordedAt();
  const day = recordedAt && dayOf(recordedAt);
  return broken(day ?? first.day, [
    [
      'SEAL_EQUALS_JOURNAL',
      day === null || day >= first.day,
      () => `postings were recorded before ${first.day}, the day of the first seal`,
    ],
  ]);
}

/**
 * Verifies that every seal says what the journal says today, follows the one before and is signed with a published key.
 * Reads all sealed postings, some at a time. A posting that was written into a day after it had been sealed shows here.
 */
export async function checkSeals(ports: CheckSealsPorts): Promise<Violation[]> {
  const violations: Violation[] = [];
  const keys = await ports.publicKeys();
  for (let before: Seal | null = null; ; ) {
    const seals: readonly Seal[] = await ports.sealsFrom(before ? dayAfter(before.day) : '', sealsAtOnce);
    if (!before && seals[0]) violations.push(...(await beginningViolations(seals[0], ports)));
    for (const seal of seals) {
      violations.push(...chainViolations(seal, before, keys), ...(await journalViolations(seal, ports)));
      before = seal;
    }
    if (seals.length < sealsAtOnce) return violations;
  }
}
