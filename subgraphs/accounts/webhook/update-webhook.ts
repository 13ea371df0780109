import { type InvalidInput, invalidInput, type NotFound, notFound } from '../../shared/refusal.ts';
import type { Webhook } from './webhook.ts';
import { type CheckWebhookPorts, checkWebhook, type WebhookInput } from './webhook-input.ts';

/** What a merchant sends to change a webhook: what is left out stays. */
export interface UpdateWebhookInput extends WebhookInput {
  readonly webhookId: string;
}

/** What changes of a webhook. */
export type WebhookChange = Partial<Pick<Webhook, 'url' | 'description' | 'eventTypes'>>;

/** What changing a webhook needs. */
export interface UpdateWebhookPorts extends CheckWebhookPorts {
  /** Null if the merchant has no such webhook. */
  readonly changeWebhook: (
    merchantId: string,
    webhookId: string,
    change: WebhookChange,
  ) => Promise<Webhook | null>;
}

/** What came of it. */
export type UpdateWebhookOutcome =
  | { readonly kind: 'WebhookUpdated'; readonly webhook: Webhook }
  | InvalidInput
  | NotFound<'WEBHOOK'>;

/** Changes a webhook. What is waiting to be sent goes to the new address. */
export async function updateWebhook(
  merchantId: string,
  input: UpdateWebhookInput,
  ports: UpdateWebhookPorts,
): Promise<UpdateWebhookOutcome> {
  const { webhookId, url, description, eventTypes } = input;
  if (url === null) return invalidInput('input.url', 'left out or a URL');
  const fault = await checkWebhook(input, ports);
  if (fault) return fault;
  const webhook = await ports.changeWebhook(merchantId, webhookId, {
    ...(url !== undefined ? { url: new URL(url).href } : {}),
    ...(description !== undefined ? { description } : {}),
    ...(eventTypes !== undefined ? { eventTypes: [...new Set(eventTypes ?? [])] } : {}),
  });
  return webhook ? { kind: 'WebhookUpdated', webhook } : notFound('WEBHOOK', webhookId);
}
