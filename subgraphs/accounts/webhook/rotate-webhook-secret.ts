import type { Clock, NewId } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  type NotFound,
  notFound,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { newSecret, rotateSecrets, type Webhook, type WebhookSecret } from './webhook.ts';

/** What a merchant sends for a new secret. */
export interface RotateWebhookSecretInput {
  readonly idempotencyKey: string;
  readonly webhookId: string;
}

/** That a webhook's secret was rotated, and by which request. */
export interface Rotation {
  readonly id: string;
  readonly webhookId: string;
  readonly at: Date;
  readonly request: RequestRecord;
}

/** What rotating a secret needs. */
export interface RotateWebhookSecretPorts {
  readonly rotationByRequest: (caller: string, idempotencyKey: string) => Promise<Rotation | null>;
  /** A merchant's webhook unless it was deleted; null if there is none. */
  readonly webhookOf: (merchantId: string, webhookId: string) => Promise<Webhook | null>;
  /** Throws Taken on `rotations_request`. */
  readonly insertRotation: (rotation: Rotation) => Promise<void>;
  readonly setSecrets: (webhookId: string, secrets: readonly WebhookSecret[]) => Promise<void>;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: (size: number) => Uint8Array;
}

/** What came of it. The secret is null when the same request had been carried out before. */
export type RotateWebhookSecretOutcome =
  | { readonly kind: 'WebhookSecretRotated'; readonly webhook: Webhook; readonly secret: string | null }
  | InvalidInput
  | IdempotencyConflict
  | NotFound<'WEBHOOK'>;

/** Gives a webhook a new secret; the one before signs beside it for the overlap. Shown in the first answer only. */
export async function rotateWebhookSecret(
  caller: string,
  merchantId: string,
  input: RotateWebhookSecretInput,
  ports: RotateWebhookSecretPorts,
): Promise<RotateWebhookSecretOutcome> {
  const fault = checkKey(input.idempotencyKey);
  if (fault) return fault;
  const request = requestOf(caller, input);
  const before = await ports.rotationByRequest(caller, input.idempotencyKey);
  if (before && before.request.inputHash !== request.inputHash)
    return idempotencyConflict(input.idempotencyKey);
  try {
    return await ports.inTransaction(async () => {
      const webhook = await ports.webhookOf(merchantId, input.webhookId);
      if (!webhook) return notFound('WEBHOOK', input.webhookId);
      if (before) return { kind: 'WebhookSecretRotated', webhook, secret: null };
      const at = ports.clock.now();
      const next = newSecret(ports.random, at);
      const secrets = rotateSecrets(webhook.secrets, next, at);
      await ports.insertRotation({ id: ports.newId('whr'), webhookId: webhook.id, at, request });
      await ports.setSecrets(webhook.id, secrets);
      return { kind: 'WebhookSecretRotated', webhook: { ...webhook, secrets }, secret: next.secret };
    });
  } catch (error) {
    if (!isTaken(error, 'rotations_request')) throw error;
    return rotateWebhookSecret(caller, merchantId, input, ports);
  }
}
