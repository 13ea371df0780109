import { type DomainEvent, everyone, sequenceAt } from '../../shared/events/event.ts';
import { accountsSource, programmePublished } from '../event-types.ts';
import type { Programme } from './programme.ts';

/** The event of a published version, told to everyone as the version itself is. */
export const publicationEvent = (id: string, programme: Programme): DomainEvent => ({
  id,
  type: programmePublished,
  source: accountsSource,
  subject: programme.code,
  time: programme.publishedAt,
  partition: `programme:${programme.code}`,
  sequence: sequenceAt(programme.version, 0),
  audience: [everyone],
  data: {
    code: programme.code,
    name: programme.name,
    version: programme.version,
    effectiveFrom: programme.effectiveFrom.toISOString(),
    publishedAt: programme.publishedAt.toISOString(),
    hash: programme.hash,
  },
});
