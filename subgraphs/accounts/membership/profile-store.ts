import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { Profile } from './member.ts';
import { type ProfileRow, toProfile, toProfileRow } from './member-row.ts';
import type { MemberVault } from './member-vault.ts';

const definition = {
  name: 'member-profiles',
  fields: {
    _id: { type: String, required: true },
    sealed: { type: String, required: true },
  },
  indexes: [],
} as const;

/** The profiles collection: what is personal about members, by member id and sealed with the member's key. */
export type ProfileStore = ReturnType<typeof createProfileStore>;

/** Defines the profiles collection on a connection. */
export function createProfileStore(connection: Connection, vault: MemberVault) {
  const model = defineCollection<ProfileRow>(connection, definition);
  return {
    async byMemberIds(ids: readonly string[]): Promise<Profile[]> {
      const rows = await model
        .find({ _id: { $in: [...ids] } }, null, { session: currentSession() })
        .lean<ProfileRow[]>();
      const openers = await vault.openers(rows.map((row) => row._id));
      return rows.flatMap((row) => {
        const open = openers.get(row._id);
        return open ? [toProfile(row, open)] : [];
      });
    },

    async remove(memberId: string): Promise<void> {
      await model.deleteOne({ _id: memberId }).session(currentSession());
    },

    /** Keeps a profile unless the member has one. */
    async keep(profile: Profile): Promise<void> {
      const { _id, sealed } = toProfileRow(profile, await vault.sealer(profile.memberId));
      await model
        .updateOne({ _id }, { $setOnInsert: { sealed } }, { upsert: true })
        .session(currentSession());
    },
  };
}
