import { inLanes } from '../../shared/events/lanes.ts';
import type { Clock } from '../../shared/ids.ts';
import {
  type Attempt,
  type Delivery,
  type DeliveryChange,
  decideAfter,
  isGone,
  isSuccess,
  silenceMs,
  type WaitingDelivery,
} from './delivery.ts';
import { readRetryAfter } from './retry-after.ts';
import { signedHeaders } from './signature.ts';
import type { Webhook } from './webhook.ts';

/** What a request to an endpoint came to: the status it answered, or why it answered nothing. */
export interface Answer extends Pick<Attempt, 'responseStatus' | 'error'> {
  /** The `Retry-After` that it answered, as it stands there. */
  readonly retryAfter: string | null;
}

/** What sending to a webhook needs. */
export interface SendPorts {
  readonly claim: (id: string, owner: string, now: Date, until: Date) => Promise<boolean>;
  /** The webhook if the sender still has it until an instant and it may be sent to. */
  readonly claimed: (id: string, owner: string, until: Date) => Promise<Webhook | null>;
  readonly release: (id: string, owner: string, restUntil: Date | null) => Promise<void>;
  readonly noteSuccess: (id: string) => Promise<void>;
  readonly noteFailure: (id: string, at: Date, isDead: boolean, isAfresh: boolean) => Promise<void>;
  /** Whether anything waits to be sent to a webhook, due or not. */
  readonly hasPending: (webhookId: string) => Promise<boolean>;
  /** Ends a time of failures though nothing was taken. */
  readonly noteQuiet: (id: string) => Promise<void>;
  readonly pauseGone: (id: string, at: Date) => Promise<boolean>;
  readonly pauseFailing: (id: string, at: Date) => Promise<boolean>;
  readonly duePartitions: (webhookId: string, beyond: string, now: Date) => Promise<readonly string[]>;
  readonly head: (webhookId: string, partition: string) => Promise<WaitingDelivery | null>;
  readonly postpone: (webhookId: string, partition: string, until: Date) => Promise<void>;
  /** Keeps when a reminder was first taken by an endpoint. */
  readonly noteReached: (reminderId: string, at: Date) => Promise<void>;
  readonly record: (delivery: Delivery, attempt: Attempt, change: DeliveryChange) => Promise<boolean>;
  /** Never rejects. */
  readonly post: (url: string, headers: Record<string, string>, body: string) => Promise<Answer>;
  readonly clock: Clock;
  /** 0 to below 1. */
  readonly random: () => number;
}

const leaseMs = 60_000;
/** Longer than a request may take, so that nothing is sent by one that has lost its webhook meanwhile. */
const marginMs = 15_000;
const restMs = 60_000;
const failuresBeforeRest = 5;
const partitionsAtOnce = 4;
/** An endpoint that took longer to answer the last time is slow. */
const slowMs = 2_000;

/** Who sends to a webhook, and for how long at a stretch. */
export interface TurnTerms {
  readonly owner: string;
  readonly turnMs: number;
  readonly isStopping: () => boolean;
}

/** What one turn of a webhook came to. */
export interface EndedTurn {
  /** Attempts that were made. */
  readonly sent: number;
  /** Its time was up; there may be more to send. */
  readonly isCut: boolean;
  readonly isSlow: boolean;
}

/** One webhook's turn: who has it, and whether it goes on. */
interface Turn extends TurnTerms {
  readonly webhookId: string;
  /** When it began. What falls due later waits for the next turn. */
  readonly now: Date;
  failures: number;
  /** Until when the endpoint asked to be left alone. */
  restUntil: Date | null;
  halted: boolean;
  /** Requests that were begun. */
  begun: number;
  sent: number;
  taken: number;
  isCut: boolean;
  isSlow: boolean;
}

/** Whether nothing more is to be begun in a turn. */
function isOver(turn: Turn, { clock }: SendPorts): boolean {
  if (turn.halted || turn.isStopping()) return true;
  // Something is sent in each turn, however slow all the rest is.
  turn.isCut ||= turn.begun > 0 && clock.now().getTime() >= turn.now.getTime() + turn.turnMs;
  return turn.isCut;
}

