import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startCoalition, type TestCoalition } from '../support/coalition.ts';
import { checkCoalitionLedger } from '../support/ledger.ts';
import { mutate, seeds, type TestMember, type TestMerchant, unique } from '../support/seed.ts';

let coalition: TestCoalition;
let seed: ReturnType<typeof seeds>;
let petShop: TestMerchant;
let cafe: TestMerchant;

beforeAll(async () => {
  coalition = await startCoalition();
  seed = seeds(coalition);
  await seed.programme('SHARED', 0);
  await seed.programme('LATER', 3);
  petShop = await seed.merchant('Pet shop');
  cafe = await seed.merchant('Café', { issuePricePerThousand: 1050, redemptionPricePerThousand: 990 });
}, 60_000);

afterEach(async () => {
  expect(await checkCoalitionLedger(coalition)).toEqual([]);
});

afterAll(() => coalition.stop());

const day = 86_400_000;

async function balance(member: TestMember, programme = 'SHARED') {
  const query = `query ($programme: String) { viewer { member { wallet(programme: $programme) { available pending held arrears } } } }`;
  const { viewer } = await coalition.send<{ viewer: { member: { wallet: Record<string, number> } } }>(
    member.token,
    query,
    { programme },
  );
  return viewer.member.wallet;
}

async function position(merchant: TestMerchant) {
  const query = `query ($id: ID!) { merchant(id: $id) { position {
    issued owed { amountMinor currency } honoured honouredOnUs honouredOffUs due { amountMinor } dueOnUs { amountMinor } dueOffUs { amountMinor } net { amountMinor } } } }`;
  const { merchant: found } = await coalition.send<{ merchant: { position: Record<string, unknown> } }>(
    merchant.token,
    query,
    { id: merchant.id },
  );
  return found.position;
}

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
    coalition,
    by.token,
    'recordPurchase',
    'RecordPurchaseInput',
    '... on PurchaseRecorded { replayed purchase { id points pointsReturned } } ... on PurchaseConflict { purchase { id } }',
    input,
  );

const recordReturn = (by: TestMerchant, input: object) =>
  mutate<Recorded & { return: { points: number } }>(
    coalition,
    by.token,
    'recordReturn',
    'RecordReturnInput',
    '... on ReturnRecorded { replayed return { points } purchase { id points pointsReturned } } ... on NothingToReturn { returnable lineId }',
    input,
  );

const redeem = (by: TestMerchant, member: TestMember, points: number, more: object = {}) =>
  mutate(
    coalition,
    by.token,
    'redeemPoints',
    'RedeemPointsInput',
    '... on PointsPosted { replayed posting { id kind points } } ... on NotEnoughPoints { available shortBy }',
    {
      idempotencyKey: unique('redeem'),
      member: { id: member.id },
      points,
      ...more,
    },
  );

test('points earned at the pet shop pay at the café, and both know what they owe and are due, to the fen', async () => {
  const member = await seed.member([petShop, cafe]);
  const [shopBefore, cafeBefore] = [await position(petShop), await position(cafe)];

  await seed.earn(petShop, member, 1234);
  const paid = await redeem(cafe, member, 1000);

  expect(paid).toMatchObject({
    __typename: 'PointsPosted',
    replayed: false,
    posting: { kind: 'REDEEM', points: 1000 },
  });
  expect(await balance(member)).toEqual({ available: 234, pending: 0, held: 0, arrears: 0 });
  expect(shopBefore).toMatchObject({ issued: 0, owed: { amountMinor: 0, currency: 'CNY' } });
  expect(await position(petShop)).toEqual({
    issued: 1234,
    owed: { amountMinor: 1357, currency: 'CNY' },
    honoured: 0,
    honouredOnUs: 0,
    honouredOffUs: 0,
    due: { amountMinor: 0 },
    dueOnUs: { amountMinor: 0 },
    dueOffUs: { amountMinor: 0 },
    net: { amountMinor: -1357 },
  });
  expect(cafeBefore).toMatchObject({ honoured: 0 });
  expect(await position(cafe)).toEqual({
    issued: 0,
    owed: { amountMinor: 0, currency: 'CNY' },
    honoured: 1000,
    honouredOnUs: 0,
    honouredOffUs: 1000,
    due: { amountMinor: 990 },
    dueOnUs: { amountMinor: 0 },
    dueOffUs: { amountMinor: 990 },
    net: { amountMinor: 990 },
  });
});

