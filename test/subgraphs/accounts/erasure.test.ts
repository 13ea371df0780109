import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type RegisteredMember, registerMember } from '../../support/accounts.ts';
import { asMember, asService, auditor, operator } from '../../support/callers.ts';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { asGiver, makeBeneficiary } from '../../support/gifts.ts';
import { atHome } from '../../support/households.ts';
import { act, expectSoundLedger } from '../../support/points.ts';
import { documentsWith, erasure, exportOf, giveConsent } from '../../support/privacy.ts';
import { createWebhook } from '../../support/webhooks.ts';
import { type ErasureWorld, leftOf, startErasureWorld } from './erasure-world.ts';

let world: ErasureWorld;
let endpoint: TestEndpoint;
beforeAll(async () => {
  world = await startErasureWorld();
  endpoint = await startEndpoint();
});
afterEach(() => expectSoundLedger(world.accounts));
afterAll(async () => {
  await endpoint.stop();
  await world.stop();
});

test('an erased member is nobody: everything personal is gone from the store, and the ledger is whole', async () => {
  const name = '张小明的名字';
  const ref = world.reference();
  const member = await registerMember(world.accounts, world.pets, ref, { displayName: name });
  const friend = await world.newMember();
  await registerMember(world.accounts, world.cafe, `${ref}-at-the-café`, { cardNumber: member.cardNumber });
  await makeBeneficiary(world.accounts, member, friend);
  await asGiver(world.accounts, friend.id, 'addBeneficiary', {
    cardNumber: member.cardNumber,
    label: 'my old friend',
  });
  await asGiver(world.accounts, member.id, 'addBeneficiary', {
    cardNumber: (await world.newMember()).cardNumber,
    label: 'grandmother of the member',
  });
  await world.earn(member, 100);
  await world.earn(member, 20, 'GREEN');
  await act(world.accounts, asMember(member.id), 'transferPoints', {
    toCardNumber: friend.cardNumber,
    points: 40,
  });
  await giveConsent(world.accounts, member.id, world.cafe.id, 'SHARE_PROFILE');
  await exportOf(world.accounts, operator, {
    member: { id: member.id },
    reason: 'a letter that names the member',
  });

  const erased = await erasure(world.accounts, asMember(member.id, world.pets.id), 'eraseMember', {
    forfeit: [leftOf(60), leftOf(20, 'GREEN')],
  });

  expect(erased).toEqual({
    ...{ __typename: 'MemberErased', memberId: member.id, replayed: false },
    erasedAt: world.accounts.clock.now().toISOString(),
    forfeited: [leftOf(60), leftOf(20, 'GREEN')],
  });
  const personal = [
    ...[name, ref, member.cardNumber, 'my old friend', 'grandmother of the member'],
    'a letter that names the member',
  ];
  for (const text of personal) expect([text, await documentsWith(world.accounts, text)]).toEqual([text, []]);
  const query = 'query ($id: ID!) { viewer { member { id } } member(id: $id) { id } }';
  for (const caller of [asMember(member.id), operator, world.pets.caller, auditor, asService()])
    expect(await world.accounts.send(caller, query, { id: member.id })).toEqual({
      ...{ viewer: { member: null }, member: null },
    });
  for (const caller of [world.pets.caller, operator])
    expect(
      await world.accounts.send(caller, 'query ($c: String) { member(cardNumber: $c) { id } }', {
        c: member.cardNumber,
      }),
    ).toEqual({
      member: null,
    });
  const { postings } = await world.accounts.send<{ postings: { edges: { node: object }[] } }>(
    auditor,
    'query ($id: ID!) { postings(filter: { memberId: $id }) { edges { node { kind points member { id } } } } }',
    { id: member.id },
  );
  expect(postings.edges.map(({ node }) => node)).toEqual([
    { kind: 'FORFEIT', points: expect.any(Number), member: null },
    { kind: 'FORFEIT', points: expect.any(Number), member: null },
    { kind: 'TRANSFER', points: 40, member: null },
    { kind: 'EARN', points: 20, member: null },
    { kind: 'EARN', points: 100, member: null },
  ]);
});

test('the other side of a gift, and a list that named the erased member, stay whole without it', async () => {
  const member = await world.newMember();
  const friend = await world.newMember();
  await makeBeneficiary(world.accounts, member, friend);
  await asGiver(world.accounts, friend.id, 'addBeneficiary', { cardNumber: member.cardNumber, label: 'x' });
  await world.earn(member, 40);
  await act(world.accounts, asMember(member.id), 'transferPoints', {
    toCardNumber: friend.cardNumber,
    points: 40,
  });

  await erasure(world.accounts, asMember(member.id), 'eraseMember');

  const query = `query ($id: ID!) { member(id: $id) { beneficiaries { id } wallet { available }
    gifts { edges { node { points otherMaskedCard direction } } } postings { edges { node { kind entries { account } } } } } }`;
  expect(await world.accounts.send(asMember(friend.id), query, { id: friend.id })).toEqual({
    member: {
      beneficiaries: [],
      wallet: { available: 40 },
      gifts: { edges: [{ node: { points: 40, otherMaskedCard: null, direction: 'RECEIVED' } }] },
      postings: {
        edges: [
          {
            node: {
              kind: 'TRANSFER',
              entries: expect.arrayContaining([{ account: 'wallet:other' }]),
            },
          },
        ],
      },
    },
  });
});

