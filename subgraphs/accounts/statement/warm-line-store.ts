import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { WrittenLine } from './set-warm-line.ts';
import type { WarmTexts } from './warm-message.ts';

interface LineRow {
  merchantId: string;
  category: string;
  revision: number;
  texts: WarmTexts | null;
  setAt: Date;
  request: RequestRecord;
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
  },
  indexes: [
    [
      { merchantId: 1, category: 1, revision: 1 },
      { unique: true, name: 'warm_lines_revision' },
    ],
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

/** What merchants wrote, revision after revision; the latest of a category is in force. */
export type WarmLineStore = ReturnType<typeof createWarmLineStore>;

/** Defines the collection of merchants' warm lines on a connection. */
export function createWarmLineStore(connection: Connection) {
  const model = defineCollection<LineRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    /** The latest revision of each category of a merchant, withdrawn ones included. */
    async ofMerchant(merchantId: string): Promise<WrittenLine[]> {
      const rows = await model
        .find({ merchantId }, null, options())
        .sort({ category: 1, revision: 1 })
        .lean<LineRow[]>();
      return [...new Map(rows.map((row) => [row.category, toLine(row)])).values()];
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

    /** Throws Taken on `warm_lines_revision` or `warm_lines_request`. */
    async insert(line: WrittenLine, request: RequestRecord): Promise<void> {
      const row = { ...line, request };
      await orTaken(model.insertMany([row], options()), ['warm_lines_revision', 'warm_lines_request']);
    },
  };
}
