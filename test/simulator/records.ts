import { createHash } from 'node:crypto';
import { deserialize } from 'bson';
import type { Connection, mongo } from 'mongoose';

/** One event in the journal, as far as a check reads it. Numbers of points are plain here. */
export interface PostingRow {
  readonly _id: string;
  readonly kind: string;
  readonly points: number;
  readonly walletIds: readonly string[];
  readonly entries: readonly { readonly account: string; readonly points: number }[];
  readonly allocations: readonly {
    readonly lotId: string;
    readonly points: number;
    readonly remaining: number;
    readonly held: number;
    readonly settles: boolean;
  }[];
  readonly reverses: string | null;
  readonly recordedAt: Date;
  readonly holdId: string | null;
}

/** A wallet. */
export interface WalletRow {
  readonly _id: string;
  readonly memberId: string | null;
  readonly householdId: string | null;
  readonly version: number;
  readonly available: number;
  readonly pending: number;
  readonly held: number;
  readonly frozen: number;
  readonly arrears: number;
  readonly openLots: number;
  readonly openCases: number;
  readonly nextDueAt: Date | null;
  /** Of a pool, what each member spent in the last month in which it spent something. */
  readonly poolSpent: readonly {
    readonly memberId: string;
    readonly month: string;
    readonly points: number;
  }[];
}

/** A lot. */
export interface LotRow {
  readonly _id: string;
  readonly walletId: string;
  readonly contributorId: string | null;
  readonly points: number;
  readonly remaining: number;
  readonly held: number;
  readonly expired: number;
  readonly unlocked: boolean;
  readonly open: boolean;
  readonly expiresAt: Date;
}

/** An open hold. */
export interface HoldRow {
  readonly _id: string;
  readonly walletId: string;
  readonly points: number;
  readonly parts: readonly { readonly lotId: string; readonly points: number }[];
}

/** A case over points of a wallet. */
export interface CaseRow {
  readonly _id: string;
  readonly walletId: string;
  readonly memberId: string;
  readonly status: string;
  readonly disputed: number;
  readonly parts: readonly { readonly lotId: string; readonly points: number }[];
  readonly deducted: number;
  readonly restituted: number;
  readonly lapsesAt: Date | null;
  readonly appealableUntil: Date | null;
  readonly steps: readonly {
    readonly id: string;
    readonly act: string;
    readonly by: string | null;
    readonly at: Date;
    readonly points: number;
  }[];
}

/** The seal of a day, which is its id. */
export interface SealRow {
  readonly _id: string;
  readonly count: number;
  readonly root: string;
  readonly previous: string;
  readonly content: string;
  readonly hash: string;
}

/** An event that waits for whom it is for. */
export interface EventRow {
  readonly _id: string;
  readonly eventId: string;
  readonly subscriber: string;
  readonly type: string;
  readonly subject: string;
  readonly partition: string;
  readonly sequence: number;
  readonly audience: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
}

/** A use of an idempotency key or of something else that happens once. */
export interface KeyRow {
  readonly _id: string;
  readonly postingId: string | null;
  readonly holdId: string | null;
  readonly stepId?: string | null;
}

/** A row with a fingerprint of its bytes. */
export interface Fingerprinted<T> {
  readonly row: T;
  readonly print: string;
}

const printOf = (bytes: Buffer): string => createHash('sha1').update(bytes).digest('base64');

const longs = { promoteLongs: true } as const;

/** Reads what processes wrote, straight from the database and with nothing of theirs. */
export type Records = ReturnType<typeof openRecords>;

/** Opens the records of accounts and of the catalogue. */
export function openRecords(connection: Connection, databases: { accounts: string; catalogue: string }) {
  const client = connection.getClient();
  const accounts = client.db(databases.accounts);
  const catalogue = client.db(databases.catalogue);
  const rows = <T extends { readonly _id: string }>(name: string) => accounts.collection<T>(name);
  const postings = rows<PostingRow>('ledger-postings');
  const wallets = rows<WalletRow>('ledger-wallets');
  const lots = rows<LotRow>('ledger-lots');
  const holds = rows<HoldRow>('ledger-holds');
  const cases = rows<CaseRow>('ledger-cases');
  const seals = rows<SealRow>('ledger-seals');
  const events = rows<EventRow>('outbox');
  const deliveries = rows<{ readonly _id: string; readonly status: string }>('webhook-deliveries');
  const keys = rows<KeyRow>('ledger-keys');
  const rewards = catalogue.collection<{ _id: string; stock: number }>('rewards');

  const printed = async <T extends { readonly _id: string }>(
    from: mongo.Collection<T>,
    filter: object,
  ): Promise<Fingerprinted<T>[]> => {
    const found = from.find(filter as mongo.Filter<T>, { raw: true, sort: { _id: 1 } });
    const bytes = (await found.toArray()) as unknown as Buffer[];
    return bytes.map((one) => ({ row: deserialize(one, longs) as T, print: printOf(one) }));
  };

  return {
    /** Postings with ids after one, in the order of ids. */
    postings: (after: string) => printed(postings, { _id: { $gt: after } }),
    /** How many postings there are. */
    countPostings: (): Promise<number> => postings.estimatedDocumentCount(),
    /** Events with ids after one, for all subscribers. */
    events: (after: string): Promise<EventRow[]> =>
      events.find({ _id: { $gt: after } }).toArray() as Promise<EventRow[]>,
    /** How many events and deliveries wait to be handed on to webhooks. */
    undelivered: async (): Promise<number> =>
      (await events.countDocuments({ subscriber: 'webhooks' })) +
      (await deliveries.countDocuments({ status: 'PENDING' })),
    wallets: () => printed(wallets, {}),
    /** Open lots of these wallets, and these lots whether or not they are open. */
    lots: (walletIds: readonly string[], ids: readonly string[]): Promise<LotRow[]> =>
      lots
        .find({ $or: [{ walletId: { $in: [...walletIds] }, open: true }, { _id: { $in: [...ids] } }] })
        .toArray() as Promise<LotRow[]>,
    allLots: (): Promise<LotRow[]> => lots.find({}).toArray() as Promise<LotRow[]>,
    openHolds: (walletIds: readonly string[]): Promise<HoldRow[]> =>
      holds.find({ walletId: { $in: [...walletIds] }, status: 'OPEN' } as object).toArray() as Promise<
        HoldRow[]
      >,
    /** All cases of these wallets, the oldest first. */
    cases: (walletIds: readonly string[]): Promise<CaseRow[]> =>
      cases
        .find({ walletId: { $in: [...walletIds] } })
        .sort({ _id: 1 })
        .toArray() as Promise<CaseRow[]>,
    /** Seals of days from one on, the oldest first. */
    seals: (from: string) => printed(seals, { _id: { $gte: from } }),
    keys: (): Promise<KeyRow[]> => keys.find({}).toArray() as Promise<KeyRow[]>,
    /** Those of these keys that are there. */
    keysOf: (ids: readonly string[]): Promise<KeyRow[]> =>
      ids.length === 0
        ? Promise.resolve([])
        : (keys.find({ _id: { $in: [...ids] } }).toArray() as Promise<KeyRow[]>),
    /** What is left of each of these rewards. */
    async stock(ids: readonly string[]): Promise<readonly (number | undefined)[]> {
      const found = await rewards.find({ _id: { $in: [...ids] } }, { projection: { stock: 1 } }).toArray();
      return ids.map((id) => found.find((row) => row._id === id)?.stock);
    },
  };
}