test('open invitations of an erased member are declined, and its places in households are free', async () => {
  const member = await world.newMember();
  const heads = [await world.newMember(), await world.newMember()];
  const invite = async (head: RegisteredMember, { cardNumber }: RegisteredMember) =>
    (await atHome(world.accounts, head, 'inviteToHousehold', { cardNumber }))['__typename'];
  for (const head of heads) {
    await atHome(world.accounts, head, 'createHousehold', { name: 'Home' });
    expect(await invite(head, member)).toBe('HouseholdChanged');
  }
  const [first] = heads as [RegisteredMember, RegisteredMember];
  for (let i = 0; i < 6; i++) expect(await invite(first, await world.newMember())).toBe('HouseholdChanged');
  const newest = await world.newMember();
  expect(await invite(first, newest)).toBe('HouseholdFull');

  await erasure(world.accounts, asMember(member.id), 'eraseMember');

  const standing = await world.onStore(async (db) => {
    const rows = db.collection('households').find({ 'invitations.memberId': member.id });
    return (await rows.toArray()).flatMap((row) =>
      (row['invitations'] as { memberId: string; state: string }[]).filter(
        (one) => one.memberId === member.id,
      ),
    );
  });
  expect(standing.map(({ state }) => state)).toEqual(['DECLINED', 'DECLINED']);
  expect(await world.invitationsOf(heads[1]!)).toEqual({ invitations: [] });
  expect(await invite(first, newest)).toBe('HouseholdChanged');
});

test('merchants are told under the reference that is deleted, and nothing else that is sent names it', async () => {
  await createWebhook(world.accounts, world.pets, endpoint.url);
  await createWebhook(world.accounts, world.cafe, endpoint.url, { eventTypes: ['jifen.member.erased'] });
  const ref = world.reference();
  const member = await registerMember(world.accounts, world.pets, ref);
  await world.earn(member, 7);
  await world.accounts.relayEvents();
  expect(await documentsWith(world.accounts, ref)).toEqual(['webhook-deliveries']);

  await erasure(world.accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(7)] });
  while ((await world.accounts.relayEvents()) + (await world.accounts.sendWebhooks()) > 0);

  const about = endpoint.received.filter(({ text }) => text.includes(ref));
  expect(about.map(({ body }) => body.type)).toEqual(['jifen.member.erased']);
  expect(about[0]!.body).toMatchObject({ subject: ref, data: { memberReference: ref } });
  expect(about[0]!.text).not.toContain(member.id);
  const earned = endpoint.received.filter(
    ({ body }) => body.data['kind'] === 'EARN' && body.data['points'] === 7,
  );
  expect(earned.map(({ body }) => body.data['memberReference'])).toEqual([null]);
});

test('nobody is told that a member was registered after having been told that it was erased', async () => {
  await world.accounts.relayEvents();
  const own = await startEndpoint();
  await createWebhook(world.accounts, world.pets, own.url, {
    eventTypes: ['jifen.member.registered', 'jifen.member.erased'],
  });
  const [goneRef, staysRef] = [world.reference(), world.reference()];
  const gone = await registerMember(world.accounts, world.pets, goneRef);
  await erasure(world.accounts, asMember(gone.id, world.pets.id), 'eraseMember', { forfeit: [] });
  await registerMember(world.accounts, world.pets, staysRef);

  while ((await world.accounts.relayEvents()) + (await world.accounts.sendWebhooks()) > 0);
  await own.stop();

  const told = own.received.map(({ body }) => `${body.type} ${String(body.data['memberReference'])}`);
  expect(told.sort()).toEqual([`jifen.member.erased ${goneRef}`, `jifen.member.registered ${staysRef}`]);
});

test('a purchase that is returned, and a payment that is cancelled, after its member was erased still balance', async () => {
  const member = await world.newMember();
  const earned = await world.earn(member, 50);
  const paid = await act(world.accounts, world.pets.caller, 'redeemPoints', {
    member: { id: member.id },
    points: 30,
  });
  await erasure(world.accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(20)] });

  const { id: postingId } = paid['posting'] as { id: string };
  const cancelled = await act(world.accounts, world.pets.caller, 'reversePosting', {
    postingId,
    reason: 'not delivered',
  });
  const returned = await act(world.accounts, world.pets.caller, 'reversePosting', {
    postingId: earned,
    reason: 'return',
  });

  expect(cancelled).toMatchObject({ __typename: 'PointsPosted', posting: { kind: 'REVERSE', points: 30 } });
  expect(returned).toMatchObject({ __typename: 'PointsPosted', wallet: { available: 0, arrears: 0 } });
  expect(
    await act(world.accounts, world.pets.caller, 'issuePoints', { member: { id: member.id }, points: 1 }),
  ).toMatchObject({
    what: 'MEMBER',
  });
});

test('the reference and a new card are free again for a new member', async () => {
  const ref = world.reference();
  const member = await registerMember(world.accounts, world.pets, ref);
  await erasure(world.accounts, asMember(member.id), 'eraseMember');

  const anew = await registerMember(world.accounts, world.pets, ref);

  expect(anew.id).not.toBe(member.id);
  expect(anew.cardNumber).not.toBe(member.cardNumber);
});
