import type { NewId } from '../../shared/ids.ts';
import { type InvalidInput, invalidInput, notFound } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import { allScopes, type Client, isScope, newClient } from './client.ts';
import type { Merchant } from './merchant.ts';

/** What the operator sends to give a merchant a further credential. */
export interface CreateClientCredentialInput {
  readonly merchantId: string;
  readonly scopes?: readonly string[] | null | undefined;
}

/** What it needs. */
export interface CreateClientCredentialPorts {
  readonly merchantById: (id: string) => Promise<Merchant | null>;
  readonly insertClient: (client: Client) => Promise<void>;
  readonly newId: NewId;
  readonly random: (size: number) => Uint8Array;
}

/** What came of it. */
export type CreateClientCredentialOutcome =
  | {
      readonly kind: 'ClientCredentialCreated';
      readonly merchant: Merchant;
      readonly clientId: string;
      readonly clientSecret: string;
    }
  | InvalidInput
  | NotFound;

/** Gives a merchant a further client credential, limited to some scopes or, without any stated, good for all. */
export async function createClientCredential(
  input: CreateClientCredentialInput,
  ports: CreateClientCredentialPorts,
): Promise<CreateClientCredentialOutcome> {
  const scopes = input.scopes ?? allScopes;
  if (scopes.length === 0) return invalidInput('input.scopes', 'left out or at least one scope');
  const strange = scopes.findIndex((scope) => !isScope(scope));
  if (strange >= 0) return invalidInput(`input.scopes.${strange}`, `one of ${allScopes.join(', ')}`);
  const merchant = await ports.merchantById(input.merchantId);
  if (!merchant) return notFound('MERCHANT', input.merchantId);
  const wanted = allScopes.filter((scope) => scopes.includes(scope));
  const { client, secret } = newClient(merchant.id, wanted, ports);
  await ports.insertClient(client);
  return { kind: 'ClientCredentialCreated', merchant, clientId: client.id, clientSecret: secret };
}