test('points of a programme with a waiting time are pending, cannot be spent, and unlock by the clock', async () => {
  const member = await seed.member([petShop, cafe]);
  await mutate(coalition, await seed.operator(), 'setPrices', 'SetPricesInput', '', {
    idempotencyKey: unique('prices'),
    merchantId: petShop.id,
    programme: 'LATER',
    issuePricePerThousand: 1000,
    redemptionPricePerThousand: 900,
    effectiveFrom: new Date(coalition.clock.now().getTime() + 5_000).toISOString(),
  });
  await mutate(coalition, await seed.operator(), 'setPrices', 'SetPricesInput', '', {
    idempotencyKey: unique('prices'),
    merchantId: cafe.id,
    programme: 'LATER',
    issuePricePerThousand: 1000,
    redemptionPricePerThousand: 900,
    effectiveFrom: new Date(coalition.clock.now().getTime() + 5_000).toISOString(),
  });
  coalition.clock.advance(10_000);
  const earned = await mutate(coalition, petShop.token, 'issuePoints', 'IssuePointsInput', '', {
    idempotencyKey: unique('issue'),
    member: { id: member.id },
    points: 500,
    programme: 'LATER',
  });
  expect(earned.__typename).toBe('PointsPosted');

  expect(await balance(member, 'LATER')).toEqual({ available: 0, pending: 500, held: 0, arrears: 0 });
  const early = await redeem(cafe, member, 200, { programme: 'LATER' });
  expect(early).toMatchObject({ __typename: 'NotEnoughPoints', available: 0, shortBy: 200 });

  coalition.clock.advance(3 * day + 1000);

  expect(await balance(member, 'LATER')).toEqual({ available: 500, pending: 0, held: 0, arrears: 0 });
  const later = await redeem(cafe, member, 200, { programme: 'LATER' });
  expect(later.__typename).toBe('PointsPosted');
  expect(await balance(member, 'LATER')).toEqual({ available: 300, pending: 0, held: 0, arrears: 0 });
});

test('a receipt earns once: sent again under its key, under another key, and fifty times at once', async () => {
  await seed.campaign(
    [
      {
        code: 'base',
        description: 'One point for one yuan',
        kind: 'PER_AMOUNT',
        points: 1,
        perAmountMinor: 100,
      },
    ],
    petShop,
  );
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
  expect(await balance(member)).toMatchObject({ available: 123 });
});

test('fifty tills sending one new receipt at the same moment make one purchase and one earn', async () => {
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
  expect(await balance(member)).toMatchObject({ available: 100 });
});

test('a key used again with other input is refused, and so is a receipt with other content; nothing is posted', async () => {
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
  expect(await balance(member)).toMatchObject({ available: 110 });
});

test('partial returns end where the full return ends, and spent points become arrears that later earnings settle', async () => {
  const [byPart, atOnce] = [await seed.member([petShop, cafe]), await seed.member([petShop])];
  const lines = [
    { id: 'a', sku: 'A', quantity: 3, amountMinor: 10_00 },
    { id: 'b', sku: 'B', quantity: 7, amountMinor: 33_33 },
  ];
  const first = await recordPurchase(petShop, purchaseOf(byPart, unique('receipt'), lines));
  const second = await recordPurchase(petShop, purchaseOf(atOnce, unique('receipt'), lines));
  expect(first.purchase.points).toBe(43);
  await redeem(cafe, byPart, 40);

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
  expect(await balance(atOnce)).toEqual({ available: 0, pending: 0, held: 0, arrears: 0 });
  expect(await balance(byPart)).toEqual({ available: 0, pending: 0, held: 0, arrears: 40 });
  await seed.earn(petShop, byPart, 55);
  expect(await balance(byPart)).toEqual({ available: 15, pending: 0, held: 0, arrears: 0 });
});

