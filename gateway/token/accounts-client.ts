import type { ServiceClient } from '../../subgraphs/shared/service-client.ts';
import type { KnownClient, TokenPorts } from './grant-token.ts';

/** What the gateway itself asks of accounts. */
export const accountsOperations: Record<'authenticateClient' | 'resolveMember', string> = {
  authenticateClient: /* GraphQL */ `
    query AuthenticateClient($clientId: ID!, $clientSecret: String!) {
      authenticateClient(clientId: $clientId, clientSecret: $clientSecret) {
        merchantId
        scopes
      }
    }
  `,
  resolveMember: /* GraphQL */ `
    query ResolveMember($member: MemberSelector!) {
      resolveMember(member: $member) {
        id
      }
    }
  `,
};

/** The token endpoint's view of accounts. */
export function accountsPort(
  client: ServiceClient,
): Pick<TokenPorts, 'authenticateClient' | 'resolveMember'> {
  return {
    authenticateClient: async (clientId, clientSecret) => {
      const answer = await client.send<{ authenticateClient: KnownClient | null }>(
        accountsOperations.authenticateClient,
        { clientId, clientSecret },
      );
      return answer.authenticateClient;
    },
    resolveMember: async (reference, merchant) => {
      const answer = await client.send<{ resolveMember: { id: string } | null }>(
        accountsOperations.resolveMember,
        { member: { reference } },
        merchant,
      );
      return answer.resolveMember?.id ?? null;
    },
  };
}
