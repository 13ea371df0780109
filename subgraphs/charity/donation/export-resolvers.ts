import { readExport, timedPart } from '../../shared/export.ts';
import type { Resolvers } from '../resolver-types.ts';
import type { Donation } from './donation.ts';

/** A donation as its member takes it away; how far an attempt had come is of no use to it. */
function donationRecord(donation: Donation) {
  const { id, causeId, causeName, locale, merchantIds, points, programme, status, at } = donation;
  const { matches, receiptNumber, postingId, refusal } = donation;
  return {
    type: 'donation',
    ...{ id, causeId, causeName, locale, merchantIds, points, programme, status, at },
    ...{ matches: matches.map((match) => ({ ...match })), receiptNumber, postingId, refusal },
  };
}

/** Resolves charity's part of a member's export. */
export const exportResolvers = {
  MemberExport: {
    __resolveReference: ({ memberId }) => ({ memberId }),
    charity: ({ memberId }, args, { ports }) => {
      const read = timedPart(
        'donations',
        (page) => ports.donations.everyOf(memberId, page),
        donationRecord,
        ({ at }) => at,
      );
      return readExport([read], args);
    },
  },
} satisfies Resolvers;
