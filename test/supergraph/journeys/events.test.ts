import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startEndpoint, type TestEndpoint } from '../../support/endpoint.ts';
import { checkCoalitionLedger } from '../../support/ledger.ts';
import { mutate, type TestMember, type TestMerchant, unique } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { type JourneyWorld, startJourneyWorld } from './journey-world.ts';

let world: JourneyWorld;
let petShops: TestEndpoint;
let cafes: TestEndpoint;
let member: TestMember;

beforeAll(async () => {
  world = await startJourneyWorld();
  const { petShop, cafe, seed } = world;
  petShops = await startEndpoint();
  cafes = await startEndpoint();
  await hook(petShop, petShops.url);
  await hook(cafe, cafes.url);
  member = await seed.member([petShop, cafe]);
  await seed.earn(petShop, member, 5_000);
});
afterEach(async () => expect(await checkCoalitionLedger(world.coalition)).toEqual([]));
afterAll(async () => {
  await petShops.stop();
  await cafes.stop();
  await world.coalition.stop();
});

/** Tells a merchant of everything but postings and registrations. */
const hook = (merchant: TestMerchant, url: string) =>
  mutate(world.coalition, merchant.token, 'createWebhook', 'CreateWebhookInput', '', {
    idempotencyKey: unique('webhook'),
    url,
    eventTypes: told.map((type) => `jifen.${type}`),
  });

const told = [
  'redemption.confirmed',
  'redemption.failed',
  'redemption.cancelled',
  'voucher.issued',
  'voucher.consumed',
  'reward.published',
  'purchase.recorded',
  'return.recorded',
  'campaign.published',
  'donation.made',
  'donation.matched',
  'cause.opened',
  'pledge.made',
];

/** Whatever an endpoint got of one type. */
const got = ({ received }: TestEndpoint, type: string) =>
  received.map(({ body }) => body).filter((body) => body.type === `jifen.${type}`);

/** Waits until an endpoint has got so many of a type. */
const comes = (endpoint: TestEndpoint, type: string, count = 1) =>
  until(() => got(endpoint, type).length >= count);

/** Events are sent in no order between subjects: what is asked for last has come when this has. */
async function sentinel(): Promise<void> {
  const before = got(cafes, 'cause.opened').length;
  await world.seed.cause();
  await comes(cafes, 'cause.opened', before + 1);
  await comes(petShops, 'cause.opened', before + 1);
}

test('a redemption is told to the merchant that honours it, with its voucher, up to the till and in order', async () => {
  const { coalition, seed, cafe } = world;
  const rewardId = await seed.reward(cafe, 300);
  const redeem = () =>
    mutate<{ redemption: { id: string; voucher: { id: string; code: string } } }>(
      coalition,
      member.token,
      'redeemReward',
      'RedeemRewardInput',
      '... on RewardRedeemed { redemption { id voucher { id code } } }',
      { idempotencyKey: unique('redeem'), rewardId },
    );
  const used = (await redeem()).redemption;
  await mutate(coalition, cafe.token, 'consumeVoucher', 'ConsumeVoucherInput', '', {
    idempotencyKey: unique('till'),
    code: used.voucher.code,
    externalRef: 'BILL-1',
  });
  const undone = (await redeem()).redemption;
  await mutate(coalition, member.token, 'cancelRedemption', 'CancelRedemptionInput', '', {
    idempotencyKey: unique('cancel'),
    redemptionId: undone.id,
    reason: 'changed my mind',
  });
  await comes(cafes, 'voucher.consumed');
  await comes(cafes, 'redemption.cancelled');
  await comes(petShops, 'reward.published');
  await sentinel();

  const of = (id: string) =>
    cafes.received.map(({ body }) => body).filter(({ data }) => data['redemptionId'] === id);
  expect(of(used.id).map(({ type }) => type)).toEqual([
    'jifen.redemption.confirmed',
    'jifen.voucher.issued',
    'jifen.voucher.consumed',
  ]);
  expect(of(undone.id).map(({ type }) => type)).toEqual([
    'jifen.redemption.confirmed',
    'jifen.voucher.issued',
    'jifen.redemption.cancelled',
  ]);
  expect(of(used.id)[0]!.data).toMatchObject({ rewardId, merchantId: cafe.id, points: 300 });
  expect(of(used.id)[2]!.data).toMatchObject({ voucherId: used.voucher.id, externalRef: 'BILL-1' });
  // The code is worth money, and the pet shop has no part in it.
  expect(JSON.stringify(cafes.received)).not.toContain(used.voucher.code.replaceAll('-', ''));
  expect(petShops.received.filter(({ body }) => 'redemptionId' in body.data)).toEqual([]);
}, 120_000);

