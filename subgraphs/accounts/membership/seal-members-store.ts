import type { Connection, mongo } from 'mongoose';
import { currentSession, inTransaction } from '../../shared/mongo.ts';
import type { Locale, Registration } from './member.ts';
import { toMemberRow, toProfileRow } from './member-row.ts';
import type { MemberVault } from './member-vault.ts';

/** A member as it was kept before anything was sealed. */
interface PlainMember {
  _id: string;
  cardNumber: string;
  registeredAt: Date;
  registrations: Registration[];
}

interface PlainProfile {
  _id: string;
  givenBy?: string | null;
  displayName: string | null;
  locale: Locale;
}

const atOnce = 100;
const plain = { sealedCard: { $exists: false } };
const plainProfile = { sealed: { $exists: false } };

async function sealMember(
  rows: mongo.Collection<PlainMember>,
  vault: MemberVault,
  id: string,
): Promise<void> {
  const session = currentSession()!;
  const row = await rows.findOne({ _id: id, ...plain }, { session });
  if (!row) return;
  const {
    _id,
    registeredAt: _,
    ...sealed
  } = await toMemberRow({ ...row, id: row._id }, await vault.sealer(id), vault);
  await rows.updateOne({ _id }, { $set: sealed as never }, { session });
}

async function sealProfile(
  rows: mongo.Collection<PlainProfile>,
  vault: MemberVault,
  id: string,
): Promise<void> {
  const session = currentSession()!;
  const row = await rows.findOne({ _id: id, ...plainProfile }, { session });
  if (!row) return;
  const { givenBy = null, displayName, locale } = row;
  const profile = { memberId: id, givenBy, displayName, locale };
  const { sealed } = toProfileRow(profile, await vault.sealer(id));
  await rows.replaceOne({ _id: id }, { sealed } as never, { session });
}

/**
 * Seals what a store of an earlier release kept in plain text; where nothing is, that is one scan of each collection. To be run
 * before anything is served. What was plain stays readable in backups of that time.
 */
export async function sealPlainMembers(connection: Connection, vault: MemberVault): Promise<void> {
  const members = connection.db!.collection<PlainMember>('members');
  const profiles = connection.db!.collection<PlainProfile>('member-profiles');
  const each = async <T extends { _id: string }>(
    find: () => Promise<T[]>,
    seal: (id: string) => Promise<void>,
  ): Promise<void> => {
    for (let rows = await find(); rows.length > 0; rows = await find())
      for (const { _id } of rows) await inTransaction(connection, () => seal(_id));
  };
  const idsOf =
    <T extends { _id: string }>(rows: mongo.Collection<T>, filter: object) =>
    () =>
      rows
        .find(filter as mongo.Filter<T>, { projection: { _id: 1 } })
        .limit(atOnce)
        .toArray() as unknown as Promise<{ _id: string }[]>;
  await each(idsOf(members, plain), (id) => sealMember(members, vault, id));
  await each(idsOf(profiles, plainProfile), (id) => sealProfile(profiles, vault, id));
}