test('two hundred members at once redeem a reward with fifty in stock: fifty get it, the rest keep their points', async () => {
  const rewardId = await seed.reward(cafe, 100, { stock: 50 });
  const members = await Promise.all(Array.from({ length: 200 }, () => seed.member([cafe])));
  await Promise.all(members.map((member) => seed.earn(cafe, member, 100)));

  const answers = await Promise.all(
    members.map((member) =>
      mutate<{ redemption: { status: string; voucher: { code: string } } }>(
        coalition,
        member.token,
        'redeemReward',
        'RedeemRewardInput',
        '... on RewardRedeemed { redemption { status voucher { code } } } ... on RewardUnavailable { whyNot { code } }',
        { idempotencyKey: unique('redeem'), rewardId },
      ),
    ),
  );

  const won = answers.flatMap((answer, i) => (answer.__typename === 'RewardRedeemed' ? [i] : []));
  expect(won).toHaveLength(50);
  expect(new Set(won.map((i) => answers[i]!.redemption.voucher.code)).size).toBe(50);
  expect(answers.filter((answer) => answer.__typename === 'RewardUnavailable')).toHaveLength(150);
  const balances = await Promise.all(members.map((member) => balance(member)));
  expect(balances.filter((found) => found['available'] === 0 && found['held'] === 0)).toHaveLength(50);
  expect(balances.filter((found) => found['available'] === 100 && found['held'] === 0)).toHaveLength(150);
  const { reward } = await coalition.send<{ reward: { stock: number } }>(
    null,
    'query ($id: ID!) { reward(id: $id) { stock } }',
    { id: rewardId },
  );
  expect(reward.stock).toBe(0);
}, 120_000);

test('one wallet cannot be spent twice, however many tills try at once', async () => {
  const member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 500);

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => redeem(i % 2 ? cafe : petShop, member, 100)),
  );

  expect(answers.filter((answer) => answer.__typename === 'PointsPosted')).toHaveLength(5);
  expect(answers.filter((answer) => answer.__typename === 'NotEnoughPoints')).toHaveLength(15);
  expect(await balance(member)).toEqual({ available: 0, pending: 0, held: 0, arrears: 0 });
});

test('a redemption is cancelled as an exact inverse, a voucher is consumed once, and a consumed one is not cancelled', async () => {
  const member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 300);
  const rewardId = await seed.reward(cafe, 100, { stock: 5 });
  const buy = () =>
    mutate<{ redemption: { id: string; voucher: { code: string } } }>(
      coalition,
      member.token,
      'redeemReward',
      'RedeemRewardInput',
      '... on RewardRedeemed { redemption { id voucher { code } } }',
      { idempotencyKey: unique('redeem'), rewardId },
    );
  const [kept, regretted] = [await buy(), await buy()];
  expect(await balance(member)).toMatchObject({ available: 100 });

  const cancel = (id: string) =>
    mutate(
      coalition,
      member.token,
      'cancelRedemption',
      'CancelRedemptionInput',
      '... on RedemptionCancelled { redemption { status } }',
      { idempotencyKey: unique('cancel'), redemptionId: id, reason: 'Changed my mind.' },
    );
  const consume = (code: string, ref: string) =>
    mutate(
      coalition,
      cafe.token,
      'consumeVoucher',
      'ConsumeVoucherInput',
      '... on VoucherConsumed { replayed voucher { status } } ... on VoucherNotUsable { status }',
      { idempotencyKey: unique('consume'), code, externalRef: ref },
    );
  const cancelled = await cancel(regretted.redemption.id);
  const consumed = await Promise.all(
    Array.from({ length: 10 }, (_, i) => consume(kept.redemption.voucher.code, `sale-${i}`)),
  );

  expect(cancelled).toMatchObject({ __typename: 'RedemptionCancelled', redemption: { status: 'CANCELLED' } });
  expect(await balance(member)).toEqual({ available: 200, pending: 0, held: 0, arrears: 0 });
  expect(consumed.filter((answer) => answer.__typename === 'VoucherConsumed')).toHaveLength(1);
  expect(consumed.filter((answer) => answer.__typename === 'VoucherNotUsable')).toHaveLength(9);
  expect(await consume(regretted.redemption.voucher.code, 'late')).toMatchObject({
    __typename: 'VoucherNotUsable',
    status: 'VOID',
  });
  expect(await cancel(kept.redemption.id)).toMatchObject({ __typename: 'NotCancellable' });
  const { reward } = await coalition.send<{ reward: { stock: number } }>(
    null,
    'query ($id: ID!) { reward(id: $id) { stock } }',
    { id: rewardId },
  );
  expect(reward.stock).toBe(4);
});

