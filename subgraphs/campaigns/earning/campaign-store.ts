import { type Connection, type QueryFilter, Schema } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection, isDuplicateKey } from '../../shared/mongo.ts';
import type { Campaign, CampaignStatus } from './campaign.ts';
import type { Span } from './rules-in-force.ts';

/** What a mutation's idempotency key stands for. */
export interface RequestKey {
  readonly caller: string;
  readonly idempotencyKey: string;
  readonly inputHash: string;
}

type Row = Omit<Campaign, 'id'> & { readonly _id: string } & RequestKey;

/** Whose drafts a caller may see besides what is published: all, its own merchant's, or none. */
export type DraftsOf =
  | { readonly kind: 'ALL' }
  | { readonly kind: 'MERCHANT'; readonly id: string }
  | { readonly kind: 'NONE' };

/** Which campaigns a list is of. */
export interface CampaignSelection {
  readonly status: CampaignStatus;
  readonly merchantId: string | null;
  readonly drafts: DraftsOf;
  readonly now: Date;
}

const ruleFields = new Schema(
  {
    code: { type: String, required: true },
    description: { type: String, required: true },
    kind: { type: String, required: true },
    points: BigInt,
    perAmountMinor: BigInt,
    multiplierPercent: Number,
    categories: [String],
    minimumSpendMinor: BigInt,
    capPerPurchase: BigInt,
    capPerMember: BigInt,
    condition: String,
  },
  { _id: false, strict: 'throw' },
);

const text = { type: String, default: '' };

const definition = {
  name: 'campaigns',
  fields: {
    _id: String,
    name: { type: String, required: true },
    merchantId: { type: String, default: null },
    programme: { type: String, required: true },
    startsAt: { type: Date, required: true },
    endsAt: { type: Date, default: null },
    rules: [ruleFields],
    terms: new Schema(
      { earning: text, accrualBase: text, exclusions: text, contact: text },
      { _id: false, strict: 'throw' },
    ),
    version: { type: Number, required: true },
    publishedAt: { type: Date, default: null },
    caller: { type: String, required: true },
    idempotencyKey: { type: String, required: true },
    inputHash: { type: String, required: true },
  },
  indexes: [
    [{ caller: 1, idempotencyKey: 1 }, { unique: true }],
    [{ programme: 1, merchantId: 1, startsAt: 1 }],
    [{ startsAt: -1, _id: -1 }],
  ],
} as const;

const projection = { caller: 0, idempotencyKey: 0, inputHash: 0 } as const;

function toCampaign(row: Omit<Row, keyof RequestKey>): Campaign {
  const { _id, ...rest } = row;
  return { id: _id, ...rest };
}

const published = { publishedAt: { $ne: null } } as const;

/** More than publishing lets an owner and the coalition have at once together; see `publishCampaign`. */
const mostAtOnce = 2_000;

const publishedDuring = (programme: string, { from, to }: Span): QueryFilter<Row> => ({
  programme,
  ...published,
  startsAt: { $lt: to },
  $or: [{ endsAt: null }, { endsAt: { $gt: from } }],
});

function statusFilter({ status, drafts, now }: CampaignSelection): QueryFilter<Row> | null {
  switch (status) {
    case 'DRAFT':
      if (drafts.kind === 'NONE') return null;
      return { publishedAt: null, ...(drafts.kind === 'MERCHANT' ? { merchantId: drafts.id } : {}) };
    case 'SCHEDULED':
      return { ...published, startsAt: { $gt: now } };
    case 'RUNNING':
      return { ...published, startsAt: { $lte: now }, $or: [{ endsAt: null }, { endsAt: { $gt: now } }] };
    case 'ENDED':
      return { ...published, endsAt: { $lte: now } };
  }
}

const afterKey = (after: readonly string[]): QueryFilter<Row> => {
  const startsAt = new Date(after[0]!);
  return { $or: [{ startsAt: { $lt: startsAt } }, { startsAt, _id: { $lt: after[1]! } }] };
};

/** The collection of campaigns. */
export function createCampaignStore(connection: Connection) {
  const Model = defineCollection<Row>(connection, {
    ...definition,
    indexes: definition.indexes as never,
  });
  const find = async (filter: QueryFilter<Row>, order: 1 | -1, limit: number): Promise<Campaign[]> => {
    const rows = await Model.find(filter, projection)
      .sort({ startsAt: order, _id: order })
      .limit(limit)
      .session(currentSession())
      .lean<Row[]>();
    return rows.map(toCampaign);
  };
  return {
    /** Keeps a new draft. False, and nothing is kept, if the caller used the key before. */
    async insert(campaign: Campaign, key: RequestKey): Promise<boolean> {
      const { id, ...rest } = campaign;
      try {
        await Model.insertMany([{ _id: id, ...rest, ...key }], { session: currentSession() });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    /** What the caller's key was used for, or null. */
    async byKey(
      caller: string,
      idempotencyKey: string,
    ): Promise<{ campaign: Campaign; inputHash: string } | null> {
      const row = await Model.findOne({ caller, idempotencyKey }).lean<Row>();
      if (!row) return null;
      const { caller: _, idempotencyKey: __, inputHash, ...rest } = row;
      return { campaign: toCampaign(rest), inputHash };
    },

    async byIds(ids: readonly string[]): Promise<Campaign[]> {
      return find({ _id: { $in: [...ids] } }, 1, ids.length);
    },

    /** Publishes a draft and gives it as it is then; null if it was published before: the first instant stays. */
    async publish(id: string, at: Date): Promise<Campaign | null> {
      const row = await Model.findOneAndUpdate(
        { _id: id, publishedAt: null },
        { $set: { publishedAt: at } },
        { projection, returnDocument: 'after', session: currentSession() },
      ).lean<Row>();
      return row && toCampaign(row);
    },

    /** Published campaigns for a merchant's purchases whose windows meet a span, earliest start first. */
    async publishedFor(merchantId: string, programme: string, during: Span): Promise<Campaign[]> {
      return find(
        { merchantId: { $in: [null, merchantId] }, ...publishedDuring(programme, during) },
        1,
        mostAtOnce,
      );
    },

    /** How many rules the published campaigns of one owner have whose windows meet a span. */
    async countRules(merchantId: string | null, programme: string, during: Span): Promise<number> {
      const campaigns = await find({ merchantId, ...publishedDuring(programme, during) }, 1, mostAtOnce);
      return campaigns.reduce((sum, { rules }) => sum + rules.length, 0);
    },

    /** Campaigns running at an instant, newest start first: of the named merchants, and coalition-wide ones if asked. */
    async running(merchantIds: readonly (string | null)[], now: Date, limit: number): Promise<Campaign[]> {
      const running = statusFilter({ status: 'RUNNING', merchantId: null, drafts: { kind: 'NONE' }, now });
      return find({ ...running, merchantId: { $in: [...merchantIds] } }, -1, limit);
    },

    /** A page of a list, newest start first; up to one row more than asked, to tell that more follow. */
    async page(selection: CampaignSelection, page: Page): Promise<Campaign[]> {
      const ofStatus = statusFilter(selection);
      if (!ofStatus) return [];
      const parts: QueryFilter<Row>[] = [ofStatus];
      if (selection.merchantId !== null) parts.push({ merchantId: selection.merchantId });
      if (page.after) parts.push(afterKey(page.after));
      return find({ $and: parts }, -1, page.first + 1);
    },
  };
}

/** The collection of campaigns. */
export type CampaignStore = ReturnType<typeof createCampaignStore>;
