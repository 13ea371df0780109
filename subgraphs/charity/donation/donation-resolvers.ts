import { GraphQLError } from 'graphql';
import type { Caller } from '../../shared/caller.ts';
import { readTimedPage, toConnection } from '../../shared/connection.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import { ServiceUnavailable } from '../../shared/service-client.ts';
import { type Context, forgetLoaded } from '../context.ts';
import { answerNotEnoughPoints } from '../refusal-answers.ts';
import type { MutationDonatePointsArgs, Resolvers, ResolversTypes } from '../resolver-types.ts';
import { type DonatePointsOutcome, type Donor, donatePoints } from './donate-points.ts';
import type { Donation } from './donation.ts';
import { DonationUnsettled } from './donation-ports.ts';
import { impactLine } from './impact.ts';

/** Turns an unknown outcome into what a storefront can act on; other faults stay faults. */
function asAnswer(error: unknown, { ports }: Context): unknown {
  if (!(error instanceof DonationUnsettled || error instanceof ServiceUnavailable)) return error;
  ports.log.warn({ err: error }, 'a donation could not be settled now');
  return new GraphQLError(
    'The donation could not be settled now. Nothing is lost: send the same request again.',
    {
      extensions: { code: 'SERVICE_UNAVAILABLE' },
    },
  );
}

function answer(outcome: DonatePointsOutcome): ResolversTypes['DonatePointsResult'] {
  switch (outcome.kind) {
    case 'PointsDonated': {
      const { donation, replayed } = outcome;
      return { __typename: 'PointsDonated', donation, member: memberOf(donation), replayed };
    }
    case 'InvalidInput':
      return answerInvalidInput(outcome);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(outcome);
    case 'NotFound':
      return answerNotFound(outcome);
    case 'NotEnoughPoints':
      return answerNotEnoughPoints(outcome);
  }
}

/** The donor, as those who may see the donation may see it. */
const memberOf = ({ memberId, merchantIds }: Donation) => ({ id: memberId, registeredBy: merchantIds });

function maySee(caller: Caller, donation: Donation): boolean {
  if (caller.kind === 'MEMBER') return caller.memberId === donation.memberId;
  if (caller.kind === 'MERCHANT') return donation.merchantIds.includes(caller.merchantId);
  return true;
}

/** Of a member's donations a merchant sees those made with it; everybody else who may look sees all. */
const seenBy = (caller: Caller): string | null => (caller.kind === 'MERCHANT' ? caller.merchantId : null);

/** Resolves donations, and what members see of theirs. */
export const donationResolvers = {
  Query: {
    donation: async (_, { id }, { caller, ports }) => {
      const donation = await ports.donations.find(id);
      return donation && maySee(caller, donation) ? donation : null;
    },
  },
  Mutation: {
    donatePoints: async (_, { input }: MutationDonatePointsArgs, context) => {
      try {
        // The schema lets in no other kind of caller.
        const outcome = await donatePoints(context.ports, context.caller as Donor, input);
        forgetLoaded(context);
        return answer(outcome);
      } catch (error) {
        throw asAnswer(error, context);
      }
    },
  },
  Member: {
    donations: async ({ id }, args, { caller, ports }) => {
      const page = readTimedPage(args, 1);
      const rows = await ports.donations.pageOfMember(id, seenBy(caller), page);
      return toConnection(rows, page.first, (donation) => [donation.at.toISOString(), donation.id]);
    },
    impact: ({ id }, _, { caller, ports }) => ports.donations.impactOf(id, seenBy(caller)),
  },
  Donation: {
    __resolveReference: ({ id }, { ports }) => ports.donations.find(id),
    cause: async ({ causeId }, _, { causes }) => (await causes.load(causeId))!,
    member: memberOf,
    programme: ({ programme }) => ({ code: programme }),
    impact: (donation) => impactLine(donation, donation.locale),
    posting: ({ postingId }) => (postingId === null ? null : { id: postingId }),
  },
} satisfies Resolvers;
