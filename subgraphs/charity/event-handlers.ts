import type { EventHandlers } from '../shared/events/event-intake.ts';

/** What this subgraph does on events of others, by their type. */
export const eventHandlers = (): EventHandlers => ({});
