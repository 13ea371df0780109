import {
  type BuildLiabilitiesPorts,
  buildLiabilities,
  type LeafRow,
  type SumChunk,
} from '../../../subgraphs/accounts/proof/build-liabilities.ts';
import type { Balance, Liabilities } from '../../../subgraphs/accounts/proof/liability.ts';
import { proveLiability } from '../../../subgraphs/accounts/proof/prove-liability.ts';
import { createSigner } from '../../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';

const secret = Buffer.alloc(32, 9);

/** Totals in memory over balances that stay the same. */
export function countedBalances(balances: readonly Balance[], now = '2026-04-01T01:00:00Z') {
  const totals = new Map<string, { total: Liabilities; build: string; chunks: readonly SumChunk[] }>();
  const rows = new Map<string, LeafRow[]>();
  const leaves = new Map<string, Buffer>();
  const signer = createSigner(makeSigningKey());
  const clock = { at: new Date(now) };
  let builds = 0;
  const sorted = [...balances].sort((a, b) => (a.walletId < b.walletId ? -1 : 1));
  const newest = async (programme: string) =>
    [...totals.values()]
      .map(({ total }) => total)
      .filter((total) => total.programme === programme)
      .at(-1) ?? null;
  const programmes = async () => [
    { programme: 'SHARED', recordedAt: new Date('2026-03-01T10:00:00Z'), id: 'pos_1' },
  ];
  const ports: BuildLiabilitiesPorts = {
    now: () => clock.at,
    newId: () => `tree_${++builds}`,
    programmes,
    newest,
    isDueBefore: async () => false,
    balances: async (_, __, after, limit) =>
      sorted.filter(({ walletId }) => walletId > after).slice(0, limit),
    saltSecret: async () => secret,
    keepRows: async (build, added) => void rows.set(build, [...(rows.get(build) ?? []), ...added]),
    rows: async (build, after, limit) =>
      (rows.get(build) ?? [])
        .filter(({ hash }) => hash > after)
        .sort((a, b) => (a.hash < b.hash ? -1 : 1))
        .slice(0, limit),
    keepLeaves: async (root, bytes) => void leaves.set(root, bytes),
    insert: async (total, build, chunks) => {
      const id = `${total.programme}:${total.period}`;
      if (totals.has(id)) return false;
      totals.set(id, { total, build, chunks });
      return true;
    },
    forget: async (build, what) => {
      const kept = (rows.get(build) ?? []).filter(({ walletId }) => walletId !== null);
      if (what === 'ALL') rows.delete(build);
      else rows.set(build, kept);
    },
    sign: signer.sign,
  };
  const prove = (walletId: string, period: string | null = null) =>
    proveLiability(walletId, 'SHARED', period, {
      now: () => clock.at,
      newest,
      firstRecordedAt: async () => (await programmes())[0]!.recordedAt,
      of: async (programme, wanted) => totals.get(`${programme}:${wanted}`)?.total ?? null,
      treeOf: async (programme, wanted) => totals.get(`${programme}:${wanted}`) ?? null,
      rowOf: async (build, wanted) => rows.get(build)?.find((row) => row.walletId === wanted) ?? null,
      leavesOf: async (root) => leaves.get(root) ?? null,
      saltSecret: async () => secret,
    });
  const build = () => buildLiabilities(ports);
  const all = () => [...totals.values()].map(({ total }) => total);
  return { ports, clock, signer, totals: all, rows, leaves, prove, build };
}

/** A balance of a wallet. */
export const balance = (walletId: string, points: bigint, arrears = 0n): Balance => ({
  walletId,
  points,
  pooled: 0n,
  arrears,
});

/** A proof as GraphQL answers it. */
export async function answeredBalance(counted: ReturnType<typeof countedBalances>, walletId: string) {
  const proof = await counted.prove(walletId);
  if (proof.kind !== 'LiabilityProof') throw new Error(proof.kind);
  const { leaf, index, path, liabilities } = proof;
  const { content, hash, signature } = liabilities;
  return {
    leaf,
    index,
    path: path.map((step) => ({ ...step })),
    liabilities: { content, hash, signature: { ...signature } },
    signingKeys: counted.signer.publicKeys.map((key) => ({ ...key })),
  };
}
