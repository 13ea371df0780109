import type { Clock } from '../../shared/ids.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import type { Resolvers } from '../resolver-types.ts';
import { statusOf } from './campaign.ts';
import { type CampaignCreation, type CreateCampaignPorts, createCampaign } from './create-campaign.ts';
import {
  type ListCampaignsPorts,
  listCampaigns,
  maySee,
  runningForMember,
  runningOfMerchant,
} from './list-campaigns.ts';
import { type CampaignPublication, type PublishCampaignPorts, publishCampaign } from './publish-campaign.ts';

/** What the resolvers of campaigns need. */
export type CampaignPorts = CreateCampaignPorts &
  PublishCampaignPorts &
  ListCampaignsPorts & { readonly clock: Clock };

function toCreation(result: CampaignCreation) {
  switch (result.kind) {
    case 'CREATED':
      return { __typename: 'CampaignCreated' as const, campaign: result.campaign };
    case 'InvalidInput':
      return answerInvalidInput(result);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(result);
    case 'NotFound':
      return answerNotFound(result);
  }
}

function toPublication(result: CampaignPublication) {
  switch (result.kind) {
    case 'PUBLISHED':
      return { __typename: 'CampaignPublished' as const, campaign: result.campaign };
    case 'NotFound':
      return answerNotFound(result);
    case 'DISCLOSURE_INCOMPLETE':
      return {
        __typename: 'DisclosureIncomplete' as const,
        code: result.kind,
        message: `The campaign's terms do not say everything: ${result.missing.join(', ')}.`,
        missing: result.missing,
      };
    case 'NOT_PUBLISHABLE':
      return {
        __typename: 'NotPublishable' as const,
        code: result.kind,
        message: result.message,
      };
  }
}

/** Resolvers of campaigns. */
export const campaignResolvers = (ports: CampaignPorts) =>
  ({
    Query: {
      campaigns: (_, args, { caller }) => listCampaigns(ports, caller, args),
      campaign: async (_, { id }, { caller, loaders }) => {
        const found = await loaders.campaigns.load(id);
        return found && maySee(caller, found) ? found : null;
      },
    },
    Mutation: {
      createCampaign: async (_, { input }, { caller }) =>
        toCreation(await createCampaign(ports, caller, input)),
      publishCampaign: async (_, { input }, { caller }) =>
        toPublication(await publishCampaign(ports, caller, input.campaignId)),
    },
    Member: {
      runningCampaigns: (member, args, { caller }) => runningForMember(ports, caller, member, args),
    },
    Merchant: {
      __resolveReference: ({ id }) => ({ id }),
      runningCampaigns: ({ id }, args) => runningOfMerchant(ports, id, args),
    },
    Campaign: {
      __resolveReference: async ({ id }, { caller, loaders }) => {
        const found = await loaders.campaigns.load(id);
        return found && maySee(caller, found) ? found : null;
      },
      merchant: ({ merchantId }) => (merchantId === null ? null : { id: merchantId }),
      programme: ({ programme }) => ({ code: programme }),
      status: (campaign) => statusOf(campaign, ports.clock.now()),
    },
  }) satisfies Resolvers;
