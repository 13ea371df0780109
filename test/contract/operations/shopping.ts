import { expect } from '@jest/globals';
import { mutate, unique } from '../../support/seed.ts';
import type { Contract, World } from './world.ts';

const lines = [
  { id: '1', sku: 'CAT-WAND', quantity: 1, amountMinor: 3900 },
  { id: '2', sku: 'BOWL', quantity: 2, amountMinor: 4650 },
];

async function voucherCode({ coalition, member, rewardId }: World): Promise<string> {
  const bought = await mutate<{ redemption: { voucher: { code: string } } }>(
    coalition,
    member.token,
    'redeemReward',
    'RedeemRewardInput',
    '... on RewardRedeemed { redemption { voucher { code } } }',
    { idempotencyKey: unique('redeem'), rewardId },
  );
  return bought.redemption.voucher.code;
}

/** What a till and a storefront do around a purchase. */
export const shoppingContracts: readonly Contract[] = [
  {
    operation: 'till/purchase',
    token: ({ petShop }) => petShop.token,
    variables: () => ({
      input: {
        idempotencyKey: 'till-1',
        externalRef: 'receipt-1',
        member: { reference: 'customer-1' },
        currency: 'CNY',
        lines,
      },
    }),
    answer: ({ member }) => ({
      recordPurchase: {
        __typename: 'PurchaseRecorded',
        replayed: false,
        purchase: {
          externalRef: 'receipt-1',
          points: 85,
          total: { amountMinor: 8550, currency: 'CNY' },
          lines: [
            { id: '1', points: 39 },
            { id: '2', points: 46 },
          ],
          outcomes: [{ ruleCode: 'base', requested: 85, granted: 85, reason: 'GRANTED' }],
        },
        member: { id: member.id, wallet: { available: 1085, pending: 0 } },
      },
    }),
  },
  {
    operation: 'till/return',
    token: ({ petShop }) => petShop.token,
    variables: () => ({
      input: {
        idempotencyKey: 'till-2',
        externalRef: 'return-1',
        purchaseExternalRef: 'receipt-1',
        lines: [{ id: '2', quantity: 1 }],
      },
    }),
    answer: () => ({
      recordReturn: {
        __typename: 'ReturnRecorded',
        replayed: false,
        return: { points: 23 },
        member: { wallet: { available: 1062 } },
      },
    }),
  },
  {
    operation: 'storefront/redeem',
    token: ({ member }) => member.token,
    variables: ({ rewardId }) => ({ input: { idempotencyKey: 'redeem-1', rewardId } }),
    answer: ({ member }) => ({
      redeemReward: {
        __typename: 'RewardRedeemed',
        redemption: {
          status: 'CONFIRMED',
          points: 100,
          voucher: {
            status: 'ACTIVE',
            code: expect.any(String),
            value: { amountMinor: 2000, currency: 'CNY' },
          },
        },
        member: { id: member.id, wallet: { available: 962, held: 0 } },
      },
    }),
  },
  {
    operation: 'storefront/donate',
    token: ({ member }) => member.token,
    variables: ({ causeId }) => ({ input: { idempotencyKey: 'donate-1', causeId, points: 500 } }),
    answer: ({ causeId }) => ({
      donatePoints: {
        __typename: 'PointsDonated',
        donation: {
          status: 'CONFIRMED',
          points: 500,
          receiptNumber: expect.any(String),
          cause: { id: causeId, pointsDonated: 500 },
          matches: [
            {
              quantity: 500,
              pledge: {
                goods: 'pet food',
                unit: 'g',
                remainingQuantity: 499_500,
                merchant: { name: 'Pet shop' },
              },
            },
          ],
        },
        member: { wallet: { available: 462 }, impact: { points: 500, donationCount: 1 } },
      },
    }),
  },
  {
    operation: 'storefront/home',
    token: ({ member }) => member.token,
    variables: () => ({}),
    answer: ({ member, rewardId }) => ({
      viewer: {
        kind: 'MEMBER',
        merchant: { name: 'Pet shop' },
        member: {
          id: member.id,
          locale: 'en',
          wallet: {
            available: 462,
            pending: 0,
            cashEquivalent: { amountMinor: 462, currency: 'CNY' },
            nextExpiry: { points: 462 },
          },
          affordableRewards: [{ id: rewardId, points: 100, merchant: { name: 'Café' } }],
          runningCampaigns: [{ name: 'Test campaign', rules: [{ code: 'base' }] }],
          impact: {
            points: 500,
            donationCount: 1,
            matched: [{ goods: 'pet food', quantity: 500, unit: 'g' }],
          },
          donations: { edges: [{ node: { points: 500, cause: { name: 'Test cause' } } }] },
        },
      },
      rewards: { edges: [{ node: { id: rewardId, availability: { canRedeem: true, whyNot: [] } } }] },
    }),
  },
  {
    operation: 'storefront/wallet',
    token: ({ member }) => member.token,
    variables: () => ({ first: 2 }),
    answer: () => ({
      viewer: {
        member: {
          wallet: {
            available: 462,
            pending: 0,
            held: 0,
            arrears: 0,
            lots: { edges: [{ node: { issuer: { name: 'Pet shop' } } }, { node: { points: 85 } }] },
          },
          postings: {
            edges: [
              { node: { kind: 'DONATE', points: 500, change: -500 } },
              { node: { kind: 'CAPTURE', points: 100, change: -100, merchant: { name: 'Café' } } },
            ],
            pageInfo: { hasNextPage: true },
          },
          vouchers: [{ status: 'ACTIVE', reward: { merchant: { name: 'Café' } } }],
        },
      },
    }),
  },
  {
    operation: 'till/voucher',
    token: ({ cafe }) => cafe.token,
    variables: async (current) => ({
      input: {
        idempotencyKey: 'consume-1',
        code: (await voucherCode(current)).toLowerCase(),
        externalRef: 'sale-1',
      },
    }),
    answer: () => ({
      consumeVoucher: { __typename: 'VoucherConsumed', replayed: false, voucher: { status: 'CONSUMED' } },
    }),
  },
];
