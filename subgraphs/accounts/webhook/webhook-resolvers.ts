import { type Caller, callerName } from '../../shared/caller.ts';
import { type Page, readTimedPage, toConnection } from '../../shared/connection.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import type { MutationResolvers, Resolvers } from '../resolver-types.ts';
import { type CreateWebhookPorts, createWebhook, type TooManyWebhooks } from './create-webhook.ts';
import { type Delivery, type DeliveryStatus, shownDelivery } from './delivery.ts';
import { type ReplayDeadLettersPorts, replayDeadLetters } from './replay-dead-letters.ts';
import { type RotateWebhookSecretPorts, rotateWebhookSecret } from './rotate-webhook-secret.ts';
import { deleteWebhook, pauseWebhook, resumeWebhook, type SwitchWebhookPorts } from './switch-webhook.ts';
import { type UpdateWebhookPorts, updateWebhook } from './update-webhook.ts';
import { secretsInForce } from './webhook.ts';

/** What the resolvers of webhooks need. */
export interface WebhookResolverPorts
  extends CreateWebhookPorts,
    UpdateWebhookPorts,
    RotateWebhookSecretPorts,
    SwitchWebhookPorts,
    ReplayDeadLettersPorts {
  readonly deliveryPage: (
    webhookId: string,
    status: DeliveryStatus | null,
    page: Page,
  ) => Promise<readonly Delivery[]>;
  readonly deadPage: (webhookId: string, page: Page) => Promise<readonly Delivery[]>;
}

/** The calling merchant; `@access` lets nobody else in. */
function callingMerchant(caller: Caller): string {
  if (caller.kind !== 'MERCHANT') throw new Error(`a ${caller.kind} got past @access`);
  return caller.merchantId;
}

const answerTooManyWebhooks = ({ limit }: TooManyWebhooks) => ({
  __typename: 'TooManyWebhooks' as const,
  code: 'TOO_MANY_WEBHOOKS',
  message: `A merchant has ${limit} webhooks at most.`,
  limit,
});

const making = (ports: WebhookResolverPorts) =>
  ({
    createWebhook: async (_, { input }, { caller }) => {
      const outcome = await createWebhook(callerName(caller), callingMerchant(caller), input, ports);
      switch (outcome.kind) {
        case 'WebhookCreated':
          return { __typename: outcome.kind, webhook: outcome.webhook, secret: outcome.secret };
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
        case 'TooManyWebhooks':
          return answerTooManyWebhooks(outcome);
      }
    },
    updateWebhook: async (_, { input }, { caller }) => {
      const outcome = await updateWebhook(callingMerchant(caller), input, ports);
      switch (outcome.kind) {
        case 'WebhookUpdated':
          return { __typename: outcome.kind, webhook: outcome.webhook };
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
    rotateWebhookSecret: async (_, { input }, { caller }) => {
      const outcome = await rotateWebhookSecret(callerName(caller), callingMerchant(caller), input, ports);
      switch (outcome.kind) {
        case 'WebhookSecretRotated':
          return { __typename: outcome.kind, webhook: outcome.webhook, secret: outcome.secret };
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
  }) satisfies MutationResolvers;

const switching = (ports: WebhookResolverPorts) =>
  ({
    pauseWebhook: async (_, { input }, { caller }) => {
      const outcome = await pauseWebhook(callingMerchant(caller), input.webhookId, ports);
      switch (outcome.kind) {
        case 'WebhookPaused':
          return { __typename: outcome.kind, webhook: outcome.webhook };
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
    resumeWebhook: async (_, { input }, { caller }) => {
      const outcome = await resumeWebhook(callingMerchant(caller), input.webhookId, ports);
      switch (outcome.kind) {
        case 'WebhookResumed':
          return { __typename: outcome.kind, webhook: outcome.webhook };
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
    deleteWebhook: async (_, { input }, { caller }) => {
      const outcome = await deleteWebhook(callingMerchant(caller), input.webhookId, ports);
      switch (outcome.kind) {
        case 'WebhookDeleted':
          return { __typename: outcome.kind, webhook: outcome.webhook };
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
    replayDeadLetters: async (_, { input }, { caller }) => {
      const outcome = await replayDeadLetters(callingMerchant(caller), input, ports);
      switch (outcome.kind) {
        case 'DeadLettersReplayed':
          return { __typename: outcome.kind, webhook: outcome.webhook, count: outcome.count };
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
  }) satisfies MutationResolvers;

/** Resolvers of webhooks and their deliveries. */
export const webhookResolvers = (ports: WebhookResolverPorts) =>
  ({
    Mutation: { ...making(ports), ...switching(ports) },
    Merchant: {
      webhooks: ({ id }) => ports.webhooksOf(id),
    },
    Webhook: {
      secrets: ({ secrets }, _, { clock }) => secretsInForce(secrets, clock.now()),
      deliveries: async (webhook, { status, ...args }) => {
        const page = readTimedPage(args, 1);
        const rows = await ports.deliveryPage(webhook.id, status ?? null, page);
        const shown = rows.map((row) => shownDelivery(row, webhook));
        return toConnection(shown, page.first, (row) => [row.createdAt.toISOString(), row.id]);
      },
      deadLetters: async ({ id }, args) => {
        const page = readTimedPage(args, 1);
        const rows = await ports.deadPage(id, page);
        return toConnection(rows, page.first, (row) => [row.endedAt!.toISOString(), row.id]);
      },
    },
  }) satisfies Resolvers;
