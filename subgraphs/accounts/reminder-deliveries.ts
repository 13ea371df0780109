import { type Clock, idAt } from '../shared/ids.ts';
import type { LedgerResolverPorts } from './ledger/ledger-resolvers.ts';
import { partEventId } from './ledger/reminder-event.ts';
import type { Stores } from './stores.ts';
import { deliveryId, shownDelivery } from './webhook/delivery.ts';
import { readUnreached } from './webhook/read-unreached.ts';

/** How what is told of a reminder went to webhooks. */
export const deliveriesOf =
  ({ webhooks, deliveries }: Stores): LedgerResolverPorts['deliveriesOf'] =>
  async (reminderId, merchantIds) => {
    const live = merchantIds.length > 0 ? await webhooks.live(merchantIds) : [];
    const ids = live.flatMap(({ id, merchantId }) =>
      [reminderId, partEventId(reminderId, merchantId)].map((told) => deliveryId(id, idAt(merchantId, told))),
    );
    const found = await deliveries.byIds(ids);
    return found.map((delivery) =>
      shownDelivery(delivery, live.find(({ id }) => id === delivery.webhookId)!),
    );
  };

/** Which reminders webhooks took, and which none did. */
export const reachesOf = (
  { reaches, deliveries, webhooks }: Stores,
  clock: Clock,
): LedgerResolverPorts['reaches'] => ({
  reachedAt: reaches.reachedAt,
  unreached: (programme, page) =>
    readUnreached(programme, page, {
      unreached: reaches.unreached,
      deliveriesByIds: deliveries.byIds,
      liveWebhooks: () => webhooks.live(null),
      clock,
    }),
});
