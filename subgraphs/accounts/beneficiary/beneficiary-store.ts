import { type Connection, Schema } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import { requestField } from '../request-fields.ts';
import { orTaken } from '../store-errors.ts';
import { isTaken } from '../taken.ts';
import { type Beneficiary, type BeneficiaryList, emptyList } from './beneficiary.ts';

interface ListRow {
  _id: string;
  version: number;
  entries: Beneficiary[];
}

const entry = new Schema(
  {
    id: { type: String, required: true },
    memberId: { type: String, required: true },
    label: { type: String, default: null },
    addedAt: { type: Date, required: true },
    effectiveFrom: { type: Date, required: true },
    removedAt: { type: Date, default: null },
    addedBy: { type: requestField, required: true },
    removedBy: { type: requestField, default: null },
  },
  { _id: false, strict: 'throw' },
);

const definition = {
  name: 'beneficiaries',
  fields: {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    entries: [entry],
  },
  indexes: [[{ 'entries.memberId': 1 }, { name: 'beneficiaries_named' }]],
} as const;

const toList = ({ _id, version, entries }: ListRow): BeneficiaryList => ({ ownerId: _id, version, entries });

/** The beneficiaries collection: one document a member, guarded by its version, so that two changes never both count. */
export type BeneficiaryStore = ReturnType<typeof createBeneficiaryStore>;

/** Defines the beneficiaries collection on a connection. */
export function createBeneficiaryStore(connection: Connection) {
  const model = defineCollection<ListRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  return {
    async of(ownerId: string): Promise<BeneficiaryList> {
      const row = await model.findOne({ _id: ownerId }, null, options()).lean<ListRow>();
      return row ? toList(row) : emptyList(ownerId);
    },

    /** Lists that name a member, removed ones included. */
    async naming(memberId: string): Promise<BeneficiaryList[]> {
      const rows = await model.find({ 'entries.memberId': memberId }, null, options()).lean<ListRow[]>();
      return rows.map(toList);
    },

    async remove(ownerId: string): Promise<void> {
      await model.deleteOne({ _id: ownerId }).session(currentSession());
    },

    /** Writes a list one version up; false, with nothing written, if another request came first. */
    async replace({ ownerId, version, entries }: BeneficiaryList): Promise<boolean> {
      const row = { version, entries: [...entries] };
      if (version > 1) {
        const filter = { _id: ownerId, version: version - 1 };
        return (await model.updateOne(filter, { $set: row }).session(currentSession())).matchedCount === 1;
      }
      try {
        await orTaken(model.insertMany([{ _id: ownerId, ...row }], options()), ['_id_']);
        return true;
      } catch (error) {
        if (isTaken(error, '_id_')) return false;
        throw error;
      }
    },
  };
}
