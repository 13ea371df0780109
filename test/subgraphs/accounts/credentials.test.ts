import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  openMerchant,
  publishProgramme,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asService, everyScope, operator } from '../../support/callers.ts';

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
});

afterAll(() => accounts.stop());

type Fields = Record<string, unknown>;

const authenticate = async (clientId: unknown, clientSecret: unknown): Promise<unknown> => {
  const query = `query ($id: ID!, $secret: String!) {
    authenticateClient(clientId: $id, clientSecret: $secret) { merchantId scopes }
  }`;
  const variables = { id: clientId, secret: clientSecret };
  return (await accounts.send<Fields>(asService(), query, variables))['authenticateClient'];
};

const credentials = `mutation ($input: CreateClientCredentialInput!) {
  createClientCredential(input: $input) {
    ... on ClientCredentialCreated { clientId clientSecret merchant { id } }
    ... on Refusal { code }
    ... on InvalidInput { field }
    ... on NotFound { what id }
  }
}`;

const createCredential = async (credential: object): Promise<Fields> =>
  (await accounts.send<{ createClientCredential: Fields }>(operator, credentials, { input: credential }))
    .createClientCredential;

const revoke = async (clientId: unknown): Promise<unknown> => {
  const mutation = `mutation ($input: RevokeClientCredentialInput!) {
    revokeClientCredential(input: $input) {
      ... on ClientCredentialRevoked { clientId merchant { id } }
      ... on NotFound { code what id }
    }
  }`;
  const data = await accounts.send<Fields>(operator, mutation, { input: { clientId } });
  return data['revokeClientCredential'];
};

test('a further credential is limited to its scopes, and a withdrawn one opens nothing', async () => {
  const { id, clientId, clientSecret } = await openMerchant(accounts, 'Tills');

  const till = await createCredential({ merchantId: id, scopes: ['VOUCHERS', 'PURCHASES', 'VOUCHERS'] });

  expect(till['merchant']).toEqual({ id });
  expect(await authenticate(till['clientId'], till['clientSecret'])).toEqual({
    merchantId: id,
    scopes: ['PURCHASES', 'VOUCHERS'],
  });
  expect(await revoke(clientId)).toEqual({ clientId, merchant: { id } });
  expect(await revoke(clientId)).toEqual({ clientId, merchant: { id } });
  expect(await authenticate(clientId, clientSecret)).toBeNull();
  expect(await authenticate(till['clientId'], till['clientSecret'])).not.toBeNull();
});

test('refuses a credential for nobody, for nothing, and a scope that does not exist', async () => {
  const { id } = await openMerchant(accounts, 'Scopes');

  const nobodys = await createCredential({ merchantId: 'mer_none' });
  const nothing = await createCredential({ merchantId: 'mer_none', scopes: [] });
  const strange = await createCredential({ merchantId: id, scopes: ['READ', 'EVERYTHING'] });
  const all = await createCredential({ merchantId: id });

  expect(nobodys).toEqual({ code: 'NOT_FOUND', what: 'MERCHANT', id: 'mer_none' });
  expect(nothing).toEqual({ code: 'INVALID_INPUT', field: 'input.scopes' });
  expect(strange).toEqual({ code: 'INVALID_INPUT', field: 'input.scopes.1' });
  expect(await authenticate(all['clientId'], all['clientSecret'])).toMatchObject({ scopes: everyScope });
  expect(await revoke('cli_none')).toEqual({ code: 'NOT_FOUND', what: 'CLIENT', id: 'cli_none' });
});
