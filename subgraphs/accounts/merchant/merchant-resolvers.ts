import { callerName } from '../../shared/caller.ts';
import { type Page, readPage, toConnection } from '../../shared/connection.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import type { MutationResolvers, Resolvers } from '../resolver-types.ts';
import { type AuthenticateClientPorts, authenticateClient } from './authenticate-client.ts';
import { type CreateClientCredentialPorts, createClientCredential } from './create-client-credential.ts';
import { type Merchant, openingProgramme } from './merchant.ts';
import { type OpenMerchantPorts, openMerchant } from './open-merchant.ts';
import type { MerchantPrice } from './price.ts';
import type { PriceAt } from './price-lookup.ts';
import { type RevokeClientCredentialPorts, revokeClientCredential } from './revoke-client-credential.ts';
import { type SetPricesPorts, setPrices } from './set-prices.ts';

/** What the resolvers of merchants need. */
export interface MerchantResolverPorts
  extends AuthenticateClientPorts,
    CreateClientCredentialPorts,
    RevokeClientCredentialPorts,
    Omit<SetPricesPorts, 'insertPrice'>,
    Omit<OpenMerchantPorts, 'insertPrice'> {
  readonly insertPrice: OpenMerchantPorts['insertPrice'] & SetPricesPorts['insertPrice'];
  /** So many merchants and one more after a place, by name. */
  readonly merchantPage: (page: Page) => Promise<readonly Merchant[]>;
  readonly priceAt: PriceAt;
  /** Newest first. */
  readonly priceHistory: (merchantId: string, programmeCode: string) => Promise<readonly MerchantPrice[]>;
}

const opening = (ports: MerchantResolverPorts) =>
  ({
    openMerchant: async (_, { input }, { caller }) => {
      const outcome = await openMerchant(callerName(caller), input, ports);
      switch (outcome.kind) {
        case 'MerchantOpened': {
          const { kind, ...opened } = outcome;
          return { __typename: kind, ...opened };
        }
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
      }
    },
    setPrices: async (_, { input }, { caller, directory }) => {
      const programme = input.programme ?? openingProgramme;
      const outcome = await setPrices(callerName(caller), { ...input, programme }, ports);
      switch (outcome.kind) {
        case 'PricesSet': {
          const merchant = await directory.merchant(outcome.price.merchantId);
          return { __typename: outcome.kind, merchant: merchant!, price: outcome.price };
        }
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
  }) satisfies MutationResolvers;

const credentials = (ports: MerchantResolverPorts) =>
  ({
    createClientCredential: async (_, { input }) => {
      const outcome = await createClientCredential(input, ports);
      switch (outcome.kind) {
        case 'ClientCredentialCreated': {
          const { kind, ...created } = outcome;
          return { __typename: kind, ...created };
        }
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
    revokeClientCredential: async (_, { input }, { directory }) => {
      const outcome = await revokeClientCredential(input.clientId, ports);
      switch (outcome.kind) {
        case 'ClientCredentialRevoked': {
          const merchant = await directory.merchant(outcome.merchantId);
          return { __typename: outcome.kind, merchant: merchant!, clientId: outcome.clientId };
        }
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
  }) satisfies MutationResolvers;

/** Resolvers of merchants, their credentials and prices. */
export const merchantResolvers = (ports: MerchantResolverPorts) =>
  ({
    Query: {
      merchant: (_, { id }, { directory }) => directory.merchant(id),
      merchants: async (_, args) => {
        const page = readPage(args, 2);
        return toConnection(await ports.merchantPage(page), page.first, ({ name, id }) => [name, id]);
      },
      authenticateClient: (_, { clientId, clientSecret }) =>
        authenticateClient(clientId, clientSecret, ports),
    },
    Mutation: { ...opening(ports), ...credentials(ports) },
    Merchant: {
      __resolveReference: ({ id }, { directory }) => directory.merchant(id),
      price: ({ id }, { programme }, { clock }) =>
        ports.priceAt(id, programme ?? openingProgramme, clock.now()),
      prices: ({ id }, { programme }) => ports.priceHistory(id, programme ?? openingProgramme),
    },
    MerchantPrice: {
      programme: async ({ programmeCode }, _, { directory }) => (await directory.programme(programmeCode))!,
    },
  }) satisfies Resolvers;
