import type { EventHandlers } from '../shared/events/event-intake.ts';
import type { DonationStore } from './donation/donation-store.ts';

/** What acting on events of others needs. */
export interface EventPorts {
  readonly donations: Pick<DonationStore, 'forgetLocale'>;
}

/** What this subgraph does on events of others, by their type. */
export const eventHandlers = ({ donations }: EventPorts): EventHandlers => ({
  // What was given stays, under an id that is nobody's; the language that the member spoke does not.
  'jifen.member.erased': ({ subject }) => donations.forgetLocale(subject),
});
