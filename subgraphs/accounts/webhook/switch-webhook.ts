import type { Clock } from '../../shared/ids.ts';
import { type NotFound, notFound } from '../../shared/refusal.ts';
import type { Webhook } from './webhook.ts';

/** What pausing, resuming and deleting a webhook need. Each gives null if the merchant has no such webhook. */
export interface SwitchWebhookPorts {
  readonly webhookOf: (merchantId: string, webhookId: string) => Promise<Webhook | null>;
  /** Lets what waits for a webhook be sent at once and as if it had never failed. */
  readonly sendAfresh: (webhookId: string, at: Date) => Promise<void>;
  readonly pauseWebhook: (merchantId: string, webhookId: string, at: Date) => Promise<Webhook | null>;
  readonly resumeWebhook: (merchantId: string, webhookId: string) => Promise<Webhook | null>;
  readonly deleteWebhook: (merchantId: string, webhookId: string) => Promise<Webhook | null>;
  readonly clock: Clock;
}

type Switched<Kind extends string> = { readonly kind: Kind; readonly webhook: Webhook } | NotFound<'WEBHOOK'>;

/** Stops sending; events are kept until it is resumed. Again changes nothing. */
export async function pauseWebhook(
  merchantId: string,
  webhookId: string,
  ports: SwitchWebhookPorts,
): Promise<Switched<'WebhookPaused'>> {
  const webhook = await ports.pauseWebhook(merchantId, webhookId, ports.clock.now());
  return webhook ? { kind: 'WebhookPaused', webhook } : notFound('WEBHOOK', webhookId);
}

/**
 * Sends again, at once and beginning with what was kept; failures from before no longer count, the webhook's or its events'. Its
 * events are seen to first: whoever dies in between has resumed nothing, and it is done again.
 */
export async function resumeWebhook(
  merchantId: string,
  webhookId: string,
  ports: SwitchWebhookPorts,
): Promise<Switched<'WebhookResumed'>> {
  const before = await ports.webhookOf(merchantId, webhookId);
  if (before?.status === 'PAUSED') await ports.sendAfresh(webhookId, ports.clock.now());
  const webhook = await ports.resumeWebhook(merchantId, webhookId);
  return webhook ? { kind: 'WebhookResumed', webhook } : notFound('WEBHOOK', webhookId);
}

/** Deletes a webhook for good, with its secrets and what waited to be sent. */
export async function deleteWebhook(
  merchantId: string,
  webhookId: string,
  ports: SwitchWebhookPorts,
): Promise<Switched<'WebhookDeleted'>> {
  const webhook = await ports.deleteWebhook(merchantId, webhookId);
  return webhook ? { kind: 'WebhookDeleted', webhook } : notFound('WEBHOOK', webhookId);
}
