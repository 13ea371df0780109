import { expect } from '@jest/globals';
import type { Contract } from './world.ts';

/** Statements, positions, postings and batches. */
export const recordContracts: readonly Contract[] = [
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
                ...{ expired: 0, restored: 0, contributed: 0, takenBack: 0, deducted: 0, restituted: 0 },
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
];
