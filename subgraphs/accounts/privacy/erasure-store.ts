import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { RequestRecord } from '../request.ts';
import { requestField, requestIndex } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import type { Erasure, ErasureState } from './erasure.ts';

interface ErasureRow extends Omit<Erasure, 'memberId' | 'forfeit'> {
  _id: string;
  forfeit: { programme: string; points: bigint }[];
  /** Not of a refused one: a refusal uses up no key. */
  request?: RequestRecord;
}

const text = { type: String, required: true };

const definition = {
  name: 'erasures',
  fields: {
    _id: text,
    state: text,
    requestedAt: { type: Date, required: true },
    reason: { type: String, default: null },
    forfeit: [{ _id: false, programme: text, points: { type: BigInt, required: true } }],
    erasedAt: { type: Date, default: null },
    touchedAt: { type: Date, required: true },
    request: { type: requestField },
  },
  indexes: [
    requestIndex('erasures_request'),
    [
      { touchedAt: 1 },
      {
        name: 'erasures_under_way',
        partialFilterExpression: { state: { $in: ['CLOSING', 'ERASING', 'SCRUBBING'] } },
      },
    ],
  ],
} as const;

const underWay: ErasureState[] = ['CLOSING', 'ERASING', 'SCRUBBING'];

function toErasure(row: ErasureRow): Erasure {
  const { _id, request: _, ...rest } = row;
  return { memberId: _id, ...rest };
}

/** The erasures: one a member. */
export type ErasureStore = ReturnType<typeof createErasureStore>;

/** Defines the erasures on a connection. */
export function createErasureStore(connection: Connection) {
  const model = defineCollection<ErasureRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    async of(memberId: string): Promise<Erasure | null> {
      const row = await model.findOne({ _id: memberId }, null, options()).lean<ErasureRow>();
      return row && toErasure(row);
    },

    async byRequest(caller: string, idempotencyKey: string) {
      const row = await model
        .findOne({ 'request.caller': caller, 'request.idempotencyKey': idempotencyKey }, null, options())
        .lean<ErasureRow>();
      return row?.request ? { erasure: toErasure(row), request: row.request } : null;
    },

    /** Adds one, or begins a refused one anew. Throws Taken on `_id_` or `erasures_request`. */
    async begin({ memberId, forfeit, ...rest }: Erasure, request: RequestRecord): Promise<void> {
      const row = { ...rest, forfeit: forfeit.map((one) => ({ ...one })), request };
      const anew = model
        .updateOne({ _id: memberId, state: 'REFUSED' }, { $set: row })
        .session(currentSession());
      if ((await orTaken(anew, ['erasures_request'])).matchedCount === 1) return;
      const added = model.insertMany([{ _id: memberId, ...row }], options());
      await orTaken(added, ['_id_', 'erasures_request']);
    },

    /** Moves one on from one of some states; null, with nothing written, if it has been moved before. */
    async move(
      memberId: string,
      from: readonly ErasureState[],
      changes: Partial<Pick<Erasure, 'state' | 'erasedAt' | 'reason' | 'touchedAt'>>,
    ): Promise<Erasure | null> {
      const row = await model
        .findOneAndUpdate(
          { _id: memberId, state: { $in: [...from] } },
          { $set: changes },
          { ...options(), returnDocument: 'after' },
        )
        .lean<ErasureRow>();
      return row && toErasure(row);
    },

    /** Notes that one was refused and nothing happened; false if somebody carried it on. Its key is free again. */
    async refuse(memberId: string, at: Date): Promise<boolean> {
      const { modifiedCount } = await model.updateOne(
        { _id: memberId, state: 'CLOSING' },
        { $set: { state: 'REFUSED', reason: null, touchedAt: at }, $unset: { request: 1 } },
      );
      return modifiedCount === 1;
    },

    /** Takes up the one under way that nobody touched for longest since before an instant; null if there is none. */
    async claimUntouched(before: Date, now: Date): Promise<Erasure | null> {
      const row = await model
        .findOneAndUpdate(
          { state: { $in: underWay }, touchedAt: { $lt: before } },
          { $set: { touchedAt: now } },
          { sort: { touchedAt: 1 }, returnDocument: 'after' },
        )
        .lean<ErasureRow>();
      return row && toErasure(row);
    },
  };
}
