import { type Connection, type Model, Schema } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { CreatedWebhook } from './create-webhook.ts';
import type { ReadyWebhook } from './roster.ts';
import type { WebhookChange } from './update-webhook.ts';
import { deadLimit, failingLimitMs, type PauseReason, type Webhook, type WebhookSecret } from './webhook.ts';

type WebhookRow = Omit<Webhook, 'id' | 'number' | 'secrets'> & {
  _id: string;
  number?: number;
  secrets: WebhookSecret[];
  request: RequestRecord;
  /** Which sender has it, and until when. */
  leaseOwner: string | null;
  leaseUntil: Date | null;
  /** Not sent to before this. */
  restUntil: Date | null;
};

const date = { type: Date, default: null };

const secretField = new Schema(
  {
    secret: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: date,
  },
  { _id: false, strict: 'throw' },
);

const definition = {
  name: 'webhooks',
  fields: {
    _id: { type: String, required: true },
    merchantId: { type: String, required: true },
    number: { type: Number },
    url: { type: String, required: true },
    description: { type: String, default: null },
    eventTypes: [String],
    status: { type: String, required: true },
    pauseReason: { type: String, default: null },
    pausedAt: date,
    createdAt: { type: Date, required: true },
    secrets: [secretField],
    failingSince: date,
    deadInARow: { type: Number, required: true },
    request: { type: requestField, required: true },
    leaseOwner: { type: String, default: null },
    leaseUntil: date,
    restUntil: date,
  },
  indexes: [
    [
      { merchantId: 1, number: 1 },
      { unique: true, name: 'webhooks_number', partialFilterExpression: { number: { $exists: true } } },
    ],
    requestIndex('webhooks_request'),
    [{ status: 1, restUntil: 1 }, { name: 'webhooks_status' }],
  ],
} as const;

const toWebhook = (row: WebhookRow): Webhook => ({
  id: row._id,
  merchantId: row.merchantId,
  number: row.number ?? null,
  url: row.url,
  description: row.description,
  eventTypes: row.eventTypes,
  status: row.status,
  pauseReason: row.pauseReason,
  pausedAt: row.pausedAt,
  createdAt: row.createdAt,
  secrets: row.secrets,
  failingSince: row.failingSince,
  deadInARow: row.deadInARow,
});

const options = () => ({ session: currentSession() });
const live = { number: { $exists: true } } as const;
const healthy = { failingSince: null, deadInARow: 0, restUntil: null } as const;
const paused = (pauseReason: PauseReason, pausedAt: Date) => ({ status: 'PAUSED', pauseReason, pausedAt });

/** What merchants do with their webhooks. */
function merchantSide(model: Model<WebhookRow>) {
  const find = async (filter: Record<string, unknown>): Promise<Webhook[]> => {
    const rows = await model
      .find(filter, null, options())
      .sort({ merchantId: 1, number: 1 })
      .lean<WebhookRow[]>();
    return rows.map(toWebhook);
  };
  const change = async (filter: Record<string, unknown>, update: object): Promise<Webhook | null> => {
    const row = await model
      .findOneAndUpdate(filter, update, { ...options(), returnDocument: 'after' })
      .lean<WebhookRow>();
    return row && toWebhook(row);
  };
  const own = (merchantId: string, _id: string) => ({ _id, merchantId, ...live });

  return {
    async byRequest(caller: string, idempotencyKey: string): Promise<CreatedWebhook | null> {
      const filter = { 'request.caller': caller, 'request.idempotencyKey': idempotencyKey };
      const row = await model.findOne(filter, null, options()).lean<WebhookRow>();
      return row && { webhook: toWebhook(row), request: row.request };
    },

    /** Webhooks of these merchants, or of all for null, that were not deleted. */
    live: (merchantIds: readonly string[] | null) =>
      find({ ...(merchantIds ? { merchantId: { $in: [...merchantIds] } } : {}), ...live }),

    async of(merchantId: string, id: string): Promise<Webhook | null> {
      return (await find(own(merchantId, id)))[0] ?? null;
    },

    async insert({ webhook, request }: CreatedWebhook): Promise<void> {
      const { id, secrets, number, ...rest } = webhook;
      const row = { _id: id, ...rest, secrets: [...secrets], number: number!, request };
      await orTaken(model.insertMany([row], options()), ['webhooks_number', 'webhooks_request']);
    },

    change: (merchantId: string, id: string, fields: WebhookChange) =>
      change(own(merchantId, id), { $set: fields }),

    /** Keeps the reason and date of a pause that is there. */
    async pause(merchantId: string, id: string, at: Date): Promise<Webhook | null> {
      const filter = { ...own(merchantId, id), status: 'ACTIVE' };
      return (
        (await change(filter, { $set: paused('REQUESTED', at) })) ??
        (await find(own(merchantId, id)))[0] ??
        null
      );
    },

    resume: (merchantId: string, id: string) =>
      change(own(merchantId, id), {
        $set: { status: 'ACTIVE', pauseReason: null, pausedAt: null, ...healthy },
      }),

    delete: (merchantId: string, id: string) =>
      change(own(merchantId, id), { $set: { status: 'DELETED', secrets: [] }, $unset: { number: '' } }),

    async setSecrets(id: string, secrets: readonly WebhookSecret[]): Promise<void> {
      await model.updateOne({ _id: id }, { $set: { secrets: [...secrets] } }).session(currentSession());
    },

    /** Ids of webhooks that were deleted. */
    async deletedIds(): Promise<string[]> {
      const deleted: Record<string, unknown> = { status: 'DELETED' };
      const rows = await model.find(deleted, { _id: 1 }).lean<{ _id: string }[]>();
      return rows.map((row) => row._id);
    },
  };
}

