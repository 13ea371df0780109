import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import { charitySource, donationMade } from '../event-types.ts';
import type { Donation } from './donation.ts';

/** The event of a confirmed donation, told to the merchant with which it was made and to no other: who gives what is private. */
export const donationMadeEvent = (id: string, donation: Donation, at: Date): DomainEvent => ({
  id,
  type: donationMade,
  source: charitySource,
  subject: donation.id,
  time: at,
  partition: `donation:${donation.id}`,
  sequence: sequenceAt(1, 0),
  audience: donation.merchantIds,
  data: {
    donationId: donation.id,
    causeId: donation.causeId,
    memberId: donation.memberId,
    programme: donation.programme,
    points: Number(donation.points),
    receiptNumber: donation.receiptNumber,
    postingId: donation.postingId,
    at: donation.at.toISOString(),
  },
});
