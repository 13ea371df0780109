import type { Clock } from '../../shared/ids.ts';
import { type InvalidInput, invalidInput, type NotFound, notFound } from '../../shared/refusal.ts';
import type { Webhook } from './webhook.ts';

/** What a merchant sends to have dead letters sent again. */
export interface ReplayDeadLettersInput {
  readonly webhookId: string;
  /** All of the webhook's if left out. */
  readonly deliveryIds?: readonly string[] | null | undefined;
}

/** A delivery of a webhook, and whether it was given up so long ago that only its attempts are on record. */
export interface KnownDelivery {
  readonly id: string;
  readonly isTooOld: boolean;
}

/** What it needs. */
export interface ReplayDeadLettersPorts {
  readonly webhookOf: (merchantId: string, webhookId: string) => Promise<Webhook | null>;
  /** Which of these are deliveries of the webhook. */
  readonly knownDeliveries: (webhookId: string, ids: readonly string[]) => Promise<readonly KnownDelivery[]>;
  /** Makes those of the dead letters pending again; gives how many were. */
  readonly revive: (webhookId: string, ids: readonly string[] | null, at: Date) => Promise<number>;
  readonly clock: Clock;
}

/** What came of it. */
export type ReplayDeadLettersOutcome =
  | { readonly kind: 'DeadLettersReplayed'; readonly webhook: Webhook; readonly count: number }
  | InvalidInput
  | NotFound<'WEBHOOK' | 'DELIVERY'>;

const mostIds = 100;

/** Sends dead letters again, in their order, as if for the first time. One that is not dead any more is left alone. */
export async function replayDeadLetters(
  merchantId: string,
  { webhookId, deliveryIds = null }: ReplayDeadLettersInput,
  ports: ReplayDeadLettersPorts,
): Promise<ReplayDeadLettersOutcome> {
  if (deliveryIds && (deliveryIds.length === 0 || deliveryIds.length > mostIds))
    return invalidInput('input.deliveryIds', `left out or 1 to ${mostIds} ids`);
  const webhook = await ports.webhookOf(merchantId, webhookId);
  if (!webhook) return notFound('WEBHOOK', webhookId);
  if (deliveryIds) {
    const known = await ports.knownDeliveries(webhookId, deliveryIds);
    const unknown = deliveryIds.find((id) => !known.some((one) => one.id === id));
    if (unknown !== undefined) return notFound('DELIVERY', unknown);
    const old = known.find(({ isTooOld }) => isTooOld);
    if (old)
      return invalidInput(
        'input.deliveryIds',
        `deliveries given up within 30 days; ${old.id} was before, and its text is gone`,
      );
  }
  const count = await ports.revive(webhookId, deliveryIds, ports.clock.now());
  return { kind: 'DeadLettersReplayed', webhook, count };
}
