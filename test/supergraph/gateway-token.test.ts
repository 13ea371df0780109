import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { createTokenIssuer, newSigningKey } from '../../gateway/token/issuer.ts';
import type { OutsideCaller } from '../../subgraphs/shared/caller.ts';
import { memberIds } from '../support/member-ids.ts';
import { type GatewayWorld, startGatewayWorld } from './gateway-world.ts';

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
const memberReference = 'urn:jifen:params:oauth:token-type:member-reference';

const clients: Record<string, { secret: string; merchantId: string; scopes: string[] }> = {
  cli_full: { secret: 's e+c:r%t', merchantId: 'mer_1', scopes: ['MEMBERS', 'PURCHASES', 'READ'] },
  cli_till: { secret: 'till', merchantId: 'mer_1', scopes: ['PURCHASES'] },
};

type Actor = { caller: { kind: string; service: string; onBehalfOf?: OutsideCaller } };

const accounts = {
  Query: {
    authenticateClient: (_: unknown, { clientId, clientSecret }: Record<string, string>) => {
      const client = clients[clientId!];
      return client?.secret === clientSecret ? client : null;
    },
    resolveMember: (_: unknown, { member }: { member: { reference?: string } }, { caller }: Actor) => {
      const actor = caller.onBehalfOf;
      const known = actor?.kind === 'MERCHANT' && actor.merchantId === 'mer_1' && member.reference === 'm-7';
      return known ? { id: memberId } : null;
    },
    viewer: (_: unknown, __: unknown, { caller }: Actor) => ({ kind: caller.kind, scopes: [] }),
  },
};

const memberId = 'mem_00000000000000000000000007';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld({ accounts });
});
afterAll(() => world.stop());

const full = { client_id: 'cli_full', client_secret: clients['cli_full']!.secret };
const credentials = { grant_type: 'client_credentials' };
const basic = (id: string, secret: string) => {
  const encode = (part: string) => encodeURIComponent(part).replaceAll('%20', '+');
  return { authorization: `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}` };
};

async function claimsOf(token: string): Promise<Record<string, unknown>> {
  const { body } = await world.get('/.well-known/jwks.json');
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(body), {
    issuer: 'jifen',
    audience: 'jifen',
  });
  return { ...payload, alg: protectedHeader.alg, seconds: payload.exp! - payload.iat! };
}

test('a merchant gets a token of all its scopes for an hour', async () => {
  const { status, headers, body } = await world.token({ ...credentials, ...full });

  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('no-store');
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: 3600,
    scope: 'MEMBERS PURCHASES READ',
  });
  expect(await claimsOf(body.access_token)).toMatchObject({
    alg: 'EdDSA',
    seconds: 3600,
    kind: 'MERCHANT',
    merchant: 'mer_1',
    client_id: 'cli_full',
    scope: 'MEMBERS PURCHASES READ',
  });
});

test('a merchant may ask for fewer scopes, by a Basic credential too', async () => {
  const headers = basic('cli_full', clients['cli_full']!.secret);

  const { status, body } = await world.token({ ...credentials, scope: 'READ PURCHASES READ' }, headers);

  expect(status).toBe(200);
  expect(body.scope).toBe('READ PURCHASES');
  expect((await claimsOf(body.access_token))['scope']).toBe('READ PURCHASES');
});

test("a member's session is minted from the merchant's own reference for 15 minutes", async () => {
  world.met.length = 0;

  const { status, body } = await world.token({
    ...full,
    grant_type: exchange,
    subject_token: 'm-7',
    subject_token_type: memberReference,
  });

  expect(status).toBe(200);
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: 900,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  });
  expect(await claimsOf(body.access_token)).toMatchObject({
    kind: 'MEMBER',
    sub: memberIds.shown(memberId, 'mer_1'),
    member: memberIds.shown(memberId, 'mer_1'),
    merchant: 'mer_1',
    seconds: 900,
  });
  expect(world.met.map(({ caller }) => caller)).toEqual([
    { kind: 'SERVICE', service: 'gateway' },
    {
      kind: 'SERVICE',
      service: 'gateway',
      onBehalfOf: {
        kind: 'MERCHANT',
        merchantId: 'mer_1',
        clientId: 'cli_full',
        scopes: ['MEMBERS', 'PURCHASES', 'READ'],
      },
    },
  ]);
  world.met.length = 0;
  await world.ask('{ viewer { kind } }', { token: body.access_token });
  expect(world.met.map(({ caller }) => caller)).toEqual([{ kind: 'MEMBER', memberId, merchantId: 'mer_1' }]);
});

