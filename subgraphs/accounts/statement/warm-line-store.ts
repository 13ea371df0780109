import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { LineInForce, WrittenLine } from './set-warm-line.ts';
import type { WarmTexts } from './warm-message.ts';

interface LineRow {
  merchantId: string;
  category: string;
  revision: number;
  texts: WarmTexts | null;
  setAt: Date;
  request: RequestRecord;
  /** That nothing is told by it any more: it was replaced or withdrawn. Rows of an earlier release do not say so. */
  past?: true | null;
}

const text = { type: String, required: true };

const definition = {
  name: 'warm-lines',
  fields: {
    merchantId: text,
    category: text,
    revision: { type: Number, required: true },
    texts: { type: { 'zh-CN': text, en: text }, _id: false, default: null },
    setAt: { type: Date, required: true },
    request: { type: requestField, required: true },
    past: { type: Boolean },
  },
  indexes: [
    [
      { merchantId: 1, category: 1, revision: 1 },
      { unique: true, name: 'warm_lines_revision' },
    ],
    [{ merchantId: 1, past: 1, category: 1, revision: 1 }, { name: 'warm_lines_in_force' }],
    requestIndex('warm_lines_request'),
  ],
} as const;

const toLine = ({ merchantId, category, revision, texts, setAt }: LineRow): WrittenLine => ({
  merchantId,
  category,
  revision,
  texts: texts && { 'zh-CN': texts['zh-CN'], en: texts.en },
  setAt,
});

/**
 * What merchants wrote, revision after revision; the latest of a category is in force unless it withdrew it. All others are
 * marked as past, so that no history is read to find what is in force.
 */
export type WarmLineStore = ReturnType<typeof createWarmLineStore>;

/** Defines the collection of merchants' warm lines on a connection. */
export function createWarmLineStore(connection: Connection) {
  const model = defineCollection<LineRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    /** What a merchant's members are told, by category. */
    async inForce(merchantId: string): Promise<LineInForce[]> {
      const rows = await model
        .find({ merchantId, past: null }, null, options())
        .sort({ category: 1, revision: 1 })
        .lean<LineRow[]>();
      // Of rows that an earlier release left unmarked the last one counts.
      const latest = new Map(rows.map((row) => [row.category, toLine(row)]));
      return [...latest.values()].filter((line): line is LineInForce => line.texts !== null);
    },

    /** The latest revision of a category, be it that it was withdrawn; null if there is none. */
    async latest(merchantId: string, category: string): Promise<WrittenLine | null> {
      const row = await model
        .findOne({ merchantId, category }, null, options())
        .sort({ revision: -1 })
        .lean<LineRow>();
      return row && toLine(row);
    },

    async byRequest(
      caller: string,
      idempotencyKey: string,
    ): Promise<{ line: WrittenLine; request: RequestRecord } | null> {
      const row = await model
        .findOne({ 'request.caller': caller, 'request.idempotencyKey': idempotencyKey }, null, options())
        .lean<LineRow>();
      return row && { line: toLine(row), request: row.request };
    },

    /**
     * Adds a revision and marks as past what it replaces, itself too if it withdraws. To be run in a transaction. Throws Taken
     * on `warm_lines_revision` or `warm_lines_request`.
     */
    async insert(line: WrittenLine, request: RequestRecord): Promise<void> {
      const row = { ...line, request };
      await orTaken(model.insertMany([row], options()), ['warm_lines_revision', 'warm_lines_request']);
      const { merchantId, category, revision, texts } = line;
      const replaced = {
        merchantId,
        past: null,
        category,
        revision: { $lt: texts ? revision : revision + 1 },
      };
      await model.updateMany(replaced, { $set: { past: true } }).session(currentSession());
    },
  };
}
