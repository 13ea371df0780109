import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { registerMember } from '../../support/accounts.ts';
import { asMember, asService, auditor } from '../../support/callers.ts';
import { asGiver } from '../../support/gifts.ts';
import { atHome } from '../../support/households.ts';
import { act, expectSoundLedger } from '../../support/points.ts';
import { documentsWith, erasure } from '../../support/privacy.ts';
import { type ErasureWorld, leftOf, startErasureWorld } from './erasure-world.ts';

let world: ErasureWorld;
beforeAll(async () => {
  world = await startErasureWorld();
});
afterEach(() => expectSoundLedger(world.accounts));
afterAll(() => world.stop());

test('erasing twice at once erases once', async () => {
  const member = await world.newMember();
  await world.earn(member, 5);

  const both = await Promise.all(
    [1, 2, 3].map(() =>
      erasure(world.accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(5)] }),
    ),
  );

  const names = both.map(({ __typename }) => __typename);
  expect(names).toContain('MemberErased');
  expect(names.filter((name) => name !== 'MemberErased' && name !== 'NotFound')).toEqual([]);
  const { postings } = await world.accounts.send<{ postings: { edges: object[] } }>(
    auditor,
    'query ($id: ID!) { postings(filter: { memberId: $id, kinds: [FORFEIT] }) { edges { cursor } } }',
    { id: member.id },
  );
  expect(postings.edges).toHaveLength(1);
});

test('an invitation that was made while the member was being erased is declined a minute later', async () => {
  const member = await world.newMember();
  const head = await world.newMember();
  await atHome(world.accounts, head, 'createHousehold', { name: 'Home' });
  await atHome(world.accounts, head, 'inviteToHousehold', { cardNumber: member.cardNumber });
  await erasure(world.accounts, asMember(member.id), 'eraseMember');
  await world.onStore((db) =>
    db
      .collection('households')
      .updateOne({ 'invitations.memberId': member.id }, { $set: { 'invitations.0.state': 'OPEN' } }),
  );
  expect(await world.invitationsOf(head)).toEqual({ invitations: [{ maskedCard: null }] });

  world.accounts.clock.advance({ seconds: 90 });
  await world.accounts.sweep();

  expect(await world.invitationsOf(head)).toEqual({ invitations: [] });
  expect(await world.stateOf(member.id)).toBe('ERASED');
});

const bodyOf = (id: string) =>
  world.onStore(async (db) => {
    const row = await db.collection<{ _id: string; body: string }>('webhook-deliveries').findOne({ _id: id });
    return JSON.parse(row!.body) as object;
  });

test('a copy that was made while the member was being erased is found a minute later', async () => {
  const ref = world.reference();
  const member = await registerMember(world.accounts, world.pets, ref);
  await erasure(world.accounts, asMember(member.id), 'eraseMember');
  const stale = {
    ...{
      _id: 'stale',
      webhookId: 'whk_x',
      merchantId: world.pets.id,
      eventId: 'evt_x',
      eventType: 'jifen.points.posted',
    },
    ...{
      memberId: member.id,
      partition: 'p',
      sequence: 1,
      createdAt: world.accounts.clock.now(),
      status: 'DEAD',
    },
    ...{
      attempts: [],
      failures: 1,
      firstFailedAt: null,
      nextAttemptAt: null,
      endedAt: world.accounts.clock.now(),
    },
    body: JSON.stringify({ id: 'evt_x', subject: 'pos_1', data: { points: 1, memberReference: ref } }),
  };
  await world.insert('webhook-deliveries', stale);

  world.accounts.clock.advance({ seconds: 90 });
  await world.accounts.sweep();

  expect(await documentsWith(world.accounts, ref)).not.toContain('members');
  expect(await bodyOf('stale')).toEqual({
    id: 'evt_x',
    subject: 'pos_1',
    data: { points: 1, memberReference: null },
  });
  expect(await world.stateOf(member.id)).toBe('ERASED');
});

