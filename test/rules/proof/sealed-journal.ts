import type { Posting } from '../../../subgraphs/accounts/ledger/posting.ts';
import type { DayChunk } from '../../../subgraphs/accounts/proof/day-tree.ts';
import { comparePlaces } from '../../../subgraphs/accounts/proof/leaf.ts';
import { provePosting } from '../../../subgraphs/accounts/proof/prove-posting.ts';
import type { Seal } from '../../../subgraphs/accounts/proof/seal.ts';
import { type SealPorts, sealDays } from '../../../subgraphs/accounts/proof/seal-days.ts';
import { createSigner } from '../../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';

/** A posting of 5 points earned; whatever a test is about is given. */
export const posting = (given: Partial<Posting> & Pick<Posting, 'id'>): Posting => {
  const recordedAt = given.recordedAt ?? new Date('2026-03-01T10:00:00Z');
  return {
    kind: 'EARN',
    at: recordedAt,
    recordedAt,
    programme: 'SHARED',
    points: 5n,
    walletIds: ['wal_m_SHARED'],
    memberIds: ['m'],
    merchantId: 'pets',
    merchantIds: ['pets'],
    causeId: null,
    declinableUntil: null,
    goodUntil: null,
    note: null,
    holdId: null,
    externalRef: null,
    campaignId: null,
    keeper: null,
    reason: null,
    reverses: null,
    arrears: 0n,
    lotId: 'lot',
    lines: [],
    entries: [
      { account: 'issuer:pets', points: -5n },
      { account: 'wallet:wal_m_SHARED:available', points: 5n },
    ],
    allocations: [{ lotId: 'lot', issuerId: 'pets', points: 5n, remaining: 5n, held: 0n, settles: false }],
    effect: { issued: 5n, owedMilli: 475n },
    ...given,
  };
};

const secret = Buffer.alloc(32, 7);

/** A journal in memory with its sealer. */
export function sealedJournal(postings: readonly Posting[], now: string) {
  const seals = new Map<string, Seal>();
  const chunks = new Map<string, readonly DayChunk[]>();
  const leaves = new Map<string, Buffer>();
  const signer = createSigner(makeSigningKey());
  const ordered = () => [...postings].sort(comparePlaces);
  const sealsInOrder = () => [...seals.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
  const clock = { at: new Date(now) };
  const ports: SealPorts = {
    now: () => clock.at,
    newestSeal: async () => sealsInOrder().at(-1) ?? null,
    firstRecordedAt: async () =>
      postings.length > 0 ? new Date(Math.min(...postings.map((each) => each.recordedAt.getTime()))) : null,
    recorded: async function* (from, to) {
      yield* ordered().filter(({ recordedAt }) => recordedAt >= from && recordedAt < to);
    },
    saltSecret: async () => secret,
    keepLeaves: async (root, bytes) => void leaves.set(root, bytes),
    insertSeal: async (seal, its) => {
      if (seals.has(seal.day)) return false;
      seals.set(seal.day, seal);
      chunks.set(seal.day, its);
      return true;
    },
    sign: signer.sign,
  };
  const prove = (wanted: Posting, until: string | null = null) =>
    provePosting(wanted, until, {
      sealOf: async (day) => seals.get(day) ?? null,
      sealsFrom: async (day, limit) =>
        sealsInOrder()
          .filter((seal) => seal.day >= day)
          .slice(0, limit),
      chunksOf: async (day) => chunks.get(day) ?? [],
      leavesOf: async (root) => leaves.get(root) ?? null,
      saltSecret: async () => secret,
    });
  return { ports, clock, signer, seals: sealsInOrder, leaves, prove, seal: () => sealDays(ports) };
}

/** A proof as GraphQL answers it to somebody who may see all of it. */
export async function answered(journal: ReturnType<typeof sealedJournal>, wanted: Posting) {
  const proof = await journal.prove(wanted);
  if (proof.kind !== 'LedgerProof') throw new Error(proof.kind);
  const { leaf, index, path, seal, chain } = proof;
  return {
    leaf: leaf.text,
    openings: Object.values(leaf.openings),
    index,
    path: [...path],
    seal: { ...seal },
    chain: chain.map((each) => ({ ...each })),
    signingKeys: journal.signer.publicKeys.map((key) => ({ ...key })),
  };
}
