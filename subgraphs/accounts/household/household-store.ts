import { type Connection, type Model, Schema } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { HouseholdGuard } from '../ledger/batch-change.ts';
import type { Roster } from '../ledger/roster.ts';
import { orTaken } from '../store-errors.ts';
import { currentMembers, type Household, type HouseholdMember, type Invitation } from './household.ts';

/** An invitation with where to. */
export type InvitationTo = Invitation & { readonly householdName: string };

/** A member as it is kept; written before it was kept what it joined as, without that. */
type MemberRow = Omit<HouseholdMember, 'joinedAs'> & Partial<Pick<HouseholdMember, 'joinedAs'>>;

type HouseholdRow = Omit<Household, 'id' | 'members' | 'invitations'> & {
  _id: string;
  members: MemberRow[];
  invitations: Invitation[];
};

const limits = new Schema(
  { perRedemption: { type: BigInt, default: null }, perMonth: { type: BigInt, default: null } },
  { _id: false, strict: 'throw' },
);

const member = new Schema(
  {
    id: { type: String, required: true },
    memberId: { type: String, required: true },
    role: { type: String, required: true },
    joinedAs: String,
    limits: { type: limits, required: true },
    joinedAt: { type: Date, required: true },
    leftAt: { type: Date, default: null },
  },
  { _id: false, strict: 'throw' },
);

const invitation = new Schema(
  {
    id: { type: String, required: true },
    memberId: { type: String, required: true },
    role: { type: String, required: true },
    invitedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    state: { type: String, required: true },
  },
  { _id: false, strict: 'throw' },
);

const definition = {
  name: 'households',
  fields: {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    /** Counts what was written to its pools: a write that relies on the version has to meet other writes of the row. */
    poolWrites: { type: Number, default: 0 },
    name: { type: String, default: '' },
    createdAt: { type: Date, required: true },
    dissolvedAt: { type: Date, default: null },
    members: [member],
    invitations: [invitation],
    returning: { type: Boolean, required: true },
  },
  indexes: [
    [{ 'invitations.memberId': 1 }, { name: 'households_invited' }],
    [{ 'invitations.id': 1 }, { name: 'households_invitation' }],
    [{ 'members.memberId': 1 }, { name: 'households_member' }],
    [{ returning: 1 }, { name: 'households_returning', partialFilterExpression: { returning: true } }],
  ],
} as const;

const unread = { poolWrites: 0 } as const;

/** Of whom it was not kept as what it joined, it is what binds it less: an adult, unless it is a child now. */
const toMember = ({ joinedAs, ...rest }: MemberRow): HouseholdMember => ({
  ...rest,
  joinedAs: joinedAs ?? (rest.role === 'CHILD' ? 'CHILD' : 'ADULT'),
});

const toHousehold = ({ _id, members, ...rest }: HouseholdRow): Household => ({
  id: _id,
  ...rest,
  members: members.map(toMember),
});

const toRow = ({ id, members, invitations, ...rest }: Household) => ({
  _id: id,
  ...rest,
  members: [...members],
  invitations: [...invitations],
});

const toRoster = (household: Household): Roster => ({
  id: household.id,
  version: household.version,
  members: currentMembers(household),
  stays: household.members,
});

const options = () => ({ session: currentSession() });

