import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import {
  openMerchant,
  publishProgramme,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asMember, asService, auditor } from '../../support/callers.ts';
import { makeBeneficiary } from '../../support/gifts.ts';
import { act, expectSoundLedger, priceIn, walletOf } from '../../support/points.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
});

afterAll(() => accounts.stop());

test('a merchant sees its postings, a member its own, and who else was in them stays apart', async () => {
  await publishProgramme(accounts, { code: 'SEEN' });
  const pets = await openMerchant(accounts, 'Pets 3');
  const cafe = await openMerchant(accounts, 'Café 3');
  for (const merchant of [pets, cafe]) await priceIn(accounts, merchant, 'SEEN');
  const giver = await registerMember(accounts, pets, 'giver');
  const taker = await registerMember(accounts, cafe, 'taker');
  await makeBeneficiary(accounts, giver, taker);
  await act(accounts, pets.caller, 'issuePoints', {
    member: { id: giver.id },
    programme: 'SEEN',
    points: 100,
  });

  const given = await act(accounts, asMember(giver.id), 'transferPoints', {
    toCardNumber: taker.cardNumber,
    programme: 'SEEN',
    points: 40,
  });
  const paid = await act(accounts, cafe.caller, 'redeemPoints', {
    member: { id: taker.id },
    programme: 'SEEN',
    points: 30,
  });

  expect([given['__typename'], paid['__typename']]).toEqual(['PointsPosted', 'PointsPosted']);
  expect(await walletOf(accounts, giver.id, 'SEEN')).toMatchObject({ available: 60 });
  expect(await walletOf(accounts, taker.id, 'SEEN')).toMatchObject({ available: 10 });
  const kinds = async (caller: Caller) => {
    const query = '{ postings(filter: { programme: "SEEN" }) { edges { node { kind } } } }';
    const data = await accounts.send<{ postings: { edges: { node: { kind: string } }[] } }>(caller, query);
    return data.postings.edges.map(({ node }) => node.kind);
  };
  expect(await kinds(auditor)).toEqual(['REDEEM', 'TRANSFER', 'EARN']);
  expect((await kinds(cafe.caller)).includes('EARN')).toBe(false);
  expect(await kinds(cafe.caller)).toContain('REDEEM');
  expect(await kinds(pets.caller)).toContain('EARN');
  const memberOfTransfer = `query ($id: ID!) { member(id: $id) { postings(programme: "SEEN") { edges { node {
      kind points change member { id } } } } } }`;
  const seenByTaker = await accounts.ask<{ member: { postings: { edges: { node: Fields }[] } } }>(
    asMember(taker.id),
    memberOfTransfer,
    { id: taker.id },
  );
  const transfer = seenByTaker.data?.member.postings.edges.find(({ node }) => node['kind'] === 'TRANSFER');
  expect(transfer?.node).toMatchObject({ points: 40, change: 40 });
  expect(JSON.stringify(seenByTaker.data)).not.toContain(giver.id);
});

test('a member’s postings tell of what has fallen due, swept or not', async () => {
  const pets = await openMerchant(accounts, 'Pets 4');
  const { id } = await registerMember(accounts, pets, 'waits');
  await act(accounts, pets.caller, 'issuePoints', { member: { id }, points: 10 });
  const hold = { memberId: id, merchantId: pets.id, programme: 'SHARED', points: 10 };
  await act(accounts, asService(), 'holdPoints', hold);
  accounts.clock.advance({ hours: 1 });
  const page = 'edges { node { id kind } }';
  const own = `query ($id: ID!) { member(id: $id) { wallet { held } postings { ${page} } } }`;
  const journal = `query ($id: ID!) { postings(filter: { memberId: $id }) { ${page} } }`;

  const before = await accounts.send<{ member: { postings: { edges: { node: Fields }[] } } }>(
    asMember(id),
    own,
    { id },
  );
  expect(before.member).toMatchObject({ wallet: { held: 0 } });
  expect(before.member.postings.edges.map(({ node }) => node['kind'])).toEqual(['VOID', 'HOLD', 'EARN']);
  expect(await accounts.send(auditor, journal, { id })).toEqual({ postings: before.member.postings });
  await accounts.sweep();

  expect(await accounts.send(asMember(id), own, { id })).toEqual(before);
});

test('after all this every invariant of the ledger holds', () => expectSoundLedger(accounts));
