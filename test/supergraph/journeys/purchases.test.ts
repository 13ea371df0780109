import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, type TestMember, type TestMerchant, unique } from '../../support/seed.ts';
import { balance, type JourneyWorld, redeemPoints, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
beforeAll(async () => {
  world = await startJourneyWorld();
  const rule = { code: 'base', description: 'One point for one yuan', kind: 'PER_AMOUNT' };
  await world.seed.campaign([{ ...rule, points: 1, perAmountMinor: 100 }], world.petShop);
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(() => world.coalition.stop());

const purchaseOf = (
  member: TestMember,
  externalRef: string,
  lines: readonly object[],
  more: object = {},
) => ({
  idempotencyKey: unique('purchase'),
  member: { id: member.id },
  externalRef,
  currency: 'CNY',
  lines,
  ...more,
});

interface Recorded {
  __typename: string;
  replayed: boolean;
  purchase: { id: string; points: number; pointsReturned: number };
}

const recordPurchase = (by: TestMerchant, input: object) =>
  mutate<Recorded>(
    world.coalition,
    by.token,
    'recordPurchase',
    'RecordPurchaseInput',
    '... on PurchaseRecorded { replayed purchase { id points pointsReturned } } ... on PurchaseConflict { purchase { id } }',
    input,
  );

const recordReturn = (by: TestMerchant, input: object) =>
  mutate<Recorded & { return: { points: number } }>(
    world.coalition,
    by.token,
    'recordReturn',
    'RecordReturnInput',
    '... on ReturnRecorded { replayed return { points } purchase { id points pointsReturned } } ... on NothingToReturn { returnable lineId }',
    input,
  );

test('a receipt earns once: sent again under its key, under another key, and fifty times at once', async () => {
  const { seed, petShop } = world;
  const member = await seed.member([petShop]);
  const receipt = unique('receipt');
  const input = purchaseOf(member, receipt, [{ sku: 'A', quantity: 1, amountMinor: 12_345 }]);

  const first = await recordPurchase(petShop, input);
  const again = await recordPurchase(petShop, input);
  const otherKey = await recordPurchase(petShop, { ...input, idempotencyKey: unique('purchase') });
  const crowd = await Promise.all(
    Array.from({ length: 50 }, () =>
      recordPurchase(petShop, { ...input, idempotencyKey: unique('purchase') }),
    ),
  );

  expect(first).toMatchObject({ __typename: 'PurchaseRecorded', replayed: false, purchase: { points: 123 } });
  expect(again).toMatchObject({ replayed: true, purchase: { id: first.purchase.id, points: 123 } });
  expect(otherKey).toMatchObject({ replayed: true, purchase: { id: first.purchase.id } });
  expect(new Set(crowd.map((answer) => answer.purchase.id))).toEqual(new Set([first.purchase.id]));
  expect(await balance(world, member)).toMatchObject({ available: 123 });
});

test('fifty tills sending one new receipt at the same moment make one purchase and one earn', async () => {
  const { seed, petShop } = world;
  const member = await seed.member([petShop]);
  const receipt = unique('receipt');

  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      recordPurchase(petShop, purchaseOf(member, receipt, [{ sku: 'A', quantity: 1, amountMinor: 10_000 }])),
    ),
  );

  expect(
    answers.filter((answer) => answer.__typename === 'PurchaseRecorded' && !answer.replayed),
  ).toHaveLength(1);
  expect(new Set(answers.map((answer) => answer.purchase.id)).size).toBe(1);
  expect(await balance(world, member)).toMatchObject({ available: 100 });
});

test('a key used again with other input is refused, and so is a receipt with other content; nothing is posted', async () => {
  const { coalition, seed, petShop } = world;
  const member = await seed.member([petShop]);
  const input = purchaseOf(member, unique('receipt'), [{ sku: 'A', quantity: 1, amountMinor: 10_000 }]);
  const key = unique('issue');
  const issue = (points: number) =>
    mutate(coalition, petShop.token, 'issuePoints', 'IssuePointsInput', '', {
      idempotencyKey: key,
      member: { id: member.id },
      points,
    });
  await recordPurchase(petShop, input);
  await issue(10);

  const otherLines = await recordPurchase(petShop, {
    ...input,
    lines: [{ sku: 'A', quantity: 1, amountMinor: 20_000 }],
  });
  const otherContent = await recordPurchase(petShop, {
    ...input,
    idempotencyKey: unique('purchase'),
    lines: [{ sku: 'A', quantity: 1, amountMinor: 20_000 }],
  });
  const otherPoints = await issue(11);

  expect(otherLines).toMatchObject({ __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT' });
  expect(otherContent).toMatchObject({ __typename: 'PurchaseConflict', code: 'PURCHASE_CONFLICT' });
  expect(otherPoints).toMatchObject({ __typename: 'IdempotencyConflict' });
  expect(await balance(world, member)).toMatchObject({ available: 110 });
});

test('partial returns end where the full return ends, and spent points become arrears that later earnings settle', async () => {
  const { seed, petShop, cafe } = world;
  const [byPart, atOnce] = [await seed.member([petShop, cafe]), await seed.member([petShop])];
  const lines = [
    { id: 'a', sku: 'A', quantity: 3, amountMinor: 10_00 },
    { id: 'b', sku: 'B', quantity: 7, amountMinor: 33_33 },
  ];
  const first = await recordPurchase(petShop, purchaseOf(byPart, unique('receipt'), lines));
  const second = await recordPurchase(petShop, purchaseOf(atOnce, unique('receipt'), lines));
  expect(first.purchase.points).toBe(43);
  await redeemPoints(world, cafe, byPart, 40);

  for (const part of [
    [{ id: 'b', quantity: 2 }],
    [
      { id: 'a', quantity: 1 },
      { id: 'b', quantity: 4 },
    ],
    [{ id: 'b', quantity: 1 }],
    [{ id: 'a', quantity: 2 }],
  ]) {
    const returned = await recordReturn(petShop, {
      idempotencyKey: unique('return'),
      purchaseId: first.purchase.id,
      externalRef: unique('back'),
      lines: part,
    });
    expect(returned.__typename).toBe('ReturnRecorded');
  }
  const whole = await recordReturn(petShop, {
    idempotencyKey: unique('return'),
    purchaseId: second.purchase.id,
    externalRef: unique('back'),
  });
  const more = await recordReturn(petShop, {
    idempotencyKey: unique('return'),
    purchaseId: second.purchase.id,
    externalRef: unique('back'),
  });

  expect(whole).toMatchObject({ return: { points: 43 }, purchase: { points: 43, pointsReturned: 43 } });
  expect(more).toMatchObject({ __typename: 'NothingToReturn', returnable: 0 });
  expect(await balance(world, atOnce)).toEqual({ available: 0, pending: 0, held: 0, arrears: 0 });
  expect(await balance(world, byPart)).toEqual({ available: 0, pending: 0, held: 0, arrears: 40 });
  await seed.earn(petShop, byPart, 55);
  expect(await balance(world, byPart)).toEqual({ available: 15, pending: 0, held: 0, arrears: 0 });
});

test('what a purchase earned cannot be taken back behind its back', async () => {
  const { coalition, seed, petShop } = world;
  const member = await seed.member([petShop]);
  const receipt = unique('receipt');
  await recordPurchase(petShop, purchaseOf(member, receipt, [{ sku: 'A', quantity: 1, amountMinor: 5_000 }]));
  const found = await coalition.send<{ purchase: { posting: { id: string } } }>(
    petShop.token,
    'query ($ref: String!) { purchase(externalRef: $ref) { posting { id } } }',
    { ref: receipt },
  );
  const reverse = (token: string) =>
    mutate(coalition, token, 'reversePosting', 'ReversePostingInput', '', {
      idempotencyKey: unique('reverse'),
      postingId: found.purchase.posting.id,
      reason: 'A shortcut.',
    });

  expect(await reverse(petShop.token)).toMatchObject({
    __typename: 'NotReversible',
    message:
      'The posting is part of a purchase or a redemption: record a return or cancel the redemption instead.',
  });
  await expect(seed.operator().then(reverse)).rejects.toThrow('needs a token of kind MERCHANT');
  expect(await balance(world, member)).toMatchObject({ available: 50 });
});
