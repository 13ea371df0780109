import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import { orTaken } from '../store-errors.ts';
import type { Member, Registration } from './member.ts';
import { type MemberRow, toMember, toMemberRow, toRegistrationRow } from './member-row.ts';
import type { MemberVault } from './member-vault.ts';

const text = { type: String, required: true };

const definition = {
  name: 'members',
  fields: {
    _id: text,
    cardNumber: text,
    sealedCard: text,
    registeredAt: { type: Date, required: true },
    guard: { type: Number },
    registrations: [
      {
        _id: false,
        merchantId: text,
        reference: text,
        sealed: text,
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

/**
 * The members collection: card number and each merchant's reference are unique. Both are sealed with the member's key and
 * found by hashes; a row whose key is gone is nobody's.
 */
export type MemberStore = ReturnType<typeof createMemberStore>;

/** Defines the members collection on a connection. */
export function createMemberStore(connection: Connection, vault: MemberVault) {
  const model = defineCollection<MemberRow>(connection, definition);
  const options = () => ({ session: currentSession() });

  const many = async (filter: Record<string, unknown>): Promise<Member[]> => {
    const rows = await model.find(filter, null, options()).lean<MemberRow[]>();
    const openers = await vault.openers(rows.map((row) => row._id));
    return rows.flatMap((row) => {
      const open = openers.get(row._id);
      return open ? [toMember(row, open)] : [];
    });
  };
  const one = async (filter: Record<string, unknown>): Promise<Member | null> =>
    (await many(filter))[0] ?? null;

  return {
    byId: (id: string) => one({ _id: id }),
    byIds: (ids: readonly string[]) => many({ _id: { $in: [...ids] } }),

    byCardNumber: async (cardNumber: string) => one({ cardNumber: await vault.cardHash(cardNumber) }),
    byCardNumbers: async (cardNumbers: readonly string[]) =>
      many({ cardNumber: { $in: await Promise.all(cardNumbers.map(vault.cardHash)) } }),

    byReference: async (merchantId: string, reference: string) =>
      one({
        'registrations.reference': await vault.referenceHash(merchantId, reference),
        'registrations.merchantId': merchantId,
      }),

    /** Those whom a merchant knows by one of these references. */
    async byReferences(merchantId: string, references: readonly string[]): Promise<Member[]> {
      const hashes = references.map((reference) => vault.referenceHash(merchantId, reference));
      return many({ 'registrations.reference': { $in: await Promise.all(hashes) } });
    },

    /** Throws Taken on `members_card_number` or `members_reference`. */
    async insert(member: Member): Promise<void> {
      const row = await toMemberRow(member, await vault.sealer(member.id), vault);
      await orTaken(model.insertMany([row], options()), ['members_card_number', 'members_reference']);
    },

    /** Writes the member, so that two transactions that must not both happen meet here; false if it is not there. */
    async touch(memberId: string): Promise<boolean> {
      const write = model.updateOne({ _id: memberId }, { $inc: { guard: 1 } }).session(currentSession());
      return (await write).matchedCount === 1;
    },

    /** Deletes the member and the key of all that is sealed of it. */
    async remove(memberId: string): Promise<void> {
      await model.deleteOne({ _id: memberId }).session(currentSession());
      await vault.forget(memberId);
    },

    /** Adds a registration unless the merchant has one of this member; says whether it did. */
    async addRegistration(memberId: string, registration: Registration): Promise<boolean> {
      const row = await toRegistrationRow(registration, await vault.sealer(memberId), vault);
      const write = model
        .updateOne(
          { _id: memberId, 'registrations.merchantId': { $ne: registration.merchantId } },
          { $push: { registrations: row } },
        )
        .session(currentSession());
      return (await orTaken(write, ['members_reference'])).modifiedCount === 1;
    },
  };
}
