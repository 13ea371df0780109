import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { composedFiles } from '../../schema/compose.ts';
import { startCoalition, type TestCoalition } from '../support/coalition.ts';
import { makeBeneficiaryOf } from '../support/gifts.ts';
import { sealNow } from '../support/proof.ts';
import { mutate, seeds, type TestMember, type TestMerchant, unique } from '../support/seed.ts';

const folder = join(import.meta.dirname, '../../schema/operations');
const read = (operation: string): string => readFileSync(join(folder, `${operation}.graphql`), 'utf8');

/** What the operations run on: a small coalition in which every answer is known. */
interface World {
  readonly coalition: TestCoalition;
  readonly petShop: TestMerchant;
  readonly cafe: TestMerchant;
  readonly member: TestMember;
  /** An effective beneficiary of the member. */
  readonly friend: TestMember;
  readonly rewardId: string;
  readonly causeId: string;
  readonly operator: string;
  readonly auditor: string;
  /** Another operator, who decides appeals. */
  readonly judge: string;
}

/** An operation, whose token it is sent with, its variables, and what the answer has to say. */
interface Contract {
  readonly operation: string;
  readonly token: (world: World) => string;
  readonly variables: (world: World) => object | Promise<object>;
  readonly answer: (world: World) => object;
}

let world: World;

const sha256 = 'ab'.repeat(32);
const said = { statement: 'It is so.' };

/** The newest case over the points of the friend. */
async function newestCase({ coalition, friend }: World): Promise<string> {
  const query = '{ viewer { member { cases(first: 1) { edges { node { id } } } } } }';
  const { viewer } = await coalition.send<{
    viewer: { member: { cases: { edges: { node: { id: string } }[] } } };
  }>(friend.token, query);
  return viewer.member.cases.edges[0]!.node.id;
}

const onNewest = (key: string, more: object) => async (world: World) => ({
  input: { idempotencyKey: key, caseId: await newestCase(world), ...said, ...more },
});

const changed = (field: string, one: object) => () => ({
  [field]: { __typename: 'CaseChanged', replayed: false, case: one },
});

