import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asMember, auditor } from '../../support/callers.ts';
import { act, expectSoundLedger, positionOf, walletOf, yuan } from '../../support/points.ts';
import { afterDays, forMonths } from '../../support/policy.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let member: RegisteredMember;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts, { unlock: afterDays(14) });
  pets = await openMerchant(accounts, 'Pets', {
    issuePricePerThousand: 1234,
    redemptionPricePerThousand: 1000,
  });
  cafe = await openMerchant(accounts, 'Café', {
    issuePricePerThousand: 1500,
    redemptionPricePerThousand: 987,
  });
  member = await registerMember(accounts, pets, 'p-1');
  await registerMember(accounts, cafe, 'c-1', { cardNumber: member.cardNumber });
});

afterAll(() => accounts.stop());

test('points earned at one merchant are pending, unlock on their day, pay at another, and both positions are right to the fen', async () => {
  const earned = await act(accounts, pets.caller, 'issuePoints', {
    member: { reference: 'p-1' },
    points: 1001,
  });
  expect(earned).toMatchObject({
    __typename: 'PointsPosted',
    replayed: false,
    posting: { kind: 'EARN', points: 1001, change: 1001, merchant: { id: pets.id } },
    wallet: { available: 0, pending: 1001, held: 0, arrears: 0 },
  });

  const early = await act(accounts, cafe.caller, 'redeemPoints', {
    member: { reference: 'c-1' },
    points: 501,
  });
  expect(early).toMatchObject({
    code: 'NOT_ENOUGH_POINTS',
    available: 0,
    shortBy: 501,
    availableFrom: '2026-01-29T08:00:00.000Z',
  });

  accounts.clock.set('2026-01-29T07:59:59.999Z');
  expect(await walletOf(accounts, member.id)).toEqual({ available: 0, pending: 1001, held: 0, arrears: 0 });
  accounts.clock.set('2026-01-29T08:00:00.000Z');
  expect(await walletOf(accounts, member.id)).toEqual({ available: 1001, pending: 0, held: 0, arrears: 0 });

  const paid = await act(accounts, cafe.caller, 'redeemPoints', {
    member: { reference: 'c-1' },
    points: 501,
  });
  expect(paid).toMatchObject({
    posting: { kind: 'REDEEM', points: 501, change: -501, merchant: { id: cafe.id } },
    wallet: { available: 500, pending: 0, held: 0, arrears: 0 },
  });
  const entries = (paid['posting'] as { entries: { points: number }[] }).entries;
  expect(entries.reduce((sum, entry) => sum + entry.points, 0)).toBe(0);

  // 1,001 × 12.34 yuan a thousand = 12.35234 yuan; 501 × 9.87 = 4.94487 yuan.
  expect(await positionOf(accounts, pets)).toEqual({
    issued: 1001,
    honoured: 0,
    honouredOnUs: 0,
    honouredOffUs: 0,
    owed: yuan(1235),
    due: yuan(0),
    dueOnUs: yuan(0),
    dueOffUs: yuan(0),
    net: yuan(-1235),
  });
  expect(await positionOf(accounts, cafe)).toEqual({
    issued: 0,
    honoured: 501,
    honouredOnUs: 0,
    honouredOffUs: 501,
    owed: yuan(0),
    due: yuan(494),
    dueOnUs: yuan(0),
    dueOffUs: yuan(494),
    net: yuan(494),
  });
});

test('points pay at their own merchant on us, and the coalition’s totals add up', async () => {
  await act(accounts, pets.caller, 'redeemPoints', { member: { reference: 'p-1' }, points: 100 });

  expect(await positionOf(accounts, pets)).toMatchObject({
    honouredOnUs: 100,
    honouredOffUs: 0,
    dueOnUs: yuan(100),
  });
  const query = `{ positions { issued honoured donated expired outstanding owed { amountMinor } due { amountMinor }
      merchants { merchant { name } issued honoured } } }`;
  expect(await accounts.send(auditor, query)).toEqual({
    positions: {
      issued: 1001,
      honoured: 601,
      donated: 0,
      expired: 0,
      outstanding: 400,
      owed: { amountMinor: 1235 },
      due: { amountMinor: 594 },
      merchants: [
        { merchant: { name: 'Café' }, issued: 0, honoured: 501 },
        { merchant: { name: 'Pets' }, issued: 1001, honoured: 100 },
      ],
    },
  });
});

test('points keep the terms they were earned under when worse ones are published', async () => {
  await publishProgramme(accounts, { unlock: afterDays(20), validity: forMonths(1) });
  accounts.clock.advance({ days: 7 });
  await act(accounts, pets.caller, 'issuePoints', { member: { reference: 'p-1' }, points: 10 });

  const query = `query ($id: ID!) { member(id: $id) { wallet { lots { edges { node { points termsVersion unlocksAt } } } } } }`;
  const { member: found } = await accounts.send<{
    member: { wallet: { lots: { edges: { node: Fields }[] } } };
  }>(asMember(member.id), query, { id: member.id });

  const lots = found.wallet.lots.edges.map(({ node }) => [
    node['points'],
    node['termsVersion'],
    node['unlocksAt'],
  ]);
  expect(lots).toEqual([
    [10, 2, '2026-02-25T08:00:00.000Z'],
    [1001, 1, '2026-01-29T08:00:00.000Z'],
  ]);
});

test('after all this every invariant of the ledger holds', () => expectSoundLedger(accounts));
