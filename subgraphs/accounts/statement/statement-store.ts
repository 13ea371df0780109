import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { Signature } from '../../shared/signing/signer.ts';
import { orTaken } from '../store-errors.ts';
import type { WarmLine } from './warm-message.ts';

/** A statement that was issued: it never changes. */
export interface IssuedStatement {
  readonly memberId: string;
  /** `YYYY-MM`. */
  readonly month: string;
  /** The record's canonical JSON. */
  readonly text: string;
  /** SHA-256 of the text, in hex. */
  readonly hash: string;
  readonly signature: Signature;
  /** Personal, and no part of what is signed. */
  readonly lines: readonly WarmLine[];
  readonly issuedAt: Date;
}

interface StatementRow extends Omit<IssuedStatement, 'lines'> {
  _id: string;
  lines: { kind: string; texts: { 'zh-CN': string; en: string } }[];
}

const text = { type: String, required: true };

const definition = {
  name: 'statements',
  fields: {
    _id: text,
    memberId: text,
    month: text,
    text,
    hash: text,
    signature: { type: { keyId: text, algorithm: text, signature: text }, _id: false, required: true },
    lines: [{ _id: false, kind: text, texts: { 'zh-CN': text, en: text } }],
    issuedAt: { type: Date, required: true },
  },
  indexes: [
    [
      { memberId: 1, month: -1 },
      { unique: true, name: 'statements_member' },
    ],
  ],
} as const;

const idOf = (memberId: string, month: string): string => `${memberId}:${month}`;

const toStatement = ({ _id, ...statement }: StatementRow): IssuedStatement => statement;

/** The issued statements: one a member and month, added and never changed but for the lines of an erased member. */
export type StatementStore = ReturnType<typeof createStatementStore>;

/** Defines the statements collection on a connection. */
export function createStatementStore(connection: Connection) {
  const model = defineCollection<StatementRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    async of(memberId: string, month: string): Promise<IssuedStatement | null> {
      const row = await model.findOne({ _id: idOf(memberId, month) }, null, options()).lean<StatementRow>();
      return row && toStatement(row);
    },

    /** The latest so many, latest first. */
    async latest(memberId: string, limit: number): Promise<IssuedStatement[]> {
      const rows = await model
        .find({ memberId }, null, options())
        .sort({ month: -1 })
        .limit(limit)
        .lean<StatementRow[]>();
      return rows.map(toStatement);
    },

    /** The latest so many, latest first, from the first or from the one before a month. */
    async before(memberId: string, limit: number, month: string | null): Promise<IssuedStatement[]> {
      const rows = await model
        .find({ memberId, ...(month === null ? {} : { month: { $lt: month } }) }, null, options())
        .sort({ month: -1 })
        .limit(limit)
        .lean<StatementRow[]>();
      return rows.map(toStatement);
    },

    /** Deletes the personal lines of a member's statements; what was signed stays as it was. */
    async forgetLines(memberId: string): Promise<void> {
      await model.updateMany({ memberId }, { $set: { lines: [] } }).session(currentSession());
    },

    /** Throws Taken on `statements_member` if the month was issued before. */
    async insert(statement: IssuedStatement): Promise<void> {
      const { memberId, month, lines } = statement;
      const row = { ...statement, _id: idOf(memberId, month), lines: structuredClone([...lines]) };
      await orTaken(model.insertMany([row], options()), ['statements_member', '_id_']);
    },
  };
}
