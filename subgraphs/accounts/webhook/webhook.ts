import {
  caseEventTypes,
  consentChanged,
  memberErased,
  memberNotice,
  memberRegistered,
  pointsExpiring,
  pointsPosted,
  programmePublished,
} from '../event-types.ts';
import { foreignEventTypes } from '../foreign-event-types.ts';

/** Types of events that accounts itself tells and a webhook can be told. */
export const ownEventTypes: readonly string[] = [
  memberRegistered,
  memberErased,
  consentChanged,
  pointsExpiring,
  pointsPosted,
  programmePublished,
  memberNotice,
  ...new Set(Object.values(caseEventTypes)),
];

/** Types of events that a webhook can be told. */
export const webhookEventTypes: readonly string[] = [...ownEventTypes, ...foreignEventTypes];

/** Whether a webhook is sent to. */
export type WebhookStatus = 'ACTIVE' | 'PAUSED' | 'DELETED';

/** Why a webhook rests: its merchant wished so; its endpoint answered 410 Gone; its endpoint failed for long. */
export type PauseReason = 'REQUESTED' | 'GONE' | 'FAILING';

/** A key that signs what is sent, `whsec_` and base64. Kept readable, for it has to sign; shown once. */
export interface WebhookSecret {
  readonly secret: string;
  readonly createdAt: Date;
  /** When it stops signing; null for the one that took its place or that nothing has. */
  readonly expiresAt: Date | null;
}

/** Where a merchant wants to be told of events. */
export interface Webhook {
  readonly id: string;
  readonly merchantId: string;
  /** 1 to `mostWebhooks`, unique among the merchant's; null once deleted. */
  readonly number: number | null;
  readonly url: string;
  readonly description: string | null;
  /** The types it is told; empty for all. */
  readonly eventTypes: readonly string[];
  readonly status: WebhookStatus;
  readonly pauseReason: PauseReason | null;
  readonly pausedAt: Date | null;
  readonly createdAt: Date;
  /** The oldest first. */
  readonly secrets: readonly WebhookSecret[];
  /**
   * When the first attempt failed of those since the last that did not; null if the last did not, or once all was given up and
   * there was nothing left to try.
   */
  readonly failingSince: Date | null;
  /** Deliveries given up since the last success. */
  readonly deadInARow: number;
}

/** Most webhooks of one merchant. */
export const mostWebhooks = 20;

const hour = 3_600_000;

/** How long the secret before signs beside a new one. */
export const overlapMs = 24 * hour;

/** An endpoint that failed for so long, without one success, is paused. */
export const failingLimitMs = 5 * 24 * hour;

/** An endpoint with so many deliveries given up, without one success, is paused. */
export const deadLimit = 20;

/** A new secret: 32 random bytes. */
export const newSecret = (random: (size: number) => Uint8Array, now: Date): WebhookSecret => ({
  secret: `whsec_${Buffer.from(random(32)).toString('base64')}`,
  createdAt: now,
  expiresAt: null,
});

/** The secrets that sign at an instant, the newest first. */
export const secretsInForce = (secrets: readonly WebhookSecret[], now: Date): WebhookSecret[] =>
  secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now).reverse();

/**
 * The secrets after a rotation: the new one, and the one before for the overlap. Any earlier one stops signing at once, so
 * two rotations end a secret that got out.
 */
export function rotateSecrets(
  secrets: readonly WebhookSecret[],
  next: WebhookSecret,
  now: Date,
): WebhookSecret[] {
  const before = secrets.filter(({ expiresAt }) => expiresAt === null);
  const expiresAt = new Date(now.getTime() + overlapMs);
  return [...before.map((secret) => ({ ...secret, expiresAt })), next];
}

/** Whether a webhook is told events of a type. */
export const wants = (webhook: Webhook, eventType: string): boolean =>
  webhook.eventTypes.length === 0 || webhook.eventTypes.includes(eventType);
