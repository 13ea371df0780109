import type { EventHandlers } from '../shared/events/event-intake.ts';
import type { MemberCapStore } from './earning/member-cap-store.ts';

/** What acting on events of others needs. */
export interface EventPorts {
  readonly caps: Pick<MemberCapStore, 'forget'>;
}

/** What this subgraph does on events of others, by their type. */
export const eventHandlers = ({ caps }: EventPorts): EventHandlers => ({
  // What was bought stays, under an id that is nobody's; what was counted for the member is of no more use.
  'jifen.member.erased': ({ subject }) => caps.forget(subject),
});
