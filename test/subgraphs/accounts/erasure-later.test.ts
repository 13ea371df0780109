import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type FieldDefinitionNode, print } from 'graphql';
import { readSubgraphSchema } from '../../../schema/subgraphs.ts';
import type { RegisteredMember } from '../../support/accounts.ts';
import { asMember } from '../../support/callers.ts';
import { asGiver, makeBeneficiary } from '../../support/gifts.ts';
import { atHome } from '../../support/households.ts';
import { act, documentsStored, expectSoundLedger, walletOf } from '../../support/points.ts';
import { documentsWith, erasure } from '../../support/privacy.ts';
import { type ErasureWorld, startErasureWorld } from './erasure-world.ts';

let world: ErasureWorld;
beforeAll(async () => {
  world = await startErasureWorld();
});
afterEach(() => expectSoundLedger(world.accounts));
afterAll(() => world.stop());

const gone = (what: string) => ({ __typename: 'NotFound', what });
const seatless = { __typename: 'NotInHousehold' };
// Erasing declined it.
const closed = { __typename: 'InvitationClosed' };

/** What a member's session may send, each as it may still arrive after the member was erased, and what it is answered. */
const laterRequests = (ids: Record<string, string>) =>
  [
    ['transferPoints', { toCardNumber: ids['card'], points: 1 }, gone('MEMBER')],
    [
      'addBeneficiary',
      { cardNumber: ids['card'], label: 'what the erased member called it' },
      gone('MEMBER'),
    ],
    ['removeBeneficiary', { beneficiaryId: ids['beneficiary'] }, gone('BENEFICIARY')],
    ['declineGift', { postingId: ids['gift'] }, gone('POSTING')],
    ['grantConsent', { partnerId: world.cafe.id, purpose: 'MARKETING', textVersion: '2' }, gone('MEMBER')],
    ['withdrawConsent', { partnerId: world.cafe.id, purpose: 'SHARE_PROFILE' }, gone('MEMBER')],
    ['exportMember', {}, gone('MEMBER')],
    ['eraseMember', {}, gone('MEMBER')],
    ['appealCase', { caseId: 'case_x', statement: 'it was not me' }, gone('CASE')],
    ['restoreLot', { lotId: ids['lot'] }, gone('LOT')],
    ['createHousehold', { name: 'Home of the erased member' }, gone('MEMBER')],
    ['acceptHouseholdInvitation', { invitationId: ids['invitation'] }, closed],
    ['declineHouseholdInvitation', { invitationId: ids['invitation'] }, closed],
    ['inviteToHousehold', { cardNumber: ids['card'] }, seatless],
    ['withdrawHouseholdInvitation', { invitationId: ids['invitation'] }, seatless],
    ['setHouseholdRole', { householdMemberId: 'hmb_x', role: 'ADULT' }, seatless],
    ['setHouseholdLimits', { householdMemberId: 'hmb_x' }, seatless],
    ['handOverHousehold', { householdMemberId: 'hmb_x' }, seatless],
    ['removeFromHousehold', { householdMemberId: 'hmb_x' }, seatless],
    ['leaveHousehold', {}, seatless],
    ['dissolveHousehold', {}, seatless],
    ['contributeToHousehold', { points: 1 }, gone('MEMBER')],
  ] as const;

/** Sends a mutation as a member whose session is still good. */
async function late({ id }: RegisteredMember, name: string, input: object): Promise<Record<string, unknown>> {
  const field = memberMutations().find((one) => one.name.value === name)!;
  const type = print(field.arguments![0]!.type);
  const operation = `mutation ($input: ${type}) { ${name}(input: $input) { __typename ... on NotFound { what } } }`;
  const variables = { input: { idempotencyKey: randomUUID(), ...input } };
  return (
    await world.accounts.send<Record<string, Record<string, unknown>>>(asMember(id), operation, variables)
  )[name]!;
}