const invitationReads = (model: Model<HouseholdRow>) => ({
  /** The household that an invitation is to. */
  async byInvitation(id: string): Promise<Household | null> {
    const row = await model.findOne({ 'invitations.id': id }, unread, options()).lean<HouseholdRow>();
    return row && toHousehold(row);
  },

  /** Households with an invitation to a member that is open at an instant, the newest first; at most so many, if told. */
  async awaiting(memberId: string, at: Date, most: number | null = null): Promise<Household[]> {
    const open = { memberId, state: 'OPEN', expiresAt: { $gt: at } };
    const found = model
      .find({ 'invitations.memberId': memberId, invitations: { $elemMatch: open } }, unread, options())
      .sort({ _id: -1 });
    const rows = await (most === null ? found : found.limit(most)).lean<HouseholdRow[]>();
    return rows.map(toHousehold);
  },

  /** Invitations to a member, newest first; one more than asked for if more follow. */
  async invitationsOf(memberId: string, { first, after }: Page): Promise<InvitationTo[]> {
    const at = after && new Date(after[0]!);
    const older = at ? { $or: [{ invitedAt: { $lt: at } }, { invitedAt: at, id: { $lt: after[1]! } }] } : {};
    return model
      .aggregate<InvitationTo>([
        { $match: { 'invitations.memberId': memberId } },
        { $unwind: '$invitations' },
        { $replaceRoot: { newRoot: { $mergeObjects: ['$invitations', { householdName: '$name' }] } } },
        { $match: { memberId, ...older } },
        { $sort: { invitedAt: -1, id: -1 } },
        { $limit: first + 1 },
      ])
      .session(currentSession());
  },
});

/** The households collection: one document each, guarded by its version. */
export type HouseholdStore = ReturnType<typeof createHouseholdStore>;

/** Defines the households collection on a connection. */
export function createHouseholdStore(connection: Connection) {
  const model = defineCollection<HouseholdRow>(connection, definition);
  const byIds = async (ids: readonly string[]): Promise<Household[]> => {
    const rows = await model.find({ _id: { $in: [...ids] } }, unread, options()).lean<HouseholdRow[]>();
    return rows.map(toHousehold);
  };

  return {
    byIds,

    rosters: async (ids: readonly string[]): Promise<Roster[]> => (await byIds(ids)).map(toRoster),

    ...invitationReads(model),

    /** All households that a member belongs to or ever did. */
    async ofMember(memberId: string): Promise<Household[]> {
      const rows = await model
        .find({ 'members.memberId': memberId }, unread, options())
        .sort({ _id: 1 })
        .lean<HouseholdRow[]>();
      return rows.map(toHousehold);
    },

    /** Their ids. */
    async idsOfMember(memberId: string): Promise<string[]> {
      const rows = await model
        .find({ 'members.memberId': memberId }, { _id: 1 }, options())
        .lean<{ _id: string }[]>();
      return rows.map(({ _id }) => _id);
    },

    async insert(household: Household): Promise<void> {
      await orTaken(model.insertMany([toRow(household)], options()), ['_id_']);
    },

    /** Writes a household one version up; false, with nothing written, if another request came first. */
    async replace(household: Household): Promise<boolean> {
      const { _id, ...row } = toRow(household);
      const filter = { _id, version: household.version - 1 };
      return (await model.updateOne(filter, { $set: row }).session(currentSession())).matchedCount === 1;
    },

    /** Takes the name off every dissolved household that a member belonged to. */
    async forgetNames(memberId: string): Promise<void> {
      const over = { 'members.memberId': memberId, dissolvedAt: { $ne: null } };
      await model.updateMany(over, { $set: { name: '' } }).session(currentSession());
    },

    /** Within a transaction: sees to it that these are as they were when they were read, until the commit. */
    async guard(guards: readonly HouseholdGuard[]): Promise<boolean> {
      for (const { id, version } of guards) {
        const write = model.updateOne({ _id: id, version }, { $inc: { poolWrites: 1 } });
        if ((await write.session(currentSession())).matchedCount === 0) return false;
      }
      return true;
    },

    /** Ids of households whose pools may hold points of somebody who left, from the first or from the one after an id. */
    async returning(limit: number, after: string | null): Promise<string[]> {
      const behind = after === null ? {} : { _id: { $gt: after } };
      const rows = await model
        .find({ returning: true, ...behind }, { _id: 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .lean<{ _id: string }[]>();
      return rows.map(({ _id }) => _id);
    },

    /** Notes that all was given back, unless the household was changed meanwhile. */
    async returned({ id, version }: Household): Promise<void> {
      await model.updateOne({ _id: id, version }, { $set: { returning: false } });
    },
  };
}
