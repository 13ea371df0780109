import { expect } from '@jest/globals';
import type { mongo } from 'mongoose';
import {
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
} from '../../support/accounts.ts';
import { asMember } from '../../support/callers.ts';
import { act, priceIn } from '../../support/points.ts';

/** Points of a programme, as an erasure names them. */
export const leftOf = (points: number, programme = 'SHARED') => ({ programme, points });

/** Accounts with two merchants and two programmes, for members to be erased. */
export async function startErasureWorld() {
  const accounts = await startTestAccounts();
  await publishProgramme(accounts);
  await publishProgramme(accounts, { code: 'GREEN', name: 'Green' });
  const pets = await openMerchant(accounts, 'Pets');
  const cafe = await openMerchant(accounts, 'Café');
  await priceIn(accounts, pets, 'GREEN');

  let count = 0;
  const reference = () => `customer-no-${++count}-of-pets`;
  const newMember = (changes: object = {}) => registerMember(accounts, pets, reference(), changes);

  const earn = async ({ id }: RegisteredMember, points: number, programme = 'SHARED') => {
    const posted = await act(accounts, pets.caller, 'issuePoints', { member: { id }, points, programme });
    expect(posted).toMatchObject({ __typename: 'PointsPosted' });
    return (posted['posting'] as { id: string }).id;
  };

  const invitationsOf = async (head: RegisteredMember) => {
    const query = '{ viewer { member { household { invitations { maskedCard } } } } }';
    const { viewer } = await accounts.send<{ viewer: { member: { household: object } } }>(
      asMember(head.id),
      query,
    );
    return viewer.member.household;
  };

  /** Works on the database itself. */
  const onStore = <T>(work: (db: mongo.Db) => Promise<T>): Promise<T> => work(accounts.stored.db!);

  const insert = (collection: string, row: object) =>
    onStore((db) => db.collection(collection).insertOne(row));

  /** How far the erasure of a member is. */
  const stateOf = (id: string) =>
    onStore(
      async (db) =>
        (await db.collection<{ _id: string; state: string }>('erasures').findOne({ _id: id }))?.state,
    );

  return {
    ...{ accounts, pets, cafe, reference, newMember, earn, invitationsOf, onStore, insert, stateOf },
    stop: () => accounts.stop(),
  };
}

export type ErasureWorld = Awaited<ReturnType<typeof startErasureWorld>>;
