import type { Connection } from 'mongoose';
import { defineCollection } from '../../shared/mongo.ts';
import type { LeafRow } from './build-liabilities.ts';

interface StoredLeaf {
  _id: string;
  build: string;
  walletId: string | null;
  points: bigint;
  pooled: bigint | null;
  arrears: bigint;
}

const text = { type: String, required: true };
const points = { type: BigInt, required: true };

const definition = {
  name: 'balance-leaves',
  fields: {
    // Build and hash: read in this order, leaves come as their tree has them.
    _id: text,
    build: text,
    walletId: { type: String, default: null },
    points,
    pooled: { type: BigInt, default: null },
    arrears: points,
  },
  indexes: [[{ build: 1, walletId: 1 }, { name: 'leaves_wallet' }]],
} as const;

const toLeaf = ({ _id, build, walletId, points, pooled, arrears }: StoredLeaf): LeafRow => ({
  hash: _id.slice(build.length + 1),
  walletId,
  points: BigInt(points),
  pooled: typeof pooled === 'bigint' || typeof pooled === 'number' ? BigInt(pooled) : null,
  arrears: BigInt(arrears),
});

/** Leaves of trees of balances. Each build of a tree has its own, so that two that build at once never mix. */
export type BalanceLeafStore = ReturnType<typeof createBalanceLeafStore>;

/** Defines the leaves collection on a connection. */
export function createBalanceLeafStore(connection: Connection) {
  const rows = defineCollection<StoredLeaf>(connection, definition);

  return {
    async keep(build: string, leaves: readonly LeafRow[]): Promise<void> {
      if (leaves.length === 0) return;
      const stored = leaves.map(({ hash, ...leaf }) => ({ _id: `${build}:${hash}`, build, ...leaf }));
      await rows.insertMany(stored);
    },

    /** So many of a build's leaves after a hash, by hash. */
    async page(build: string, after: string, limit: number): Promise<LeafRow[]> {
      const between = { $gt: `${build}:${after}`, $lt: `${build};` };
      const found = rows.find({ _id: between }).sort({ _id: 1 }).limit(limit);
      return (await found.lean<StoredLeaf[]>()).map(toLeaf);
    },

    async of(build: string, walletId: string): Promise<LeafRow | null> {
      const row = await rows.findOne({ build, walletId }).lean<StoredLeaf>();
      return row && toLeaf(row);
    },

    /** Takes away a build's leaves: all, or those that only filled its tree up. */
    async forget(build: string, what: 'ALL' | 'FILLERS'): Promise<void> {
      await rows.deleteMany(what === 'ALL' ? { build } : { build, walletId: null });
    },
  };
}
