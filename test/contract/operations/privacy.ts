import { expect } from '@jest/globals';
import type { Contract } from './world.ts';

/** Consent, export and erasure. */
export const privacyContracts: readonly Contract[] = [
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
];
