import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import { orTaken } from '../store-errors.ts';
import type { Member, Registration } from './member.ts';

interface MemberRow {
  _id: string;
  cardNumber: string;
  registeredAt: Date;
  /** Counts what must not happen at once with an erasure. */
  guard?: number;
  registrations: Registration[];
}

const definition = {
  name: 'members',
  fields: {
    _id: { type: String, required: true },
    cardNumber: { type: String, required: true },
    registeredAt: { type: Date, required: true },
    guard: { type: Number },
    registrations: [
      {
        _id: false,
        merchantId: { type: String, required: true },
        reference: { type: String, required: true },
        at: { type: Date, required: true },
      },
    ],
  },
  indexes: [
    [{ cardNumber: 1 }, { unique: true, name: 'members_card_number' }],
    [
      { 'registrations.reference': 1, 'registrations.merchantId': 1 },
      { unique: true, name: 'members_reference' },
    ],
  ],
} as const;

const toMember = (row: MemberRow): Member => ({
  id: row._id,
  cardNumber: row.cardNumber,
  registeredAt: row.registeredAt,
  registrations: row.registrations,
  registeredBy: row.registrations.map((registration) => registration.merchantId),
});

/** The members collection: card number and each merchant's reference are unique. */
export type MemberStore = ReturnType<typeof createMemberStore>;

/** Defines the members collection on a connection. */
export function createMemberStore(connection: Connection) {
  const model = defineCollection<MemberRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  const one = async (filter: Record<string, unknown>): Promise<Member | null> => {
    const row = await model.findOne(filter, null, options()).lean<MemberRow>();
    return row && toMember(row);
  };

  return {
    byId: (id: string) => one({ _id: id }),
    async byCardNumbers(cardNumbers: readonly string[]): Promise<Member[]> {
      const rows = await model
        .find({ cardNumber: { $in: [...cardNumbers] } }, null, options())
        .lean<MemberRow[]>();
      return rows.map(toMember);
    },

    byCardNumber: (cardNumber: string) => one({ cardNumber }),

    /** Those whom a merchant knows by one of these references. */
    async byReferences(merchantId: string, references: readonly string[]): Promise<Member[]> {
      const reference = { $in: [...references] };
      const filter = {
        'registrations.reference': reference,
        registrations: { $elemMatch: { merchantId, reference } },
      };
      return (await model.find(filter, null, options()).lean<MemberRow[]>()).map(toMember);
    },

    /** The reference is stated twice, so that a planner that looks no deeper than a path finds the index. */
    byReference: (merchantId: string, reference: string) =>
      one({
        'registrations.reference': reference,
        registrations: { $elemMatch: { merchantId, reference } },
      }),

    async byIds(ids: readonly string[]): Promise<Member[]> {
      const rows = await model.find({ _id: { $in: [...ids] } }, null, options()).lean<MemberRow[]>();
      return rows.map(toMember);
    },

    async insert(member: Member): Promise<void> {
      const { id, cardNumber, registeredAt, registrations } = member;
      const row = { _id: id, cardNumber, registeredAt, registrations: [...registrations] };
      await orTaken(model.insertMany([row], options()), ['members_card_number', 'members_reference']);
    },

    /** Writes the member, so that two transactions that must not both happen meet here; false if it is not there. */
    async touch(memberId: string): Promise<boolean> {
      const write = model.updateOne({ _id: memberId }, { $inc: { guard: 1 } }).session(currentSession());
      return (await write).matchedCount === 1;
    },

    async remove(memberId: string): Promise<void> {
      await model.deleteOne({ _id: memberId }).session(currentSession());
    },

    /** Adds a registration unless the merchant has one of this member; says whether it did. */
    async addRegistration(memberId: string, registration: Registration): Promise<boolean> {
      const write = model
        .updateOne(
          { _id: memberId, 'registrations.merchantId': { $ne: registration.merchantId } },
          { $push: { registrations: registration } },
        )
        .session(currentSession());
      return (await orTaken(write, ['members_reference'])).modifiedCount === 1;
    },
  };
}
