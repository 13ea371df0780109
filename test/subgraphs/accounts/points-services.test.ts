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
import { asMember, asService, auditor, operator } from '../../support/callers.ts';
import { act, expectSoundLedger, positionOf, priceIn, walletOf, yuan } from '../../support/points.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let member: RegisteredMember;
const service = asService();
const programme = 'SERVE';

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  await publishProgramme(accounts, { code: programme, holdTimeoutSeconds: 60 });
  pets = await openMerchant(accounts, 'Pets 4');
  cafe = await openMerchant(accounts, 'Café 4');
  for (const merchant of [pets, cafe]) await priceIn(accounts, merchant, programme);
  member = await registerMember(accounts, pets, 'p-1');
});

afterAll(() => accounts.stop());

test('an earn by line is sent twice, held, captured in part, given to a cause and taken back, to the point', async () => {
  const earn = {
    idempotencyKey: 'purchase:1',
    memberId: member.id,
    merchantId: pets.id,
    programme,
    points: 100,
    lines: [
      { id: 'l1', points: 60 },
      { id: 'l2', points: 40 },
    ],
    externalRef: 'receipt-1',
  };

  const first = await act(accounts, service, 'postEarn', earn);
  const second = await act(accounts, service, 'postEarn', earn);
  const again = await act(accounts, service, 'postEarn', { ...earn, idempotencyKey: 'purchase:1:again' });

  const { id: earned } = first['posting'] as { id: string };
  expect([first['replayed'], second['replayed']]).toEqual([false, true]);
  expect(second['posting']).toEqual(first['posting']);
  expect(again).toMatchObject({
    code: 'ALREADY_POSTED',
    externalRef: 'receipt-1',
    posting: { id: earned },
  });

  const held = await act(accounts, service, 'holdPoints', {
    memberId: member.id,
    programme,
    points: 50,
    merchantId: cafe.id,
  });
  const { id: holdId } = held['hold'] as { id: string };
  expect(await walletOf(accounts, member.id, programme)).toEqual({
    available: 50,
    pending: 0,
    held: 50,
    arrears: 0,
  });
  const captured = await act(accounts, service, 'capturePoints', { holdId, points: 30 });
  expect(captured['hold']).toEqual({ id: holdId, status: 'CAPTURED', captured: 30 });

  const donated = await act(accounts, service, 'postDonation', {
    memberId: member.id,
    causeId: 'cau_1',
    programme,
    points: 45,
  });
  expect(donated['wallet']).toEqual({ available: 25, pending: 0, held: 0, arrears: 0 });

  const returned = await act(accounts, service, 'reversePosting', {
    postingId: earned,
    lines: [{ id: 'l2' }],
    reason: 'returned',
  });
  expect(returned['wallet']).toEqual({ available: 0, pending: 0, held: 0, arrears: 15 });
  expect(await positionOf(accounts, pets, programme)).toMatchObject({ issued: 60, owed: yuan(60) });
  expect(await positionOf(accounts, cafe, programme)).toMatchObject({
    honoured: 30,
    honouredOffUs: 30,
    due: yuan(27),
  });
  const query =
    'query ($programme: String) { positions(programme: $programme) { issued honoured donated outstanding } }';
  expect(await accounts.send(operator, query, { programme })).toEqual({
    positions: { issued: 60, honoured: 30, donated: 45, outstanding: -15 },
  });
});

test('a hold that nobody resolves gives its points back when its time is over', async () => {
  await act(accounts, service, 'postEarn', {
    memberId: member.id,
    merchantId: pets.id,
    programme,
    points: 25,
  });
  await act(accounts, service, 'holdPoints', {
    memberId: member.id,
    programme,
    points: 10,
    merchantId: cafe.id,
  });
  expect(await walletOf(accounts, member.id, programme)).toMatchObject({
    available: 0,
    held: 10,
    arrears: 0,
  });

  accounts.clock.advance({ seconds: 60 });

  expect(await walletOf(accounts, member.id, programme)).toEqual({
    available: 10,
    pending: 0,
    held: 0,
    arrears: 0,
  });
});

test('of 20 redemptions at once only as many succeed as there are points for', async () => {
  const spender = await registerMember(accounts, pets, 'spender');
  await act(accounts, pets.caller, 'issuePoints', { member: { id: spender.id }, programme, points: 1000 });

  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () =>
      act(accounts, pets.caller, 'redeemPoints', { member: { id: spender.id }, programme, points: 150 }),
    ),
  );

  const kinds = outcomes.map((outcome) => outcome['__typename']);
  expect(kinds.filter((kind) => kind === 'PointsPosted')).toHaveLength(6);
  expect(kinds.filter((kind) => kind === 'NotEnoughPoints')).toHaveLength(14);
  expect(await walletOf(accounts, spender.id, programme)).toEqual({
    available: 100,
    pending: 0,
    held: 0,
    arrears: 0,
  });
});

test('what a lot cost its issuer is for the operator and auditors alone', async () => {
  const owner = await registerMember(accounts, pets, 'lots');
  await act(accounts, pets.caller, 'issuePoints', { member: { id: owner.id }, programme, points: 5 });
  const query = `query ($id: ID!, $programme: String) {
      member(id: $id) { wallet(programme: $programme) { lots { edges { node { points issuePricePerThousand } } } } }
    }`;

  for (const [caller, shown] of [
    [operator, true],
    [auditor, true],
    [pets.caller, false],
    [asMember(owner.id), false],
    [service, false],
  ] as const) {
    const { data, errors } = await accounts.ask(caller, query, { id: owner.id, programme });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(shown ? [] : ['FORBIDDEN']);
    expect(JSON.stringify(data).includes('"issuePricePerThousand":1000')).toBe(shown);
  }
});

test('after all this every invariant of the ledger holds', () => expectSoundLedger(accounts));
