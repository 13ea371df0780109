import type { ConnectionOf } from '../../shared/connection.ts';
import type { Delivery } from './delivery.ts';

/** A page of deliveries. */
export type DeliveryConnection = ConnectionOf<Delivery>;
