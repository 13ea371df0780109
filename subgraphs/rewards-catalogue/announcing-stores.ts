import { type AnnouncePorts, announce } from '../shared/events/announce.ts';
import type { Clock, NewId } from '../shared/ids.ts';
import type { CataloguePorts } from './ports.ts';
import type { Step } from './redemption/redemption.ts';
import { redemptionEvent } from './redemption/redemption-event.ts';
import { rewardPublishedEvent } from './reward/reward-event.ts';
import { voucherConsumedEvent, voucherIssuedEvent } from './voucher/voucher-event.ts';

type Stores = Pick<CataloguePorts, 'rewards' | 'redemptions' | 'vouchers'>;

/** What telling of writes needs. */
export interface CatalogueAnnouncing extends AnnouncePorts {
  readonly clock: Clock;
  readonly newId: NewId;
}

/** The steps whose transactions end a redemption, if they end it. The others refuse before anything was reserved. */
const ending: ReadonlySet<Step> = new Set(['CAPTURE', 'UNDO', 'RETURN']);

/**
 * The stores, telling of what they write in the transaction of the write, so that no use case can write one and forget the
 * other. A redemption that is refused before anything was reserved is told to nobody but who asked.
 */
export function announcingStores(
  { rewards, redemptions, vouchers }: Stores,
  ports: CatalogueAnnouncing,
): Stores {
  const { addEvents, clock, newId } = ports;
  return {
    rewards: {
      ...rewards,
      publish: (id) =>
        announce(
          ports,
          () => rewards.publish(id),
          (reward) => [rewardPublishedEvent(newId('evt'), reward, clock.now())],
        ),
    },
    redemptions: {
      ...redemptions,
      move: async (id, from, changes) => {
        const moved = await redemptions.move(id, from, changes);
        const ends = moved !== null && ending.has(from);
        const event = ends ? redemptionEvent(newId('evt'), moved, clock.now()) : null;
        if (event) await addEvents([event]);
        return moved;
      },
    },
    vouchers: {
      ...vouchers,
      activate: async (redemptionId) => {
        const voucher = await vouchers.activate(redemptionId);
        if (voucher) await addEvents([voucherIssuedEvent(newId('evt'), voucher)]);
        return voucher;
      },
      consume: (id, consumption) =>
        announce(
          ports,
          () => vouchers.consume(id, consumption),
          (voucher) => [voucherConsumedEvent(newId('evt'), voucher)],
        ),
    },
  };
}