test('a session that names its member by an id of another merchant, or by its own, is refused', async () => {
  const key = await newSigningKey();
  const other = await startGatewayWorld({ accounts }, { signingKey: key });
  const claims = async (member: string) => {
    const plain = await createTokenIssuer(key, 'jifen', { shown: () => member, meant: () => null });
    const token = await plain.sign({ kind: 'MEMBER', memberId, merchantId: 'mer_1' }, 60);
    return (await other.ask('{ viewer { kind } }', { token })).status;
  };

  expect(await claims(memberIds.shown(memberId, 'mer_1'))).toBe(200);
  expect(await claims(memberIds.shown(memberId, 'mer_2'))).toBe(401);
  expect(await claims(memberId)).toBe(401);
  await other.stop();
});

const form = (parts: Record<string, string>) => new URLSearchParams(parts).toString();
const member = { grant_type: exchange, subject_token: 'm-7', subject_token_type: memberReference };

const refusals: readonly (readonly [string, string, Record<string, string>, number, string])[] = [
  ['no grant type', form(full), {}, 400, 'invalid_request'],
  ['an unknown grant type', form({ ...full, grant_type: 'password' }), {}, 400, 'unsupported_grant_type'],
  ['no credential', form(credentials), {}, 401, 'invalid_client'],
  [
    'an unknown client',
    form({ ...credentials, client_id: 'x', client_secret: 'y' }),
    {},
    401,
    'invalid_client',
  ],
  [
    'a wrong secret',
    form({ ...credentials, client_id: 'cli_full', client_secret: 'y' }),
    {},
    401,
    'invalid_client',
  ],
  ['a wrong secret by Basic', form(credentials), basic('cli_full', 'y'), 401, 'invalid_client'],
  [
    'a Basic credential that cannot be read',
    form(credentials),
    { authorization: 'Basic ???' },
    401,
    'invalid_client',
  ],
  [
    'two credentials at once',
    form({ ...credentials, ...full }),
    basic('cli_full', 'y'),
    400,
    'invalid_request',
  ],
  ['a field given twice', `${form({ ...credentials, ...full })}&grant_type=x`, {}, 400, 'invalid_request'],
  [
    'a scope the client lacks',
    form({ ...credentials, ...full, scope: 'READ MANAGE' }),
    {},
    400,
    'invalid_scope',
  ],
  [
    'a session without the scope',
    form({ ...member, client_id: 'cli_till', client_secret: 'till' }),
    {},
    400,
    'unauthorized_client',
  ],
  [
    'a session for nobody it knows',
    form({ ...full, ...member, subject_token: 'm-8' }),
    {},
    400,
    'invalid_grant',
  ],
  ['a session without a subject', form({ ...full, grant_type: exchange }), {}, 400, 'invalid_request'],
  [
    'a subject of another type',
    form({ ...full, ...member, subject_token_type: 'x' }),
    {},
    400,
    'invalid_request',
  ],
];

test.each(refusals)('refuses %s', async (_, body, headers, status, error) => {
  const answer = await world.token(body, headers);

  expect(answer.status).toBe(status);
  expect(answer.body).toEqual({ error, error_description: expect.any(String) });
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Basic realm="jifen"' : undefined);
});

test('refuses a body that is not a form', async () => {
  const answer = await world.token('{}', { 'content-type': 'application/json' });

  expect(answer.status).toBe(400);
  expect(answer.body.error).toBe('invalid_request');
});

test('after ten failures a client waits, even with the right secret, and others do not', async () => {
  const attempt = (client_id: string, client_secret: string) =>
    world.token({ ...credentials, client_id, client_secret });
  for (let i = 0; i < 10; i++) expect((await attempt('cli_till', 'guess')).status).toBe(401);

  const right = await attempt('cli_till', 'till');
  const other = await world.token({ ...credentials, ...full });

  expect(right.status).toBe(429);
  expect(right.body.error).toBe('slow_down');
  expect(right.headers['retry-after']).toBe('60');
  expect(other.status).toBe(200);
});

test('the key set holds the public key only', async () => {
  const { status, body } = await world.get('/.well-known/jwks.json');

  expect(status).toBe(200);
  expect(body.keys).toHaveLength(1);
  expect(Object.keys(body.keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
});

test('says 503 and no more when accounts cannot be reached', async () => {
  const lost = await startGatewayWorld();
  await lost.subgraphs.accounts.stop();

  const answer = await lost.token({ ...credentials, ...full });
  await lost.stop();

  expect(answer.status).toBe(503);
  expect(answer.body).toEqual({
    error: 'temporarily_unavailable',
    error_description: 'Try again in a moment.',
  });
});
