import type { Page } from '../../shared/connection.ts';
import type { Clock } from '../../shared/ids.ts';
import type { Delivery } from './delivery.ts';
import { type Reach, type UnreachedQuery, type UnreachedReason, unreachedReason } from './reach.ts';
import type { Webhook } from './webhook.ts';

/** What reading which reminders reached nobody needs. */
export interface ReadUnreachedPorts {
  /** So many that no endpoint took, the soonest expiry first, after a place. */
  readonly unreached: (
    query: UnreachedQuery,
    limit: number,
    after: readonly string[] | null,
  ) => Promise<readonly Reach[]>;
  readonly deliveriesByIds: (ids: readonly string[]) => Promise<readonly Delivery[]>;
  /** All webhooks that were not deleted. */
  readonly liveWebhooks: () => Promise<readonly Webhook[]>;
  readonly clock: Clock;
}

/** A reminder that reached nobody. */
export interface Unreached {
  readonly reminderId: string;
  readonly expiresAt: Date;
  readonly reason: UnreachedReason;
}

/** Some of them, in their order. */
export interface UnreachedPage {
  readonly found: readonly Unreached[];
  readonly hasMore: boolean;
  /** After which place to go on; null if nothing was looked at. */
  readonly end: readonly string[] | null;
}

/** The place of a reminder in the order of their expiry. */
export const unreachedPlace = ({ expiresAt, reminderId }: Omit<Unreached, 'reason'>): readonly string[] => [
  expiresAt.toISOString(),
  reminderId,
];

const atOnce = 100;
/** However many are just under way to healthy endpoints, no more are looked at for one page. */
const mostLookedAt = 1_000;

/** Those of some reminders that reached nobody and are not just on their way. */
async function judge(
  reaches: readonly Reach[],
  webhooks: ReadonlyMap<string, Webhook>,
  { deliveriesByIds }: ReadUnreachedPorts,
): Promise<Unreached[]> {
  const ids = reaches.flatMap(({ deliveryIds }) => deliveryIds);
  const found = ids.length === 0 ? [] : await deliveriesByIds(ids);
  const byId = new Map(found.map((delivery) => [delivery.id, delivery]));
  return reaches.flatMap((reach) => {
    const kept = reach.deliveryIds.flatMap((id) => byId.get(id) ?? []);
    const reason = unreachedReason(reach, kept, webhooks);
    return reason === null ? [] : [{ reminderId: reach.reminderId, expiresAt: reach.expiresAt, reason }];
  });
}

/**
 * Reads which reminders reached nobody, of points that have not expired yet, the soonest expiry first. Where many are on
 * their way a page may have fewer than asked for, or none, and others still follow.
 */
export async function readUnreached(
  programme: string | null,
  { first, after }: Page,
  ports: ReadUnreachedPorts,
): Promise<UnreachedPage> {
  const query = { programme, expiresAfter: ports.clock.now() };
  const webhooks = new Map((await ports.liveWebhooks()).map((webhook) => [webhook.id, webhook]));
  const found: Unreached[] = [];
  let end = after;
  for (let looked = 0; looked < mostLookedAt; looked += atOnce) {
    const reaches = await ports.unreached(query, atOnce, end);
    found.push(...(await judge(reaches, webhooks, ports)));
    if (found.length > first) {
      const page = found.slice(0, first);
      return { found: page, hasMore: true, end: unreachedPlace(page.at(-1)!) };
    }
    const last = reaches.at(-1);
    end = last ? unreachedPlace(last) : end;
    if (reaches.length < atOnce) return { found, hasMore: false, end };
  }
  return { found, hasMore: true, end };
}
