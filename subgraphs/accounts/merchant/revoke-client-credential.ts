import type { Clock } from '../../shared/ids.ts';
import { notFound } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import type { Client } from './client.ts';

/** What withdrawing a credential needs. */
export interface RevokeClientCredentialPorts {
  readonly clientById: (id: string) => Promise<Client | null>;
  readonly revokeClient: (id: string, at: Date) => Promise<void>;
  readonly clock: Clock;
}

/** What came of it. */
export type RevokeClientCredentialOutcome =
  | { readonly kind: 'ClientCredentialRevoked'; readonly merchantId: string; readonly clientId: string }
  | NotFound;

/** Withdraws a client credential for good. Again changes nothing. */
export async function revokeClientCredential(
  clientId: string,
  ports: RevokeClientCredentialPorts,
): Promise<RevokeClientCredentialOutcome> {
  const client = await ports.clientById(clientId);
  if (!client) return notFound('CLIENT', clientId);
  await ports.revokeClient(clientId, ports.clock.now());
  return { kind: 'ClientCredentialRevoked', merchantId: client.merchantId, clientId };
}
