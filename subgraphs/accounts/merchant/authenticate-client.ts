import { type Client, type ClientScope, isSecretOf } from './client.ts';

/** What checking a client needs. */
export interface AuthenticateClientPorts {
  readonly clientById: (id: string) => Promise<Client | null>;
}

/** The merchant and scopes of a client whose secret is right, else null. */
export async function authenticateClient(
  clientId: string,
  clientSecret: string,
  ports: AuthenticateClientPorts,
): Promise<{ merchantId: string; scopes: readonly ClientScope[] } | null> {
  const client = await ports.clientById(clientId);
  if (!isSecretOf(client, clientSecret) || !client) return null;
  return { merchantId: client.merchantId, scopes: client.scopes };
}
