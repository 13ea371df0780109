import { expect } from '@jest/globals';
import type { Contract, World } from './world.ts';

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
export const caseContracts: readonly Contract[] = [
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
