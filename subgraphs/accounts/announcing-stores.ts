import type { NewId } from '../shared/ids.ts';
import { currentSession } from '../shared/mongo.ts';
import { registrationEvent } from './membership/registration-event.ts';
import { consentEvent } from './privacy/consent-event.ts';
import { publicationEvent } from './programme/publication-event.ts';
import type { Stores } from './stores.ts';

/** What telling of writes needs. */
export interface AnnouncingPorts {
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly newId: NewId;
}

/**
 * The stores, telling of what they write: a registration, a consent and a published version add their event in the transaction of
 * their write, which is the caller's if it runs in one. So no use case can write one and forget the other.
 */
export function announcingStores(stores: Stores, { inTransaction, newId }: AnnouncingPorts): Stores {
  const { members, programmes, consents, outbox } = stores;
  const together = <T>(work: () => Promise<T>): Promise<T> =>
    currentSession() ? work() : inTransaction(work);
  return {
    ...stores,
    members: {
      ...members,
      insert: (member) =>
        together(async () => {
          await members.insert(member);
          const told = member.registrations.map((registration, i) =>
            registrationEvent(newId('evt'), member.id, registration, i + 1),
          );
          await outbox.add(told);
        }),
      addRegistration: (memberId, registration) =>
        together(async () => {
          if (!(await members.addRegistration(memberId, registration))) return false;
          const { registrations } = (await members.byId(memberId))!;
          await outbox.add([registrationEvent(newId('evt'), memberId, registration, registrations.length)]);
          return true;
        }),
    },
    consents: {
      ...consents,
      insert: (change, request) =>
        together(async () => {
          await consents.insert(change, request);
          await outbox.add([consentEvent(newId('evt'), change)]);
        }),
    },
    programmes: {
      ...programmes,
      insert: (publication) =>
        together(async () => {
          await programmes.insert(publication);
          await outbox.add([publicationEvent(newId('evt'), publication.programme)]);
        }),
    },
  };
}
