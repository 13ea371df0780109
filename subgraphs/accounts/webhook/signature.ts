import { Webhook as StandardWebhook } from 'standardwebhooks';
import { secretsInForce, type WebhookSecret } from './webhook.ts';

/** What is signed: an event's id and the body as it is sent. */
export interface SignedMessage {
  readonly id: string;
  readonly body: string;
}

/**
 * The headers of Standard Webhooks: each secret in force signs `id.timestamp.body` with HMAC-SHA256, the newest first,
 * separated by spaces.
 */
export function signedHeaders(
  { id, body }: SignedMessage,
  secrets: readonly WebhookSecret[],
  now: Date,
): Record<string, string> {
  const signatures = secretsInForce(secrets, now).map(({ secret }) =>
    new StandardWebhook(secret).sign(id, now, body),
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': signatures.join(' '),
  };
}