/** What senders do with webhooks. */
function senderSide(model: Model<WebhookRow>) {
  const free = (field: string, now: Date) => ({ $or: [{ [field]: null }, { [field]: { $lte: now } }] });
  const sendable = (now: Date): Record<string, unknown> => ({
    status: 'ACTIVE',
    $and: [free('leaseUntil', now), free('restUntil', now)],
  });
  const update = async (filter: Record<string, unknown>, set: object): Promise<boolean> =>
    (await model.updateOne(filter, set)).modifiedCount === 1;

  return {
    /** Webhooks that may be sent to and that no sender has. */
    async ready(now: Date): Promise<ReadyWebhook[]> {
      type Row = { _id: string; merchantId: string };
      const rows = await model.find(sendable(now), { _id: 1, merchantId: 1 }).lean<Row[]>();
      return rows.map(({ _id: id, merchantId }) => ({ id, merchantId }));
    },

    /** Takes a webhook for one sender; false if another was quicker. */
    claim: (id: string, owner: string, now: Date, until: Date) =>
      update({ _id: id, ...sendable(now) }, { $set: { leaseOwner: owner, leaseUntil: until } }),

    /** The webhook if a sender still has it until an instant and may send to it. */
    async claimed(id: string, owner: string, until: Date): Promise<Webhook | null> {
      const claimed = { leaseOwner: owner, leaseUntil: { $gte: until } };
      const filter: Record<string, unknown> = { _id: id, status: 'ACTIVE', ...claimed };
      const row = await model.findOne(filter).lean<WebhookRow>();
      return row && toWebhook(row);
    },

    async release(id: string, owner: string, restUntil: Date | null): Promise<void> {
      const set = { leaseOwner: null, leaseUntil: null, restUntil };
      await update({ _id: id, leaseOwner: owner }, { $set: set });
    },

    async noteSuccess(id: string): Promise<void> {
      const ailing = { $or: [{ failingSince: { $ne: null } }, { deadInARow: { $gt: 0 } }] };
      await update({ _id: id, ...ailing }, { $set: { failingSince: null, deadInARow: 0 } });
    },

    /** Ends a time of failures though nothing was taken; what was given up still counts. */
    async noteQuiet(id: string): Promise<void> {
      await update({ _id: id }, { $set: { failingSince: null } });
    },

    /** Notes a failed attempt; the first of a time of failures where there was none, or nobody sent for long before it. */
    async noteFailure(id: string, at: Date, isDead: boolean, isAfresh: boolean): Promise<void> {
      const before = isAfresh ? {} : { failingSince: null };
      await update({ _id: id, ...before }, { $set: { failingSince: at } });
      if (isDead) await update({ _id: id }, { $inc: { deadInARow: 1 } });
    },

    /** Ids of webhooks that were paused before an instant and still are. */
    async pausedSince(before: Date): Promise<string[]> {
      const filter: Record<string, unknown> = { status: 'PAUSED', pausedAt: { $lt: before } };
      const rows = await model.find(filter, { _id: 1 }).lean<{ _id: string }[]>();
      return rows.map((row) => row._id);
    },

    pauseGone: (id: string, at: Date) => update({ _id: id, status: 'ACTIVE' }, { $set: paused('GONE', at) }),

    /** Pauses a webhook that has failed for too long; says whether it did. */
    pauseFailing: (id: string, at: Date) => {
      const since = new Date(at.getTime() - failingLimitMs);
      const failing = { $or: [{ failingSince: { $lte: since } }, { deadInARow: { $gte: deadLimit } }] };
      return update({ _id: id, status: 'ACTIVE', ...failing }, { $set: paused('FAILING', at) });
    },
  };
}

/** The webhooks collection: deleted ones stay, without their secrets, for requests that come again. */
export type WebhookStore = ReturnType<typeof createWebhookStore>;

/** Defines the webhooks collection on a connection. */
export function createWebhookStore(connection: Connection) {
  const model = defineCollection<WebhookRow>(connection, definition);
  return { ...merchantSide(model), ...senderSide(model) };
}