test('a redemption that had been reserved and came to nothing is told as failed', async () => {
  const { coalition, seed, cafe, petShop } = world;
  const poor = await seed.member([petShop, cafe]);
  const rewardId = await seed.reward(cafe, 200);

  const refused = await mutate(coalition, poor.token, 'redeemReward', 'RedeemRewardInput', '', {
    idempotencyKey: unique('redeem'),
    rewardId,
  });
  await comes(cafes, 'redemption.failed');

  expect(refused.__typename).toBe('NotEnoughPoints');
  expect(got(cafes, 'redemption.failed').map(({ data }) => [data['rewardId'], data['failure']])).toEqual([
    [rewardId, 'NotEnoughPoints'],
  ]);
}, 120_000);

test('a purchase and its return are told to its merchant alone, under its own reference of the member', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const reference = unique('ann');
  const ann = await seed.member([petShop, cafe], reference);
  const rule = {
    code: 'base',
    description: 'one a yuan',
    kind: 'PER_AMOUNT',
    points: 1,
    perAmountMinor: 100,
  };
  await seed.campaign([rule], petShop);
  const bought = await mutate<{ purchase: { id: string } }>(
    coalition,
    petShop.token,
    'recordPurchase',
    'RecordPurchaseInput',
    '... on PurchaseRecorded { purchase { id } }',
    {
      idempotencyKey: unique('purchase'),
      externalRef: 'RECEIPT-1',
      member: { id: ann.id },
      currency: 'CNY',
      lines: [{ sku: 'toy', quantity: 2, amountMinor: 5_000 }],
    },
  );
  await mutate(coalition, petShop.token, 'recordReturn', 'RecordReturnInput', '', {
    idempotencyKey: unique('return'),
    externalRef: 'RETURN-1',
    purchaseId: bought.purchase.id,
    lines: [{ id: '1', quantity: 1 }],
  });
  await comes(petShops, 'return.recorded');
  await comes(cafes, 'campaign.published');
  await sentinel();

  const mine = petShops.received.map(({ body }) => body).filter(({ data }) => 'purchaseId' in data);
  expect(mine.map(({ type }) => type)).toEqual(['jifen.purchase.recorded', 'jifen.return.recorded']);
  expect(mine.map(({ data }) => [data['points'], data['memberReference'], data['memberId']])).toEqual([
    [50, reference, undefined],
    [25, reference, undefined],
  ]);
  expect(cafes.received.filter(({ body }) => 'purchaseId' in body.data)).toEqual([]);
}, 120_000);

test('a donation is told to the merchant it was made with, and what it sets aside to the pledger, who learns no name', async () => {
  const { coalition, seed, petShop, cafe } = world;
  const causeId = await seed.cause();
  await mutate(coalition, petShop.token, 'pledgeMatching', 'PledgeMatchingInput', '', {
    idempotencyKey: unique('pledge'),
    causeId,
    goods: 'food',
    unit: 'g',
    pointsPerStep: 1,
    quantityPerStep: 2,
    limitQuantity: 10_000,
    agreementRef: 'A-1',
  });
  const donate = (points: number) =>
    mutate(coalition, cafe.token, 'donatePoints', 'DonatePointsInput', '', {
      idempotencyKey: unique('donate'),
      causeId,
      member: { id: member.id },
      points,
    });
  await donate(100);
  await donate(50);
  await comes(cafes, 'donation.made', 2);
  await comes(petShops, 'donation.matched', 2);
  await sentinel();

  expect(got(petShops, 'pledge.made')).toHaveLength(1);
  expect(
    got(petShops, 'donation.matched').map(({ data }) => [data['quantity'], data['confirmedQuantity']]),
  ).toEqual([
    [200, 200],
    [100, 300],
  ]);
  expect(got(petShops, 'donation.made')).toEqual([]);
  expect(got(cafes, 'donation.matched')).toEqual([]);
  expect(got(cafes, 'pledge.made')).toEqual([]);
  const made = got(cafes, 'donation.made').map(({ data }) => Number(data['points']));
  expect(made.sort((one, two) => one - two)).toEqual([50, 100]);
  const matched = JSON.stringify(got(petShops, 'donation.matched'));
  expect(matched).not.toContain(member.id);
  expect(matched).not.toContain('memberReference');
  expect(matched).not.toContain('donationId');
}, 120_000);
