import { expect } from '@jest/globals';
import { sealNow } from '../../support/proof.ts';
import type { Contract } from './world.ts';

/** Seals, totals and their proofs. */
export const proofContracts: readonly Contract[] = [
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
];
