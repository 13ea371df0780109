import { type AnnouncePorts, announce } from '../shared/events/announce.ts';
import type { Clock, NewId } from '../shared/ids.ts';
import { causeOpenedEvent } from './cause/cause-event.ts';
import type { Ports } from './context.ts';
import { donationMadeEvent } from './donation/donation-event.ts';
import { donationMatchedEvent, pledgeMadeEvent } from './matching/pledge-event.ts';

type Stores = Pick<Ports, 'causes' | 'pledges' | 'donations'>;

/** What telling of writes needs. */
export interface CharityAnnouncing extends AnnouncePorts {
  readonly clock: Clock;
  readonly newId: NewId;
}

/**
 * The stores, telling of what they write in the transaction of the write, so that no use case can write one and forget the
 * other. Donations and what matches them are confirmed in a transaction of their use case.
 */
export function announcingStores({ causes, pledges, donations }: Stores, ports: CharityAnnouncing): Stores {
  const { addEvents, clock, newId } = ports;
  const inserted = async (insert: () => Promise<boolean>) => ((await insert()) ? true : null);
  return {
    causes: {
      ...causes,
      insert: async (cause, request) =>
        (await announce(
          ports,
          () => inserted(() => causes.insert(cause, request)),
          () => [causeOpenedEvent(newId('evt'), cause)],
        )) !== null,
    },
    pledges: {
      ...pledges,
      insert: async (pledge, request) =>
        (await announce(
          ports,
          () => inserted(() => pledges.insert(pledge, request)),
          () => [pledgeMadeEvent(newId('evt'), pledge)],
        )) !== null,
      confirm: async (id, quantity) => {
        const pledge = await pledges.confirm(id, quantity);
        if (pledge) await addEvents([donationMatchedEvent(newId('evt'), pledge, quantity, clock.now())]);
        return pledge;
      },
    },
    donations: {
      ...donations,
      confirm: async (donation) => {
        await donations.confirm(donation);
        await addEvents([donationMadeEvent(newId('evt'), donation, clock.now())]);
      },
    },
  };
}