test('a donation is matched in kind up to the pledge, and the donor sees what it does', async () => {
  const causeId = await seed.cause();
  await mutate(coalition, petShop.token, 'pledgeMatching', 'PledgeMatchingInput', '', {
    idempotencyKey: unique('pledge'),
    causeId,
    goods: 'pet food',
    unit: 'g',
    pointsPerStep: 1000,
    quantityPerStep: 1000,
    limitQuantity: 700,
    agreementRef: 'test-agreement',
  });
  const member = await seed.member([petShop]);
  await seed.earn(petShop, member, 1200);
  const donate = (points: number) =>
    mutate<{ donation: { id: string } }>(
      coalition,
      member.token,
      'donatePoints',
      'DonatePointsInput',
      '... on PointsDonated { donation { id status receiptNumber matches { quantity } } } ... on NotEnoughPoints { shortBy }',
      { idempotencyKey: unique('donate'), causeId, points },
    );

  const [first, second, third] = [await donate(500), await donate(500), await donate(500)];

  expect(first).toMatchObject({
    __typename: 'PointsDonated',
    donation: { status: 'CONFIRMED', matches: [{ quantity: 500 }] },
  });
  expect(second).toMatchObject({ donation: { status: 'CONFIRMED', matches: [{ quantity: 200 }] } });
  expect(third).toMatchObject({ __typename: 'NotEnoughPoints', shortBy: 300 });
  const query = `query ($id: ID!) { viewer { member { wallet { available } impact { points donationCount matched { goods unit quantity } } donations { edges { node { impact points } } } } }
    cause(id: $id) { pointsDonated donationCount pledges { remainingQuantity } } }`;
  const seen = await coalition.send<{
    viewer: { member: { donations: { edges: { node: { impact: string } }[] } } };
  }>(member.token, query, { id: causeId });
  expect(seen).toMatchObject({
    viewer: {
      member: {
        wallet: { available: 200 },
        impact: {
          points: 1000,
          donationCount: 2,
          matched: [{ goods: 'pet food', unit: 'g', quantity: 700 }],
        },
      },
    },
    cause: { pointsDonated: 1000, donationCount: 2, pledges: [{ remainingQuantity: 0 }] },
  });
  expect(seen.viewer.member.donations.edges).toHaveLength(2);
  expect(seen.viewer.member.donations.edges[0]!.node.impact).toMatch(/pet food/);
});

test('a gift keeps the issuer and the expiry of the points it is made of', async () => {
  const [giver, taker] = [await seed.member([petShop]), await seed.member([cafe])];
  await seed.earn(petShop, giver, 300);

  const given = await mutate(coalition, giver.token, 'transferPoints', 'TransferPointsInput', '', {
    idempotencyKey: unique('gift'),
    toCardNumber: taker.cardNumber,
    points: 120,
  });

  expect(given.__typename).toBe('PointsPosted');
  expect(await balance(giver)).toMatchObject({ available: 180 });
  const lots = `query { viewer { member { wallet { available lots { edges { node { points remaining expiresAt issuer { name } originLotId } } } } } } }`;
  type Lots = {
    viewer: {
      member: { wallet: { lots: { edges: { node: { expiresAt: string; originLotId: string } }[] } } };
    };
  };
  const mine = await coalition.send<Lots>(giver.token, lots);
  const theirs = await coalition.send<Lots>(taker.token, lots);
  const [from, to] = [mine, theirs].map((answer) => answer.viewer.member.wallet.lots.edges[0]!.node);
  expect(to).toMatchObject({
    points: 120,
    remaining: 120,
    issuer: { name: 'Pet shop' },
    expiresAt: from!.expiresAt,
  });
  expect(to!.originLotId).toBeTruthy();
});

