import type DataLoader from 'dataloader';
import { rowLoader } from '../loader.ts';
import type { Member, Profile } from './member.ts';
import type { MemberStore } from './member-store.ts';
import type { ProfileStore } from './profile-store.ts';

/** Members and profiles by member id, read once a request. */
export interface MemberLoaders {
  readonly members: DataLoader<string, Member | null>;
  readonly profiles: DataLoader<string, Profile | null>;
}

/** Makes the loaders of one request. */
export const createMemberLoaders = (members: MemberStore, profiles: ProfileStore): MemberLoaders => ({
  members: rowLoader(members.byIds, (member) => member.id),
  profiles: rowLoader(profiles.byMemberIds, (profile) => profile.memberId),
});
