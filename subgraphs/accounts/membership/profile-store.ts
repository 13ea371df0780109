import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';
import type { Locale, Profile } from './member.ts';

interface ProfileRow {
  _id: string;
  givenBy?: string | null;
  displayName: string | null;
  locale: Locale;
}

const definition = {
  name: 'member-profiles',
  fields: {
    _id: { type: String, required: true },
    givenBy: { type: String, default: null },
    displayName: { type: String, default: null },
    locale: { type: String, required: true },
  },
  indexes: [],
} as const;

/** Rows of a time before it was kept who was told do not say. */
const toProfile = ({ _id, givenBy, displayName, locale }: ProfileRow): Profile => ({
  memberId: _id,
  givenBy: givenBy ?? null,
  displayName,
  locale,
});

/** The profiles collection: everything personal about members, by member id, so that erasing is deleting here. */
export type ProfileStore = ReturnType<typeof createProfileStore>;

/** Defines the profiles collection on a connection. */
export function createProfileStore(connection: Connection) {
  const model = defineCollection<ProfileRow>(connection, definition);
  return {
    async byMemberIds(ids: readonly string[]): Promise<Profile[]> {
      const rows = await model
        .find({ _id: { $in: [...ids] } }, null, { session: currentSession() })
        .lean<ProfileRow[]>();
      return rows.map(toProfile);
    },

    async remove(memberId: string): Promise<void> {
      await model.deleteOne({ _id: memberId }).session(currentSession());
    },

    /** Keeps a profile unless the member has one. */
    async keep({ memberId, ...profile }: Profile): Promise<void> {
      await model
        .updateOne({ _id: memberId }, { $setOnInsert: profile }, { upsert: true })
        .session(currentSession());
    },
  };
}