test.each([
  ['negative', -5, 'InvalidInput'],
  ['zero', 0, 'InvalidInput'],
  ['more than the limit', 100_000_001, 'InvalidInput'],
  ['huge', Number.MAX_SAFE_INTEGER, 'InvalidInput'],
])('refuses %s points and changes nothing', async (_, points, refusal) => {
  const member = await seed.member([petShop]);
  await seed.earn(petShop, member, 10);
  const input = () => ({ idempotencyKey: unique('odd'), member: { id: member.id }, points });

  const answers = [
    await mutate(
      coalition,
      petShop.token,
      'issuePoints',
      'IssuePointsInput',
      '... on InvalidInput { field }',
      input(),
    ),
    await mutate(
      coalition,
      petShop.token,
      'redeemPoints',
      'RedeemPointsInput',
      '... on InvalidInput { field }',
      input(),
    ),
  ];

  expect(answers).toMatchObject([
    { __typename: refusal, field: 'input.points' },
    { __typename: refusal, field: 'input.points' },
  ]);
  expect(await balance(member)).toEqual({ available: 10, pending: 0, held: 0, arrears: 0 });
});

test.each([1.5, '10', 9007199254740992])('refuses %p as points before anything runs', async (points) => {
  const member = await seed.member([petShop]);
  const query = 'mutation ($input: IssuePointsInput!) { issuePoints(input: $input) { __typename } }';

  const answer = await coalition.ask(petShop.token, query, {
    input: { idempotencyKey: unique('odd'), member: { id: member.id }, points },
  });

  expect(answer.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
  expect(await balance(member)).toMatchObject({ available: 0 });
});

test('says what is unknown, over, or out of stock', async () => {
  const member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 1000);
  const now = coalition.clock.now().getTime();
  const expiring = await seed.reward(cafe, 10, { availableUntil: new Date(now + day).toISOString() });
  const empty = await seed.reward(cafe, 10, { stock: 0 });
  coalition.clock.advance(day + 1000);
  const buy = (rewardId: string) =>
    mutate(
      coalition,
      member.token,
      'redeemReward',
      'RedeemRewardInput',
      '... on RewardUnavailable { whyNot { code } } ... on NotFound { what id }',
      { idempotencyKey: unique('redeem'), rewardId },
    );

  const unknownProgramme = await mutate(
    coalition,
    petShop.token,
    'issuePoints',
    'IssuePointsInput',
    '... on NotFound { what id }',
    { idempotencyKey: unique('odd'), member: { id: member.id }, points: 5, programme: 'NONE' },
  );

  expect(unknownProgramme).toMatchObject({ __typename: 'NotFound', what: 'PROGRAMME', id: 'NONE' });
  expect(await buy(expiring)).toMatchObject({
    __typename: 'RewardUnavailable',
    whyNot: [{ code: 'NO_LONGER_AVAILABLE' }],
  });
  expect(await buy(empty)).toMatchObject({
    __typename: 'RewardUnavailable',
    whyNot: [{ code: 'OUT_OF_STOCK' }],
  });
  expect(await buy('rew_nothing')).toMatchObject({ __typename: 'NotFound', what: 'REWARD' });
  expect(await balance(member)).toMatchObject({ available: 1000, held: 0 });
});

test('one storefront query crosses all four subgraphs', async () => {
  const member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 150);
  const rewardId = await seed.reward(cafe, 120);
  const causeId = await seed.cause();
  await mutate(coalition, member.token, 'donatePoints', 'DonatePointsInput', '', {
    idempotencyKey: unique('donate'),
    causeId,
    points: 10,
  });

  const home = await coalition.send<{
    viewer: {
      member: {
        affordableRewards: { id: string }[];
        runningCampaigns: unknown[];
        wallet: unknown;
        donations: unknown;
      };
    };
  }>(
    member.token,
    `{ viewer { member { wallet { available } affordableRewards { id points } runningCampaigns { id name merchant { name } } donations { edges { node { points cause { id } } } } } } }`,
  );

  const seen = home.viewer.member;
  expect(seen.wallet).toEqual({ available: 140 });
  expect(seen.affordableRewards.map((reward) => reward.id)).toContain(rewardId);
  expect(seen.runningCampaigns).toContainEqual({
    id: expect.any(String),
    name: 'Test campaign',
    merchant: { name: 'Pet shop' },
  });
  expect(seen.donations).toEqual({ edges: [{ node: { points: 10, cause: { id: causeId } } }] });
});

test('what a purchase earned cannot be taken back behind its back', async () => {
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
  expect(await reverse(await seed.operator())).toMatchObject({ __typename: 'NotReversible' });
  expect(await balance(member)).toMatchObject({ available: 50 });
});