/** A case over the friend's last points, from its opening to its appeal, each step by the token it is for. */
const caseContracts: readonly Contract[] = [
  {
    operation: 'merchant/open-case',
    token: ({ petShop }) => petShop.token,
    variables: ({ friend }) => ({
      input: {
        ...{ idempotencyKey: 'case-1', member: { id: friend.id }, reason: 'FALSE_PURCHASE', ...said },
        ...{ disputedPoints: 20, evidence: [{ name: 'till log', sha256 }] },
      },
    }),
    answer: changed('openCase', { status: 'OPEN', disputed: 20, lapsesAt: expect.any(String) }),
  },
  {
    operation: 'operator/cases',
    token: ({ operator }) => operator,
    variables: () => ({ status: 'OPEN' }),
    answer: ({ petShop }) => ({
      cases: {
        edges: [
          {
            node: {
              ...{ status: 'OPEN', disputed: 20, frozen: 0, openedBy: { id: petShop.id } },
              evidence: [{ name: 'till log', uri: null, sha256 }],
              history: [
                { act: 'OPENED', party: 'MERCHANT', by: `merchant:${petShop.id}`, points: 0, ...said },
              ],
            },
          },
        ],
      },
    }),
  },
  {
    operation: 'operator/review-case',
    token: ({ operator }) => operator,
    variables: onNewest('case-2', { verdict: 'FREEZE' }),
    answer: changed('reviewCase', { status: 'FROZEN', frozen: 20, lapsesAt: expect.any(String) }),
  },
  {
    operation: 'operator/confirm-case',
    token: ({ operator }) => operator,
    variables: onNewest('case-3', {}),
    answer: changed('confirmCase', { status: 'FROZEN', frozen: 20 }),
  },
  {
    operation: 'operator/decide-case',
    token: ({ operator }) => operator,
    variables: onNewest('case-4', { verdict: 'UPHOLD', points: 20 }),
    answer: changed('decideCase', { status: 'UPHELD', frozen: 0, deducted: 20, lapsesAt: null }),
  },
  {
    operation: 'storefront/cases',
    token: ({ friend }) => friend.token,
    variables: () => ({}),
    answer: ({ petShop }) => ({
      viewer: {
        member: {
          wallet: { available: 10, held: 0, frozen: 0 },
          cases: {
            edges: [
              {
                node: {
                  ...{ status: 'UPHELD', reason: 'FALSE_PURCHASE', openedBy: { name: petShop.name } },
                  ...{ deducted: 20, howToAppeal: expect.stringContaining('You can appeal once') },
                },
              },
            ],
          },
        },
      },
    }),
  },
  {
    operation: 'storefront/appeal',
    token: ({ friend }) => friend.token,
    variables: onNewest('case-5', {}),
    answer: changed('appealCase', { status: 'APPEALED' }),
  },
  {
    operation: 'operator/decide-appeal',
    token: ({ judge }) => judge,
    variables: onNewest('case-6', { verdict: 'OVERTURN' }),
    answer: changed('decideCaseAppeal', { status: 'OVERTURNED', deducted: 20, restituted: 20 }),
  },
  {
    operation: 'storefront/case-counts',
    token: ({ friend }) => friend.token,
    variables: () => ({}),
    answer: () => ({
      caseCounts: {
        ...{ opened: 1, frozen: 1, confirmed: 1, dismissed: 0, lapsed: 0, upheld: 1 },
        ...{ appealed: 1, appealRejected: 0, overturned: 1 },
      },
    }),
  },
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

/** Moves the clock out of the last minutes of a month, so that all that happens here is in one statement. */
function leaveMonthEnd({ clock }: TestCoalition): void {
  const soon = new Date(clock.now().getTime() + 600_000);
  if (soon.getUTCMonth() !== clock.now().getUTCMonth()) clock.advance(600_000);
}

const parcel = { kind: 'ON_EVENT', event: 'delivered', withinDays: 30, otherwise: 'LAPSE' };

/** A programme whose points wait for the delivery, and a receipt in it. */
async function earnOnDelivery({ coalition, petShop, member }: World): Promise<void> {
  const seed = seeds(coalition);
  await seed.programme('PARCEL', 0, { unlock: parcel, transfers: { allowed: false } });
  await seed.price(petShop, 'PARCEL');
  await mutate(coalition, petShop.token, 'issuePoints', 'IssuePointsInput', '', {
    idempotencyKey: unique('issue'),
    member: { id: member.id },
    programme: 'PARCEL',
    points: 40,
    externalRef: 'parcel-1',
  });
}

async function buildWorld(): Promise<World> {
  const coalition = await startCoalition();
  leaveMonthEnd(coalition);
  const seed = seeds(coalition);
  await seed.programme();
  const petShop = await seed.merchant('Pet shop');
  const cafe = await seed.merchant('Café');
  await seed.campaign([
    {
      code: 'base',
      description: 'One point for one yuan',
      kind: 'PER_AMOUNT',
      points: 1,
      perAmountMinor: 100,
    },
  ]);
  const member = await seed.member([petShop, cafe], 'customer-1');
  const friend = await seed.member([petShop], 'customer-2');
  await makeBeneficiaryOf(coalition, member, friend);
  await seed.earn(petShop, member, 1000);
  const rewardId = await seed.reward(cafe, 100, { voucherValue: { amountMinor: 2000, currency: 'CNY' } });
  const causeId = await seed.cause();
  const pledge = {
    goods: 'pet food',
    unit: 'g',
    pointsPerStep: 1000,
    quantityPerStep: 1000,
    limitQuantity: 500_000,
    agreementRef: 'test-agreement',
  };
  await mutate(coalition, petShop.token, 'pledgeMatching', 'PledgeMatchingInput', '', {
    idempotencyKey: unique('pledge'),
    causeId,
    ...pledge,
  });
  return {
    coalition,
    petShop,
    cafe,
    member,
    friend,
    rewardId,
    causeId,
    operator: await seed.operator(),
    auditor: await seed.auditor(),
    judge: await coalition.tokenOf({ kind: 'OPERATOR', subject: 'judge' }),
  };
}

const lines = [
  { id: '1', sku: 'CAT-WAND', quantity: 1, amountMinor: 3900 },
  { id: '2', sku: 'BOWL', quantity: 2, amountMinor: 4650 },
];

const mask = ({ cardNumber }: TestMember): string => `**** **** **** ${cardNumber.slice(-4)}`;

/** In this order: each leaves the world as the next expects it. */
const contracts: readonly Contract[] = [
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
  {
    operation: 'merchant/warm-line',
    token: ({ cafe }) => cafe.token,
    variables: () => ({
      input: {
        idempotencyKey: 'warm-1',
        category: 'no such category',
        texts: { zhCN: '{reward}，请慢用。', en: 'Enjoy {reward}.' },
      },
    }),
    answer: () => ({
      setWarmLine: {
        __typename: 'WarmLineSet',
        line: { category: 'no such category', texts: { zhCN: '{reward}，请慢用。', en: 'Enjoy {reward}.' } },
      },
    }),
  },
  {
    operation: 'storefront/statement',
    token: ({ member }) => member.token,
    variables: ({ coalition }) => ({ month: coalition.clock.now().toISOString().slice(0, 7) }),
    answer: ({ member, coalition }) => ({
      viewer: {
        member: {
          id: member.id,
          statement: {
            month: coalition.clock.now().toISOString().slice(0, 7),
            status: 'RUNNING',
            issuedAt: null,
            hash: null,
            signature: null,
            programmes: [
              {
                programme: { code: 'SHARED' },
                opening: 0,
                earned: [{ merchantName: 'Pet shop', points: 1085 }],
                returned: [{ merchantName: 'Pet shop', points: -23 }],
                spent: [{ merchantName: 'Café', points: -200 }],
                donated: [
                  {
                    cause: 'Test cause',
                    points: -500,
                    impact: [{ goods: 'pet food', unit: 'g', quantity: '500' }],
                  },
                ],
                closing: 362,
              },
            ],
            warmLines: expect.arrayContaining([expect.objectContaining({ kind: 'donation-matched' })]),
            page: expect.stringMatching(/^\/statements\/.+\.html\?locale=en&ticket=/),
            file: expect.stringMatching(/\.json\?/),
          },
          statements: [],
        },
      },
    }),
  },
  {
    operation: 'operator/positions',
    token: ({ operator }) => operator,
    variables: () => ({}),
    answer: ({ petShop, cafe }) => ({
      positions: {
        issued: 1062,
        honoured: 200,
        donated: 500,
        expired: 0,
        deducted: 0,
        outstanding: 362,
        owed: { amountMinor: 1168, currency: 'CNY' },
        due: { amountMinor: 200, currency: 'CNY' },
        merchants: [
          {
            merchant: { id: cafe.id, name: 'Café' },
            issued: 0,
            honoured: 200,
            honouredOnUs: 0,
            honouredOffUs: 200,
            due: { amountMinor: 200 },
            net: { amountMinor: 200 },
          },
          {
            merchant: { id: petShop.id, name: 'Pet shop' },
            issued: 1062,
            honoured: 0,
            owed: { amountMinor: 1168 },
            net: { amountMinor: -1168 },
          },
        ],
      },
    }),
  },
  {
    operation: 'auditor/postings',
    token: ({ auditor }) => auditor,
    variables: ({ petShop }) => ({ filter: { merchantId: petShop.id, kinds: ['EARN'] }, first: 1 }),
    answer: () => ({
      postings: {
        edges: [
          {
            node: {
              kind: 'EARN',
              points: 85,
              merchant: { name: 'Pet shop' },
              entries: expect.arrayContaining([{ account: expect.stringMatching(/^issuer:/), points: -85 }]),
              allocations: [{ points: 85, issuer: { name: 'Pet shop' } }],
            },
          },
        ],
        pageInfo: { hasNextPage: true },
      },
    }),
  },
  {
    operation: 'till/issue-batch',
    token: ({ petShop }) => petShop.token,
    variables: () => ({
      input: {
        items: [
          { idempotencyKey: 'batch-1', member: { reference: 'customer-2' }, points: 30 },
          { idempotencyKey: 'batch-2', member: { reference: 'customer-0' }, points: 30 },
        ],
      },
    }),
    answer: () => ({
      issuePointsBatch: {
        __typename: 'PointsBatchIssued',
        results: [
          { __typename: 'PointsPosted', replayed: false, posting: { points: 30 } },
          { __typename: 'NotFound', code: 'NOT_FOUND' },
        ],
      },
    }),
  },
  {
    operation: 'storefront/add-beneficiary',
    token: ({ friend }) => friend.token,
    variables: ({ member }) => ({
      input: { idempotencyKey: 'beneficiary-1', cardNumber: member.cardNumber, label: 'Grandma' },
    }),
    answer: ({ member }) => ({
      addBeneficiary: {
        __typename: 'BeneficiaryAdded',
        replayed: false,
        beneficiary: { label: 'Grandma', status: 'WAITING', maskedCard: mask(member) },
      },
    }),
  },
  {
    operation: 'storefront/give',
    token: ({ member }) => member.token,
    variables: ({ friend }) => ({
      input: {
        idempotencyKey: 'give-1',
        toCardNumber: friend.cardNumber,
        points: 50,
        reason: 'Happy birthday',
      },
    }),
    answer: () => ({
      transferPoints: {
        __typename: 'PointsPosted',
        replayed: false,
        posting: { kind: 'TRANSFER', points: 50, change: -50 },
        wallet: { available: 312 },
      },
    }),
  },
  {
    operation: 'storefront/decline',
    token: ({ friend }) => friend.token,
    variables: async ({ coalition, friend }) => {
      const query = '{ viewer { member { gifts { edges { node { id } } } } } }';
      const { viewer } = await coalition.send<{
        viewer: { member: { gifts: { edges: { node: { id: string } }[] } } };
      }>(friend.token, query);
      return { input: { idempotencyKey: 'decline-1', postingId: viewer.member.gifts.edges[0]!.node.id } };
    },
    answer: ({ member }) => ({
      declineGift: {
        __typename: 'GiftDeclined',
        replayed: false,
        gift: { state: 'DECLINED', points: 50, otherMaskedCard: mask(member) },
        wallet: { available: 30 },
      },
    }),
  },
  {
    operation: 'storefront/gifts',
    token: ({ member }) => member.token,
    variables: () => ({}),
    answer: ({ friend }) => ({
      viewer: {
        member: {
          beneficiaries: [{ label: null, status: 'EFFECTIVE', maskedCard: mask(friend) }],
          gifts: {
            edges: [
              {
                node: {
                  direction: 'GIVEN',
                  state: 'DECLINED',
                  points: 50,
                  reason: 'Happy birthday',
                  otherMaskedCard: mask(friend),
                },
              },
            ],
            pageInfo: { hasNextPage: false },
          },
        },
      },
    }),
  },
  {
    operation: 'partner/create-webhook',
    token: ({ petShop }) => petShop.token,
    variables: () => ({
      input: {
        idempotencyKey: 'webhook-1',
        url: 'http://127.0.0.1:9/hooks',
        eventTypes: ['jifen.programme.published'],
      },
    }),
    answer: () => ({
      createWebhook: {
        __typename: 'WebhookCreated',
        secret: expect.stringMatching(/^whsec_/),
        webhook: {
          url: 'http://127.0.0.1:9/hooks',
          eventTypes: ['jifen.programme.published'],
          status: 'ACTIVE',
        },
      },
    }),
  },
  {
    operation: 'partner/webhooks',
    token: ({ petShop }) => petShop.token,
    variables: () => ({ first: 10 }),
    answer: ({ petShop }) => ({
      viewer: {
        merchant: {
          id: petShop.id,
          webhooks: [
            {
              url: 'http://127.0.0.1:9/hooks',
              status: 'ACTIVE',
              pauseReason: null,
              secrets: [{ expiresAt: null }],
              deliveries: { edges: [], pageInfo: { hasNextPage: false } },
              deadLetters: { edges: [] },
            },
          ],
        },
      },
    }),
  },
  {
    operation: 'till/deliver',
    token: ({ petShop }) => petShop.token,
    variables: async (current) => {
      await earnOnDelivery(current);
      return { input: { idempotencyKey: 'deliver-1', externalRef: 'parcel-1', event: 'delivered' } };
    },
    answer: () => ({
      unlockPoints: {
        __typename: 'PointsPosted',
        replayed: false,
        posting: { kind: 'UNLOCK', points: 40, settledArrears: 0 },
        wallet: { available: 40, pending: 0, arrears: 0 },
      },
    }),
  },
  {
    operation: 'storefront/terms',
    token: ({ member }) => member.token,
    variables: () => ({ programme: 'PARCEL' }),
    answer: () => ({
      programme: {
        name: 'PARCEL',
        version: 1,
        unlock: { ...parcel, days: null },
        validity: { kind: 'ROLLING', months: 12, roundTo: 'DAY' },
        eligibleIssuers: null,
        arrears: 'OWE',
        transfers: { allowed: false, declineWithinDays: 0 },
        reminders: { daysBefore: [30, 7, 1], graceDays: 0, restoreOnce: false },
      },
      disclosures: [
        {
          version: 1,
          hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          previous: null,
          diff: [],
          changeNotice: null,
        },
      ],
    }),
  },
  // These move the clock on, to where everything above is under seal and counted.
  {
    operation: 'auditor/seals',
    token: ({ auditor }) => auditor,
    variables: async ({ coalition }) => {
      coalition.clock.advance(62 * 86_400_000);
      // A sealer catches up with sixty days at a time, and there are twice as many.
      for (let run = 0; run < 3; run++)
        await sealNow(coalition.mongo.uri, coalition.databases.accounts, coalition.clock);
      return { first: 1 };
    },
    answer: () => ({
      seals: {
        edges: [{ node: { count: 0, signature: { algorithm: 'EdDSA' } } }],
        pageInfo: { hasNextPage: true },
      },
      // The subgraph's own, and one of each run.
      signingKeys: [{ kty: 'OKP' }, { kty: 'OKP' }, { kty: 'OKP' }, { kty: 'OKP' }],
    }),
  },
  {
    operation: 'auditor/liabilities',
    token: ({ auditor }) => auditor,
    variables: () => ({}),
    answer: () => ({
      liabilities: { programmeCode: 'SHARED', leaves: 2, points: 392, arrears: 0, outstanding: 392 },
    }),
  },
  {
    operation: 'storefront/ledger-proof',
    token: ({ member }) => member.token,
    variables: async ({ coalition, auditor }) => {
      const query = '{ postings(filter: { kinds: [EARN] }, first: 1) { edges { node { id } } } }';
      const { postings } = await coalition.send<{ postings: { edges: { node: { id: string } }[] } }>(
        auditor,
        query,
      );
      return { postingId: postings.edges[0]!.node.id };
    },
    answer: () => ({
      ledgerProof: {
        __typename: 'LedgerProof',
        leaf: expect.stringContaining('"kind":"EARN"'),
        openings: [expect.stringContaining('"part":"provenance"')],
        path: expect.any(Array),
      },
    }),
  },
  {
    operation: 'storefront/liability-proof',
    token: ({ member }) => member.token,
    variables: () => ({}),
    answer: () => ({
      liabilityProof: {
        __typename: 'LiabilityProof',
        leaf: expect.stringContaining('"points":"362"'),
        // The friend's 30 stand beside it; which comes first is chance.
        index: expect.any(Number),
        path: [{ points: '30' }],
        liabilities: { points: 392, arrears: 0, outstanding: 392 },
      },
    }),
  },
  {
    operation: 'storefront/consent',
    token: ({ member }) => member.token,
    variables: ({ cafe }) => ({
      input: {
        idempotencyKey: 'consent-1',
        partnerId: cafe.id,
        purpose: 'SHARE_BALANCE',
        textVersion: 'privacy-1/en',
      },
    }),
    answer: () => ({
      grantConsent: {
        __typename: 'ConsentGranted',
        replayed: false,
        change: {
          partner: { name: 'Café' },
          purpose: 'SHARE_BALANCE',
          granted: true,
          textVersion: 'privacy-1/en',
          relayedBy: { name: 'Pet shop' },
        },
      },
    }),
  },
  {
    operation: 'storefront/withdraw-consent',
    token: ({ member }) => member.token,
    variables: ({ cafe }) => ({
      input: { idempotencyKey: 'consent-2', partnerId: cafe.id, purpose: 'SHARE_BALANCE' },
    }),
    answer: () => ({
      withdrawConsent: { __typename: 'ConsentWithdrawn', replayed: false, member: { consents: [] } },
    }),
  },
  {
    operation: 'storefront/export',
    token: ({ member }) => member.token,
    variables: () => ({ input: { idempotencyKey: 'export-1' } }),
    answer: ({ member }) => ({
      exportMember: {
        __typename: 'MemberExported',
        replayed: false,
        export: {
          memberId: member.id,
          formatVersion: 1,
          accounts: { records: expect.arrayContaining([expect.stringContaining('"type":"posting"')]) },
          rewards: { records: expect.arrayContaining([expect.stringContaining('"type":"voucher"')]) },
          purchases: { records: expect.arrayContaining([expect.stringContaining('"type":"return"')]) },
          charity: { records: [expect.stringContaining('"type":"donation"')] },
        },
      },
    }),
  },
  {
    operation: 'storefront/privacy',
    token: ({ member }) => member.token,
    variables: () => ({}),
    answer: () => ({
      viewer: {
        member: {
          consents: [],
          consentHistory: {
            edges: [
              { node: { granted: false, textVersion: null } },
              { node: { partner: { name: 'Café' }, granted: true, textVersion: 'privacy-1/en' } },
            ],
            pageInfo: { hasNextPage: false },
          },
          exports: [{ by: 'MEMBER', reason: null }],
        },
      },
    }),
  },
  {
    operation: 'storefront/erase',
    token: ({ member }) => member.token,
    variables: () => ({ input: { idempotencyKey: 'erase-1' } }),
    answer: () => ({
      eraseMember: {
        __typename: 'PointsLeft',
        left: expect.arrayContaining([{ programme: 'SHARED', points: 362 }]),
      },
    }),
  },
  {
    operation: 'operator/legal-hold',
    token: ({ operator }) => operator,
    variables: ({ member, coalition }) => ({
      input: {
        idempotencyKey: 'legal-hold-1',
        member: { id: member.id },
        reason: 'claim 1',
        until: new Date(coalition.clock.now().getTime() + 86_400_000).toISOString(),
      },
    }),
    answer: () => ({
      placeLegalHold: { __typename: 'LegalHoldPlaced', replayed: false, hold: { releasedAt: null } },
    }),
  },
  {
    operation: 'operator/release-legal-hold',
    token: ({ operator }) => operator,
    variables: async ({ coalition, member, operator }) => {
      const query = 'query ($id: ID!) { member(id: $id) { legalHolds { id } } }';
      const found = await coalition.send<{ member: { legalHolds: { id: string }[] } }>(operator, query, {
        id: member.id,
      });
      return { input: { holdId: found.member.legalHolds[0]!.id } };
    },
    answer: () => ({
      releaseLegalHold: { __typename: 'LegalHoldReleased', hold: { releasedAt: expect.any(String) } },
    }),
  },
  ...caseContracts,
  {
    operation: 'storefront/create-household',
    token: ({ member }) => member.token,
    variables: () => ({ input: { idempotencyKey: 'household-1', name: 'Home' } }),
    answer: () => ({
      createHousehold: { __typename: 'HouseholdChanged', replayed: false, household: { name: 'Home' } },
    }),
  },
  {
    operation: 'storefront/invite-to-household',
    token: ({ member }) => member.token,
    variables: ({ friend }) => ({
      input: { idempotencyKey: 'invite-1', cardNumber: friend.cardNumber, role: 'ADULT' },
    }),
    answer: ({ friend }) => ({
      inviteToHousehold: {
        __typename: 'HouseholdChanged',
        invitation: { maskedCard: mask(friend), role: 'ADULT' },
      },
    }),
  },
  {
    operation: 'storefront/accept-household-invitation',
    token: ({ friend }) => friend.token,
    variables: async ({ coalition, friend }) => {
      const query = '{ viewer { member { householdInvitations { id } } } }';
      const { viewer } = await coalition.send<{
        viewer: { member: { householdInvitations: { id: string }[] } };
      }>(friend.token, query);
      const invitationId = viewer.member.householdInvitations[0]!.id;
      return { input: { idempotencyKey: 'accept-1', invitationId } };
    },
    answer: () => ({
      acceptHouseholdInvitation: {
        __typename: 'HouseholdChanged',
        household: { name: 'Home', members: [{ role: 'HEAD' }, { role: 'ADULT' }] },
      },
    }),
  },
  {
    operation: 'storefront/contribute',
    token: ({ member }) => member.token,
    variables: () => ({ input: { idempotencyKey: 'contribute-1', points: 150 } }),
    answer: () => ({
      contributeToHousehold: {
        __typename: 'PointsContributed',
        replayed: false,
        wallet: { available: 212 },
        household: { pool: { available: 150, spendableByYou: 150 } },
      },
    }),
  },
  {
    operation: 'storefront/redeem-from-household',
    token: ({ friend }) => friend.token,
    variables: ({ rewardId }) => ({
      input: { idempotencyKey: 'redeem-pool-1', rewardId, fromHousehold: true },
    }),
    answer: () => ({
      redeemReward: {
        __typename: 'RewardRedeemed',
        replayed: false,
        redemption: { status: 'CONFIRMED', points: 100, fromHousehold: true },
      },
    }),
  },
  {
    operation: 'storefront/household',
    token: ({ member }) => member.token,
    variables: () => ({}),
    answer: ({ member, friend }) => ({
      viewer: {
        member: {
          household: {
            name: 'Home',
            members: [
              { isYou: true, role: 'HEAD' },
              { isYou: false, maskedCard: mask(friend), role: 'ADULT' },
            ],
            invitations: [],
            pool: { available: 50, held: 0, spendableByYou: 50, shares: [{ available: 50 }] },
            spending: {
              edges: [
                {
                  node: {
                    points: 100,
                    reversed: 0,
                    merchant: { name: 'Café' },
                    by: { maskedCard: mask(friend) },
                    parts: [{ member: { maskedCard: mask(member) }, points: 100 }],
                  },
                },
              ],
            },
          },
          householdInvitations: [],
        },
      },
    }),
  },
];

beforeAll(async () => {
  world = await buildWorld();
});

afterAll(() => world.coalition.stop());

const consumers = readdirSync(folder);
const operations = consumers.flatMap((consumer) =>
  readdirSync(join(folder, consumer)).map((file) => `${consumer}/${file.replace(/\.graphql$/, '')}`),
);

test('every operation that a consumer sends has a contract here', () => {
  expect(contracts.map((contract) => contract.operation).sort()).toEqual(operations.sort());
});

// Once for all: a connection that idles while this process computes for seconds is closed under it.
const schema = buildSchema(readFileSync(composedFiles.api, 'utf8'));

test.each(operations)('%s is valid against the public schema', (operation) => {
  expect(validate(schema, parse(read(operation))).map((error) => error.message)).toEqual([]);
});

test.each(contracts.map((contract) => [contract.operation, contract] as const))(
  '%s is answered as its consumer expects',
  async (operation, contract) => {
    const answer = await world.coalition.ask(
      contract.token(world),
      read(operation),
      await contract.variables(world),
    );

    expect(answer.errors).toBeUndefined();
    expect(answer.data).toMatchObject(contract.answer(world));
  },
);
