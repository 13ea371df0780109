import { randomUUID } from 'node:crypto';
import type { Caller } from '../../subgraphs/shared/caller.ts';
import type { OpenedMerchant, TestAccounts } from './accounts.ts';
import type { SubgraphClient } from './subgraph-client.ts';

const webhook = `webhook {
  id url description eventTypes status pauseReason pausedAt failingSince secrets { createdAt expiresAt } }`;

const refusals = `... on Refusal { code message }
  ... on InvalidInput { field expected }
  ... on NotFound { what id }
  ... on TooManyWebhooks { limit }`;

const operations = {
  createWebhook: ['CreateWebhookInput', `... on WebhookCreated { secret ${webhook} }`],
  updateWebhook: ['UpdateWebhookInput', `... on WebhookUpdated { ${webhook} }`],
  rotateWebhookSecret: ['RotateWebhookSecretInput', `... on WebhookSecretRotated { secret ${webhook} }`],
  pauseWebhook: ['WebhookSelector', `... on WebhookPaused { ${webhook} }`],
  resumeWebhook: ['WebhookSelector', `... on WebhookResumed { ${webhook} }`],
  deleteWebhook: ['WebhookSelector', `... on WebhookDeleted { ${webhook} }`],
  replayDeadLetters: ['ReplayDeadLettersInput', `... on DeadLettersReplayed { count ${webhook} }`],
} as const;

/** Names of the mutations of webhooks. */
export type WebhookMutation = keyof typeof operations;

/** The names, in the order of the schema. */
export const webhookMutations = Object.keys(operations) as readonly WebhookMutation[];

/** A mutation of webhooks as it is sent, with what each result can say. */
export function webhookOperation(name: WebhookMutation): string {
  const [inputType, success] = operations[name];
  // Only what the union has may be asked of it, so each refusal is asked for by its interface where it is not sure.
  const detail = refusals
    .split('\n')
    .filter((line) => !line.includes('TooManyWebhooks') || name === 'createWebhook')
    .filter((line) => !line.includes('NotFound') || name !== 'createWebhook')
    .filter((line) => !line.includes('InvalidInput') || inputType !== 'WebhookSelector')
    .join('\n');
  return `mutation ($input: ${inputType}!) { ${name}(input: $input) { __typename ${success} ${detail} } }`;
}

/** A webhook as a test reads it. */
export interface WebhookAnswer {
  readonly __typename: string;
  readonly code?: string;
  readonly field?: string;
  readonly secret?: string | null;
  readonly count?: number;
  readonly webhook: {
    readonly id: string;
    readonly url: string;
    readonly description: string | null;
    readonly eventTypes: readonly string[];
    readonly status: string;
    readonly pauseReason: string | null;
    readonly pausedAt: string | null;
    readonly failingSince: string | null;
    readonly secrets: readonly { createdAt: string; expiresAt: string | null }[];
  };
}

/** Sends a mutation of webhooks and gives its result. */
export async function webhookMutation(
  accounts: SubgraphClient,
  caller: Caller,
  name: WebhookMutation,
  input: object,
): Promise<WebhookAnswer> {
  const data = await accounts.send<Record<string, WebhookAnswer>>(caller, webhookOperation(name), { input });
  return data[name]!;
}

/** Makes a webhook of a merchant; gives its id and secret. */
export async function createWebhook(
  accounts: SubgraphClient,
  merchant: OpenedMerchant,
  url: string,
  changes: object = {},
): Promise<{ id: string; secret: string }> {
  const input = { idempotencyKey: randomUUID(), url, ...changes };
  const made = await webhookMutation(accounts, merchant.caller, 'createWebhook', input);
  if (made.__typename !== 'WebhookCreated') throw new Error(JSON.stringify(made));
  return { id: made.webhook.id, secret: made.secret! };
}

/** A delivery as a test reads it. */
export interface DeliveryAnswer {
  readonly id: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly status: string;
  readonly nextAttemptAt: string | null;
  readonly attempts: readonly {
    at: string;
    durationMs: number;
    responseStatus: number | null;
    error: string | null;
  }[];
}

const page = `{
  edges { node { id eventId eventType status nextAttemptAt attempts { at durationMs responseStatus error } } }
  pageInfo { hasNextPage endCursor } }`;

type Page = { edges: { node: DeliveryAnswer }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };

/** Each webhook of a merchant with its state, deliveries (newest first) and dead letters. */
export async function webhooksOf(accounts: TestAccounts, merchant: OpenedMerchant, caller = merchant.caller) {
  const query = `query ($id: ID!) { merchant(id: $id) { webhooks {
    id status pauseReason failingSince deliveries(first: 100) ${page} deadLetters(first: 100) ${page} } } }`;
  type Found = {
    merchant: { webhooks: (WebhookAnswer['webhook'] & { deliveries: Page; deadLetters: Page })[] };
  };
  const { merchant: found } = await accounts.send<Found>(caller, query, { id: merchant.id });
  const nodes = ({ edges }: Page) => edges.map(({ node }) => node);
  return found.webhooks.map((one) => ({
    ...one,
    deliveries: nodes(one.deliveries),
    deadLetters: nodes(one.deadLetters),
  }));
}
