import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import {
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
} from '../../support/accounts.ts';
import { asMember, asService } from '../../support/callers.ts';
import { atHome, type HouseholdMutation, join } from '../../support/households.ts';
import { act, documentsStored, expectSoundLedger, walletOf } from '../../support/points.ts';

/** What a test reads of an answer. */
export type Fields = Record<string, unknown>;

const seen = `query ($id: ID!) { member(id: $id) { household {
  id name dissolvedAt
  members { id isYou displayName maskedCard role limits { perRedemption perMonth } }
  pool { available held spendableByYou shares { member { maskedCard } available held } nextExpiry { points } }
  spending { edges { node { points reversed merchant { name } by { maskedCard } parts { member { maskedCard } points } } } }
} } }`;

/** How other members of a household are shown a card. */
export const mask = ({ cardNumber }: RegisteredMember) => `**** **** **** ${cardNumber.slice(-4)}`;

/** Which type an answer is of. */
export const kind = (result: Fields) => result['__typename'];

/** Accounts with two merchants, and what members do in their households there. */
export async function startHouseholdWorld() {
  const accounts = await startTestAccounts();
  await publishProgramme(accounts, { transfers: { allowed: true } });
  const pets = await openMerchant(accounts, 'Pets');
  const cafe = await openMerchant(accounts, 'Café');

  const newMember = (displayName?: string): Promise<RegisteredMember> =>
    registerMember(accounts, pets, randomUUID(), displayName ? { displayName } : {});

  const home = (member: RegisteredMember, name: HouseholdMutation, input: object = {}) =>
    atHome(accounts, member, name, input);

  /** A head, an adult and a child, whom one can tell apart by what is shown of their cards. */
  async function threeMembers(): Promise<[RegisteredMember, RegisteredMember, RegisteredMember]> {
    for (;;) {
      const [head, adult, child] = [await newMember('Head'), await newMember('Adult'), await newMember()];
      if (new Set([head, adult, child].map(mask)).size === 3) return [head, adult, child];
    }
  }

  /** A head with an adult and a child; each has 1,000 points of its own. */
  async function family() {
    const [head, adult, child] = await threeMembers();
    expect(await home(head, 'createHousehold', { name: 'Home' })).toMatchObject({
      __typename: 'HouseholdChanged',
    });
    await join(accounts, head, adult);
    await join(accounts, head, child, 'CHILD');
    for (const { id } of [head, adult, child])
      await act(accounts, pets.caller, 'issuePoints', { member: { id }, points: 1_000 });
    return { head, adult, child };
  }

  async function householdOf(member: RegisteredMember): Promise<Fields | null> {
    const data = await accounts.send<{ member: { household: Fields | null } }>(asMember(member.id), seen, {
      id: member.id,
    });
    return data.member.household;
  }

  /** Id of a member's place in its household. */
  async function seatOf(viewer: RegisteredMember, member: RegisteredMember): Promise<string> {
    const { members } = (await householdOf(viewer)) as { members: { id: string; maskedCard: string }[] };
    return members.find(({ maskedCard }) => maskedCard === mask(member))!.id;
  }

  const pay = (member: RegisteredMember, points: number, more: object = {}) =>
    act(accounts, pets.caller, 'redeemPoints', {
      member: { id: member.id },
      points,
      fromHousehold: true,
      ...more,
    });
  const contribute = (member: RegisteredMember, points: number, more: object = {}) =>
    home(member, 'contributeToHousehold', { points, ...more });
  const available = async ({ id }: RegisteredMember) => (await walletOf(accounts, id))['available'];

  /** Reserves points of the pool at the café for a member, and gives the hold's id. */
  const reserve = async (member: RegisteredMember, points: number): Promise<string> => {
    const held = (await act(accounts, asService(), 'holdPoints', {
      memberId: member.id,
      merchantId: cafe.id,
      programme: 'SHARED',
      points,
      fromHousehold: true,
    })) as { hold: { id: string } };
    return held.hold.id;
  };

  /** Does something that is to be refused and makes sure that nothing was written. */
  async function refused(act: () => Promise<Fields>): Promise<Fields> {
    const before = await documentsStored(accounts);
    const result = await act();
    expect(await documentsStored(accounts)).toEqual(before);
    return result;
  }

  /** Has a member erased that gives so many points up. */
  const erase = async ({ id }: RegisteredMember, points: number) => {
    const mutation = `mutation ($input: EraseMemberInput!) { eraseMember(input: $input) { __typename ... on Refusal { code }
      ... on HoldsOpen { held { programme points } } ... on PointsLeft { left { points } } } }`;
    const input = { idempotencyKey: randomUUID(), forfeit: [{ programme: 'SHARED', points }] };
    return (await accounts.send<{ eraseMember: Fields }>(asMember(id), mutation, { input })).eraseMember;
  };

  const stop = async () => {
    await expectSoundLedger(accounts);
    await accounts.stop();
  };
  return {
    ...{ accounts, pets, cafe, newMember, home, family, householdOf, seatOf, pay, contribute, available },
    ...{ reserve, refused, erase, stop },
  };
}

export type HouseholdWorld = Awaited<ReturnType<typeof startHouseholdWorld>>;
