import { type DomainEvent, everyone, sequenceAt } from '../../shared/events/event.ts';
import { causeOpened, charitySource } from '../event-types.ts';
import type { Cause } from './cause.ts';

/** The event of an opened cause, told to everyone as the cause itself is. */
export const causeOpenedEvent = (id: string, cause: Cause): DomainEvent => ({
  id,
  type: causeOpened,
  source: charitySource,
  subject: cause.id,
  time: cause.openedAt,
  partition: `cause:${cause.id}`,
  sequence: sequenceAt(1, 0),
  audience: [everyone],
  data: {
    causeId: cause.id,
    name: cause.name,
    kind: cause.kind,
    charityName: cause.charityName,
    charityRegistrationNumber: cause.charityRegistrationNumber,
    at: cause.openedAt.toISOString(),
  },
});