async function send(
  webhook: Webhook,
  head: WaitingDelivery,
  turn: Turn,
  ports: SendPorts,
): Promise<DeliveryChange | null> {
  const at = ports.clock.now();
  const { eventId: id, body } = head;
  turn.begun += 1;
  const answer = await ports.post(webhook.url, signedHeaders({ id, body }, webhook.secrets, at), body);
  // Broken off by our own end: not the endpoint's failure, and it is sent again.
  if (answer.responseStatus === null && turn.isStopping()) return null;
  const now = ports.clock.now();
  const { retryAfter, ...came } = answer;
  const attempt = { at, durationMs: now.getTime() - at.getTime(), ...came };
  const notBefore = isSuccess(attempt) ? null : readRetryAfter(retryAfter, now);
  const change = decideAfter(head, attempt, now, ports.random, notBefore);
  // Before the delivery: once that is recorded it is not sent again, and nobody would note this any more.
  if (isSuccess(attempt) && head.reminderId !== null) await ports.noteReached(head.reminderId, now);
  if (!(await ports.record(head, attempt, change))) return null;
  if (notBefore) leaveAlone(turn, notBefore);
  turn.sent += 1;
  turn.isSlow = attempt.durationMs >= slowMs;
  await noteHealth(head, attempt, change, turn, ports);
  return change;
}

/** It is the endpoint that asks for a pause, not one delivery: nothing more is sent to it before. */
function leaveAlone(turn: Turn, until: Date): void {
  turn.halted = true;
  if (!turn.restUntil || turn.restUntil < until) turn.restUntil = until;
}

async function noteHealth(
  head: Delivery,
  attempt: Attempt,
  change: DeliveryChange,
  turn: Turn,
  ports: SendPorts,
): Promise<void> {
  const { webhookId } = turn;
  if (isSuccess(attempt)) {
    turn.failures = 0;
    turn.taken += 1;
    return ports.noteSuccess(webhookId);
  }
  const now = ports.clock.now();
  await ports.noteFailure(webhookId, now, change.status === 'DEAD', silenceMs(head, attempt) > 0);
  turn.failures += 1;
  if (isGone(attempt)) await ports.pauseGone(webhookId, now);
  const paused = isGone(attempt) || (await ports.pauseFailing(webhookId, now));
  // While nothing is tried nobody knows that it still fails: a silence must not count as days of failures.
  if (!paused && change.status === 'DEAD' && !(await ports.hasPending(webhookId)))
    await ports.noteQuiet(webhookId);
  if (paused || turn.failures >= failuresBeforeRest) turn.halted = true;
}

/** Sends one partition's deliveries, each only when the one before was taken or given up. */
async function sendPartition(partition: string, turn: Turn, ports: SendPorts): Promise<void> {
  const { webhookId, owner } = turn;
  for (;;) {
    if (isOver(turn, ports)) return;
    const head = await ports.head(webhookId, partition);
    if (!head?.nextAttemptAt) return;
    if (head.nextAttemptAt > turn.now) return ports.postpone(webhookId, partition, head.nextAttemptAt);
    const until = new Date(ports.clock.now().getTime() + marginMs);
    const webhook = await ports.claimed(webhookId, owner, until);
    if (!webhook) {
      turn.halted = true;
      return;
    }
    const change = await send(webhook, head, turn, ports);
    if (!change) return;
    if (change.nextAttemptAt) return ports.postpone(webhookId, partition, change.nextAttemptAt);
  }
}

/** Many failures one after another; or, of an endpoint too slow to fail so often in its time, as many as could be at once. */
const isTired = ({ failures, isCut, sent, taken }: Turn): boolean =>
  failures >= failuresBeforeRest || (isCut && taken === 0 && sent >= partitionsAtOnce);

/** Until when the webhook rests after a turn: as long as it asked for, or when it is tired a while at least. */
function restAfter(turn: Turn, now: Date): Date | null {
  const { restUntil } = turn;
  const tired = isTired(turn) ? new Date(now.getTime() + restMs) : null;
  if (!tired || !restUntil) return tired ?? restUntil;
  return new Date(Math.max(tired.getTime(), restUntil.getTime()));
}

/**
 * Sends what is due to a webhook, for a time, if no other sender has it. Any number of senders may do so: it is sent to by
 * one at a time, the one that claimed it.
 */
export async function sendDeliveries(
  webhookId: string,
  terms: TurnTerms,
  ports: SendPorts,
): Promise<EndedTurn> {
  const now = ports.clock.now();
  const turn: Turn = {
    ...{ webhookId, ...terms, now, failures: 0, restUntil: null },
    ...{ halted: false, begun: 0, sent: 0, taken: 0, isCut: false, isSlow: false },
  };
  const { owner } = terms;
  if (!(await ports.claim(webhookId, owner, now, new Date(now.getTime() + leaseMs)))) return turn;
  try {
    let beyond = '';
    while (!isOver(turn, ports)) {
      const partitions = await ports.duePartitions(webhookId, beyond, now);
      if (partitions.length === 0) break;
      await inLanes(partitions, partitionsAtOnce, (partition) => sendPartition(partition, turn, ports));
      beyond = partitions.at(-1)!;
    }
  } finally {
    await ports.release(webhookId, owner, restAfter(turn, ports.clock.now()));
  }
  return turn;
}