/** The mutations of accounts that a member's session may send. */
const memberMutations = () =>
  readSubgraphSchema('accounts').definitions.flatMap((one) =>
    'fields' in one && 'name' in one && one.name?.value === 'Mutation'
      ? (one.fields as readonly FieldDefinitionNode[]).filter(({ directives }) =>
          directives!.some((each) => print(each).match(/^@access\(.*\bMEMBER\b/)),
        )
      : [],
  );

const erase = async (member: RegisteredMember) => {
  const { left } = await erasure(world.accounts, asMember(member.id), 'eraseMember');
  expect(await erasure(world.accounts, asMember(member.id), 'eraseMember', { forfeit: left })).toMatchObject({
    __typename: 'MemberErased',
  });
};

/** A member with something of everything, who is then erased, and what its requests name. */
async function erasedInTheMiddle() {
  const [member, friend, head] = [await world.newMember(), await world.newMember(), await world.newMember()];
  await makeBeneficiary(world.accounts, friend, member);
  await world.earn(friend, 30);
  const give = async () =>
    (
      (
        await act(world.accounts, asMember(friend.id), 'transferPoints', {
          toCardNumber: member.cardNumber,
          points: 10,
        })
      )['posting'] as { id: string }
    ).id;
  const [declined, gift] = [await give(), await give()];
  const added = await asGiver(world.accounts, member.id, 'addBeneficiary', { cardNumber: friend.cardNumber });
  await atHome(world.accounts, head, 'createHousehold', { name: 'Home' });
  const invite = async () =>
    (
      (await atHome(world.accounts, head, 'inviteToHousehold', { cardNumber: member.cardNumber }))[
        'invitation'
      ] as {
        id: string;
      }
    ).id;
  const before: [string, object, string][] = [
    ['declineGift', { idempotencyKey: 'declines', postingId: declined }, 'NotFound'],
    [
      'grantConsent',
      { idempotencyKey: 'grants', partnerId: world.cafe.id, purpose: 'SHARE_PROFILE', textVersion: '1' },
      'NotFound',
    ],
    [
      'acceptHouseholdInvitation',
      { idempotencyKey: 'joins', invitationId: await invite() },
      'HouseholdChanged',
    ],
    ['contributeToHousehold', { idempotencyKey: 'pools', points: 5 }, 'NotFound'],
    ['leaveHousehold', { idempotencyKey: 'leaves' }, 'NotFound'],
    ['createHousehold', { idempotencyKey: 'founds', name: 'Flat' }, 'HouseholdChanged'],
    ['dissolveHousehold', { idempotencyKey: 'ends' }, 'NotFound'],
  ];
  for (const [name, input] of before)
    expect([name, await late(member, name, input)]).toEqual([
      name,
      { __typename: expect.not.stringMatching(/^(NotFound|InvalidInput|NotInHousehold)$/) },
    ]);
  const lots = 'query ($id: ID!) { member(id: $id) { wallet { lots { edges { node { id } } } } } }';
  const { member: seen } = await world.accounts.send<{
    member: { wallet: { lots: { edges: { node: { id: string } }[] } } };
  }>(asMember(member.id), lots, { id: member.id });
  const ids = {
    ...{ card: friend.cardNumber, gift, lot: seen.wallet.lots.edges[0]!.node.id, invitation: await invite() },
    beneficiary: (added['beneficiary'] as { id: string }).id,
  };
  await erase(member);
  return { member, friend, ids, before };
}

test('whatever an erased member’s session still sends is refused, keeps nothing and moves no points', async () => {
  const { member, friend, ids } = await erasedInTheMiddle();
  const requests = laterRequests(ids);
  const [stored, wallet] = [await documentsStored(world.accounts), await walletOf(world.accounts, friend.id)];

  for (const [name, input, answer] of requests)
    expect([name, await late(member, name, input)]).toEqual([name, answer]);

  expect(requests.map(([name]) => name).sort()).toEqual(
    memberMutations()
      .map(({ name }) => name.value)
      .sort(),
  );
  expect(await documentsStored(world.accounts)).toEqual(stored);
  expect(await walletOf(world.accounts, friend.id)).toEqual(wallet);
  for (const text of ['what the erased member called it', 'Home of the erased member'])
    expect(await documentsWith(world.accounts, text)).toEqual([]);
});

test('what an erased member had asked for before is answered without a fault when it is sent again', async () => {
  const { member, friend, before } = await erasedInTheMiddle();
  const [stored, wallet] = [await documentsStored(world.accounts), await walletOf(world.accounts, friend.id)];

  for (const [name, input, __typename] of before)
    expect([name, await late(member, name, input)]).toMatchObject([name, { __typename }]);

  expect(await documentsStored(world.accounts)).toEqual(stored);
  expect(await walletOf(world.accounts, friend.id)).toEqual(wallet);
});
