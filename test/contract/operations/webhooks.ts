import { expect } from '@jest/globals';
import type { Contract } from './world.ts';

/** Webhooks of a merchant. */
export const webhookContracts: readonly Contract[] = [
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
];
