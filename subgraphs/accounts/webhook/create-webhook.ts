import type { Clock, NewId } from '../../shared/ids.ts';
import { type IdempotencyConflict, type InvalidInput, idempotencyConflict } from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { mostWebhooks, newSecret, type Webhook } from './webhook.ts';
import { type CheckWebhookPorts, checkWebhook } from './webhook-input.ts';

/** What a merchant sends to have a webhook. */
export interface CreateWebhookInput {
  readonly idempotencyKey: string;
  readonly url: string;
  readonly description?: string | null | undefined;
  readonly eventTypes?: readonly string[] | null | undefined;
}

/** A webhook with the request that made it. */
export interface CreatedWebhook {
  readonly webhook: Webhook;
  readonly request: RequestRecord;
}

/** What making a webhook needs. */
export interface CreateWebhookPorts extends CheckWebhookPorts {
  readonly webhookByRequest: (caller: string, idempotencyKey: string) => Promise<CreatedWebhook | null>;
  readonly webhooksOf: (merchantId: string) => Promise<readonly Webhook[]>;
  /** Throws Taken on `webhooks_request` or `webhooks_number`. */
  readonly insertWebhook: (created: CreatedWebhook) => Promise<void>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: (size: number) => Uint8Array;
}

/** The merchant has as many webhooks as it may. */
export interface TooManyWebhooks {
  readonly kind: 'TooManyWebhooks';
  readonly limit: number;
}

/** What came of it. The secret is null when the same request had been carried out before. */
export type CreateWebhookOutcome =
  | { readonly kind: 'WebhookCreated'; readonly webhook: Webhook; readonly secret: string | null }
  | InvalidInput
  | IdempotencyConflict
  | TooManyWebhooks;

function firstFree(webhooks: readonly Webhook[]): number | null {
  const taken = new Set(webhooks.map((webhook) => webhook.number));
  for (let number = 1; number <= mostWebhooks; number++) if (!taken.has(number)) return number;
  return null;
}

/** Makes a webhook of a merchant. Its secret is in the first answer only. */
export async function createWebhook(
  caller: string,
  merchantId: string,
  input: CreateWebhookInput,
  ports: CreateWebhookPorts,
): Promise<CreateWebhookOutcome> {
  const request = requestOf(caller, input);
  const before = await ports.webhookByRequest(caller, input.idempotencyKey);
  if (before?.request.inputHash === request.inputHash)
    return { kind: 'WebhookCreated', webhook: before.webhook, secret: null };
  const fault = checkKey(input.idempotencyKey) ?? (await checkWebhook(input, ports));
  if (fault) return fault;
  if (before) return idempotencyConflict(input.idempotencyKey);
  const number = firstFree(await ports.webhooksOf(merchantId));
  if (number === null) return { kind: 'TooManyWebhooks', limit: mostWebhooks };
  const now = ports.clock.now();
  const secret = newSecret(ports.random, now);
  const webhook: Webhook = {
    id: ports.newId('whk'),
    merchantId,
    number,
    url: new URL(input.url).href,
    description: input.description ?? null,
    eventTypes: [...new Set(input.eventTypes ?? [])],
    status: 'ACTIVE',
    pauseReason: null,
    pausedAt: null,
    createdAt: now,
    secrets: [secret],
    failingSince: null,
    deadInARow: 0,
  };
  try {
    await ports.insertWebhook({ webhook, request });
    return { kind: 'WebhookCreated', webhook, secret: secret.secret };
  } catch (error) {
    if (!isTaken(error, 'webhooks_request') && !isTaken(error, 'webhooks_number')) throw error;
    return createWebhook(caller, merchantId, input, ports);
  }
}
