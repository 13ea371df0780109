import type { SubgraphName } from './subgraphs.ts';

/**
 * Which TypeScript type a resolver gets and gives for a GraphQL type, by subgraph: `./file.ts#Type`, seen from the
 * subgraph's folder. Types not named here are given as the schema has them.
 */
export const mappers: Record<SubgraphName, Record<string, string>> = {
  accounts: {},
  'rewards-catalogue': {},
  campaigns: {},
  charity: {
    Cause: './cause/cause.ts#Cause',
    CauseConnection: './context.ts#CauseConnection',
    Pledge: './matching/pledge.ts#Pledge',
    MatchedGoods: './matching/pledge.ts#MatchedGoods',
    Donation: './donation/donation.ts#Donation',
    DonationConnection: './context.ts#DonationConnection',
    DonationMatch: './matching/pledge.ts#Match',
    Member: './context.ts#MemberReference',
    Merchant: './context.ts#MerchantReference',
  },
};
