import type { ConnectionOf } from '../../shared/connection.ts';
import type { ConsentChange } from './consent.ts';

/** A page of a member's history of consents. */
export type ConsentChangeConnection = ConnectionOf<ConsentChange>;