test('what another wrote of the member while it was being erased is found a minute later', async () => {
  const [member, owner] = [await world.newMember(), await world.newMember()];
  await asGiver(world.accounts, owner.id, 'addBeneficiary', { cardNumber: member.cardNumber });
  await world.earn(member, 5);
  await erasure(world.accounts, asMember(member.id), 'eraseMember', { forfeit: [leftOf(5)] });
  const said = 'what was said of the erased member';
  const entry = {
    'entries.0.label': said,
    'entries.0.removedAt': null,
    'entries.0.addedBy.inputHash': 'hash',
  };
  await world.onStore((db) =>
    db.collection<{ _id: string }>('beneficiaries').updateOne({ _id: owner.id }, { $set: entry }),
  );
  const request = { caller: 'operator:o', idempotencyKey: 'overtook', inputHash: 'hash' };
  const at = world.accounts.clock.now();
  await world.insert('member-exports', {
    ...{ _id: 'exp_late', memberId: member.id, at, by: 'OPERATOR', caller: 'operator:o', reason: said },
    ...{ relayedById: null, request },
  });
  await world.insert('statements', {
    ...{ _id: `${member.id}:2025-12`, memberId: member.id, month: '2025-12', text: '{}', hash: '' },
    ...{ signature: { keyId: 'k', algorithm: 'EdDSA', signature: 's' }, issuedAt: at },
    lines: [{ kind: 'x', texts: { 'zh-CN': said, en: said } }],
  });
  expect((await documentsWith(world.accounts, said)).sort()).toEqual([
    'beneficiaries',
    'member-exports',
    'statements',
  ]);

  world.accounts.clock.advance({ seconds: 90 });
  await world.accounts.sweep();

  expect(await documentsWith(world.accounts, said)).toEqual([]);
  const [list] = await world.onStore((db) =>
    db.collection<{ _id: string; version: number }>('beneficiaries').find({ _id: owner.id }).toArray(),
  );
  expect(list).toMatchObject({
    version: 3,
    entries: [
      {
        memberId: member.id,
        label: null,
        removedAt: world.accounts.clock.now(),
        addedBy: { inputHash: 'erased' },
      },
    ],
  });
  expect(await world.stateOf(member.id)).toBe('ERASED');
});

test('a beneficiary that is added while its owner is being erased is not kept', async () => {
  const other = await world.newMember();
  for (let round = 0; round < 6; round++) {
    const member = await world.newMember();
    const label = `called so in round ${round}`;
    const add = () =>
      asGiver(world.accounts, member.id, 'addBeneficiary', { cardNumber: other.cardNumber, label });
    if (round % 2) await add();

    const [erased, ...added] = await Promise.all([
      erasure(world.accounts, asMember(member.id), 'eraseMember'),
      ...[1, 2, 3].map(add),
    ]);

    expect(erased).toMatchObject({ __typename: 'MemberErased' });
    for (const { __typename } of added)
      expect(['BeneficiaryAdded', 'AlreadyBeneficiary', 'NotFound']).toContain(__typename);
    expect(await documentsWith(world.accounts, label)).toEqual([]);
  }
});

test('a wallet that cannot be swept keeps no erasure waiting', async () => {
  const member = await world.newMember();
  await world.earn(member, 10);
  const hold = { memberId: member.id, merchantId: world.pets.id, programme: 'SHARED', points: 10 };
  await act(world.accounts, asService(), 'holdPoints', hold);
  const holds = world.accounts.stored.collection('ledger-holds');
  const { parts } = (await holds.findOne({ memberId: member.id }))!;
  const broken = [{ lotId: 'gone', issuerId: world.pets.id, points: 10n }];
  await holds.updateOne({ memberId: member.id }, { $set: { parts: broken } });
  const other = await world.newMember();
  world.accounts.clock.advance({ hours: 1 });
  const at = new Date(world.accounts.clock.now().getTime() - 60_000);
  await world.insert('erasures', {
    ...{ _id: other.id, state: 'CLOSING', requestedAt: at, reason: null, forfeit: [] },
    ...{ erasedAt: null, touchedAt: at },
  });

  await world.accounts.sweep();

  expect(await world.stateOf(other.id)).toBe('SCRUBBING');
  await holds.updateOne({ memberId: member.id }, { $set: { parts } });
});
