import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import { charitySource, donationMatched, pledgeMade } from '../event-types.ts';
import type { Pledge } from './pledge.ts';

const partitionOf = ({ id }: Pledge): string => `pledge:${id}`;

/** The event of a new pledge, told to the merchant that made it. */
export const pledgeMadeEvent = (id: string, pledge: Pledge): DomainEvent => ({
  id,
  type: pledgeMade,
  source: charitySource,
  subject: pledge.id,
  time: pledge.pledgedAt,
  partition: partitionOf(pledge),
  sequence: sequenceAt(0, 0),
  audience: [pledge.merchantId],
  data: {
    pledgeId: pledge.id,
    causeId: pledge.causeId,
    merchantId: pledge.merchantId,
    goods: pledge.goods,
    unit: pledge.unit,
    pointsPerStep: Number(pledge.pointsPerStep),
    quantityPerStep: pledge.quantityPerStep,
    limitQuantity: pledge.limitQuantity,
    at: pledge.pledgedAt.toISOString(),
  },
});

/**
 * The event of goods that a pledge set aside for a donation, told to the merchant that pledged them. Not who gave, nor
 * which donation it was: that is between the member and the merchant it was with. Each match raises what is confirmed of
 * the pledge, so that is its place.
 */
export const donationMatchedEvent = (
  id: string,
  pledge: Pledge,
  quantity: number,
  at: Date,
): DomainEvent => ({
  id,
  type: donationMatched,
  source: charitySource,
  subject: pledge.id,
  time: at,
  partition: partitionOf(pledge),
  sequence: sequenceAt(pledge.confirmedQuantity, 0),
  audience: [pledge.merchantId],
  data: {
    pledgeId: pledge.id,
    causeId: pledge.causeId,
    merchantId: pledge.merchantId,
    goods: pledge.goods,
    unit: pledge.unit,
    quantity,
    confirmedQuantity: pledge.confirmedQuantity,
    remainingQuantity: pledge.remainingQuantity,
    at: at.toISOString(),
  },
});
