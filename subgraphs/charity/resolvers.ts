import { scalarResolvers } from '../shared/scalars.ts';
import { causeResolvers } from './cause/cause-resolvers.ts';
import { donationResolvers } from './donation/donation-resolvers.ts';
import { exportResolvers } from './donation/export-resolvers.ts';
import { pledgeResolvers } from './matching/pledge-resolvers.ts';
import { quantityScalar } from './quantity-scalar.ts';
import type { Resolvers } from './resolver-types.ts';

/** All resolvers of charity. */
export const resolvers: Resolvers = {
  ...scalarResolvers,
  Quantity: quantityScalar,
  ...causeResolvers,
  ...pledgeResolvers,
  ...donationResolvers,
  ...exportResolvers,
  Query: { ...causeResolvers.Query, ...donationResolvers.Query },
  Mutation: { ...causeResolvers.Mutation, ...pledgeResolvers.Mutation, ...donationResolvers.Mutation },
};
