import { backoffMs } from '../../shared/events/backoff.ts';
import type { Webhook } from './webhook.ts';

/** How far a delivery has come: still to be sent, taken by the endpoint, or given up. */
export type DeliveryStatus = 'PENDING' | 'DELIVERED' | 'DEAD';

/** One attempt to send. */
export interface Attempt {
  readonly at: Date;
  readonly durationMs: number;
  /** The HTTP status that was answered; null if nothing was. */
  readonly responseStatus: number | null;
  /** Why nothing was answered; null if something was. */
  readonly error: string | null;
}

/** One event on its way to one webhook. */
export interface Delivery {
  /** Follows from webhook and event, so that an event that comes twice is one delivery. */
  readonly id: string;
  readonly webhookId: string;
  readonly merchantId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** The member that the body tells of; null if it tells of none. */
  readonly memberId: string | null;
  /** The reminder that the body tells of; null if it tells of none. */
  readonly reminderId: string | null;
  readonly partition: string;
  readonly sequence: number;
  /** What is sent, byte for byte the same at each attempt; null once only the record of its attempts is kept. */
  readonly body: string | null;
  readonly createdAt: Date;
  readonly status: DeliveryStatus;
  /** The latest ones, the oldest first. */
  readonly attempts: readonly Attempt[];
  /** Failed attempts since it was made or revived. */
  readonly failures: number;
  /** When the first of them failed; later by any time in which nobody sent, for that is no failing of the endpoint. */
  readonly firstFailedAt: Date | null;
  /** Null once it is not pending. */
  readonly nextAttemptAt: Date | null;
  /** When it was delivered or given up. */
  readonly endedAt: Date | null;
}

/** A delivery that is still to be sent: nothing of it has been dropped. */
export interface WaitingDelivery extends Delivery {
  readonly body: string;
}

/** The id of an event's delivery to a webhook. */
export const deliveryId = (webhookId: string, eventId: string): string => `${webhookId}.${eventId}`;

const second = 1_000;
const hour = 3_600 * second;

/** Waits double from 5 seconds to at most 12 hours, each with full jitter. */
export const retryTerms = { firstMs: 5 * second, longestMs: 12 * hour };

/** Given up by the first attempt that fails so long after the first one that did. */
export const giveUpAfterMs = 72 * hour;

/** How many attempts of a delivery are kept; more are not made before it is given up. */
export const mostAttemptsKept = 50;

/** A delivery as it is shown: of a webhook that is sent nothing, nobody knows when it is sent next. */
export const shownDelivery = (delivery: Delivery, { status }: Pick<Webhook, 'status'>): Delivery =>
  status === 'ACTIVE' ? delivery : { ...delivery, nextAttemptAt: null };

/** The endpoint took it. */
export const isSuccess = ({ responseStatus }: Attempt): boolean =>
  responseStatus !== null && responseStatus >= 200 && responseStatus < 300;

/** The endpoint wants nothing any more. */
export const isGone = ({ responseStatus }: Attempt): boolean => responseStatus === 410;

/** What an attempt makes of a delivery. */
export type DeliveryChange = Pick<
  Delivery,
  'status' | 'failures' | 'firstFailedAt' | 'nextAttemptAt' | 'endedAt'
>;

/**
 * For how long nobody sent what was due, beyond the longest wait between two attempts: senders were down, or busy with
 * others. A shorter wait is an endpoint's own, which rests or has much to take.
 */
export const silenceMs = ({ nextAttemptAt }: Delivery, { at }: Attempt): number =>
  nextAttemptAt ? Math.max(0, at.getTime() - nextAttemptAt.getTime() - retryTerms.longestMs) : 0;

/** Decides after an attempt that ended at `now`. It is not sent again before an instant that the endpoint asked for. */
export function decideAfter(
  delivery: Delivery,
  attempt: Attempt,
  now: Date,
  random: () => number,
  notBefore: Date | null = null,
): DeliveryChange {
  const { failures, firstFailedAt } = delivery;
  if (isSuccess(attempt))
    return { status: 'DELIVERED', failures, firstFailedAt, nextAttemptAt: null, endedAt: now };
  const failed = {
    failures: failures + 1,
    firstFailedAt: firstFailedAt ? new Date(firstFailedAt.getTime() + silenceMs(delivery, attempt)) : now,
  };
  // Not the delivery's fault: the webhook is paused, and resumed it is sent at once.
  if (isGone(attempt)) return { status: 'PENDING', ...failed, nextAttemptAt: now, endedAt: null };
  const over =
    now.getTime() - failed.firstFailedAt.getTime() >= giveUpAfterMs || failed.failures >= mostAttemptsKept;
  if (over) return { status: 'DEAD', ...failed, nextAttemptAt: null, endedAt: now };
  const wait = Math.max(second, backoffMs(failed.failures, retryTerms, random));
  const nextAttemptAt = new Date(Math.max(now.getTime() + wait, notBefore?.getTime() ?? 0));
  return { status: 'PENDING', ...failed, nextAttemptAt, endedAt: null };
}
