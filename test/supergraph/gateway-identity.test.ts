import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { exportJWK, SignJWT } from 'jose';
import { type TokenCaller, toCaller, toClaims } from '../../gateway/token/claims.ts';
import { createTokenIssuer, newSigningKey } from '../../gateway/token/issuer.ts';
import { listen } from '../../subgraphs/shared/subgraph-server.ts';
import { type GatewayWorld, startGatewayWorld } from './gateway-world.ts';

const viewer = {
  Query: {
    viewer: (_: unknown, __: unknown, { caller }: { caller: { kind: string } }) => ({
      kind: caller.kind,
      scopes: [],
    }),
  },
};
const ask = '{ viewer { kind } }';
const merchant: TokenCaller = { kind: 'MERCHANT', merchantId: 'mer_1', clientId: 'cli_1', scopes: ['READ'] };

const provider = generateKeyPairSync('rsa', { modulusLength: 2048 });
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);
const rs256 = (payload: object): string => {
  const body = `${base64({ alg: 'RS256', kid: 'k1' })}.${base64(payload)}`;
  return `${body}.${createSign('RSA-SHA256').update(body).sign(provider.privateKey, 'base64url')}`;
};

let world: GatewayWorld;
let providerKeys = '';
const keyServer = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(providerKeys);
});

beforeAll(async () => {
  const jwk = { ...(await exportJWK(provider.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  providerKeys = JSON.stringify({ keys: [jwk] });
  const port = await listen(keyServer, '127.0.0.1', 0);
  const oidc = {
    issuer: 'https://login.example',
    jwksUrl: `http://127.0.0.1:${port}/keys`,
    audience: 'jifen-api',
    claims: { kind: 'role', member: 'https://jifen/member', merchant: 'shop', subject: 'email' },
    kinds: ['MEMBER', 'AUDITOR'],
  } as const;
  world = await startGatewayWorld({ accounts: viewer }, { oidc });
});
afterAll(async () => {
  await world.stop();
  keyServer.close();
  keyServer.closeAllConnections();
});
beforeEach(() => {
  world.met.length = 0;
});

const oidcClaims = () => ({ iss: 'https://login.example', aud: 'jifen-api', exp: now() + 60 });

test('a request without a token is PUBLIC', async () => {
  const answer = await world.ask(ask);

  expect(answer.status).toBe(200);
  expect(world.met).toEqual([{ subgraph: 'accounts', caller: { kind: 'PUBLIC' } }]);
});

test.each([
  merchant,
  { kind: 'MEMBER', memberId: 'mem_00000000000000000000000001', merchantId: 'mer_1' },
  { kind: 'MEMBER', memberId: 'mem_1' },
  { kind: 'OPERATOR', subject: 'ops' },
  { kind: 'AUDITOR', subject: 'aud' },
  { kind: 'ADVISER', subject: 'adv' },
  { kind: 'CHARITY', subject: 'cha' },
] as TokenCaller[])(
  'the subgraphs meet exactly the caller that the token speaks for: $kind',
  async (caller) => {
    const answer = await world.ask(ask, { token: await world.issuer.sign(caller, 60) });

    expect(answer.body).toEqual({ data: { viewer: { kind: caller.kind } } });
    expect(world.met).toEqual([{ subgraph: 'accounts', caller }]);
    expect(toCaller(toClaims(caller))).toEqual(caller);
  },
);

const key = async () => (await createTokenIssuer(await newSigningKey(), 'jifen', null)).sign(merchant, 60);
const claims = () => ({
  ...toClaims({ kind: 'OPERATOR', subject: 'x' }),
  iss: 'jifen',
  aud: 'jifen',
  exp: now() + 60,
});

const bad: readonly (readonly [string, () => Promise<string> | string, string])[] = [
  ['one signed with another key', key, 'the token does not hold'],
  ['an expired one', () => world.issuer.sign(merchant, -60), 'the token has expired'],
  ['alg none', () => `${base64({ alg: 'none' })}.${base64(claims())}.`, 'the token does not hold'],
  [
    'one signed with the public key as an HMAC secret',
    () => {
      const secret = Buffer.from(world.issuer.jwks.keys[0]!.x!, 'base64url');
      return new SignJWT(claims()).setProtectedHeader({ alg: 'HS256' }).sign(secret);
    },
    'the token does not hold',
  ],
  [
    'one whose claims were changed',
    async () => {
      const [head, , signature] = (await world.issuer.sign(merchant, 60)).split('.');
      return `${head}.${base64(claims())}.${signature}`;
    },
    'the token does not hold',
  ],
  [
    'one of another issuer',
    () => `${base64({ alg: 'EdDSA' })}.${base64({ iss: 'evil' })}.AA`,
    'the token is of an unknown issuer',
  ],
  [
    'one without an issuer',
    () => `${base64({ alg: 'EdDSA' })}.${base64({})}.AA`,
    'the token is of an unknown issuer',
  ],
  ['rubbish', () => 'rubbish', 'the token is not a JWT'],
  [
    "a provider's for another audience",
    () => rs256({ ...oidcClaims(), aud: 'other' }),
    'the token does not hold',
  ],
  [
    "a provider's without an expiry",
    () => rs256({ iss: 'https://login.example', aud: 'jifen-api' }),
    'the token does not hold',
  ],
  [
    "a provider's that claims to be an operator",
    () => rs256({ ...oidcClaims(), role: 'OPERATOR', email: 'x' }),
    'the provider may not name a caller of kind OPERATOR',
  ],
  [
    "a provider's that claims the built-in issuer",
    () => rs256({ ...claims(), role: 'AUDITOR' }),
    'the token does not hold',
  ],
];

test.each(bad)('refuses %s and asks no subgraph', async (_, make, reason) => {
  const answer = await world.ask(ask, { token: await make() });

  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  expect(answer.body).toEqual({
    errors: [{ message: `Not let in: ${reason}.`, extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(world.met).toEqual([]);
});

test('refuses another scheme of authorization', async () => {
  const answer = await world.ask(ask, { headers: { authorization: 'Basic YTpi' } });

  expect(answer.status).toBe(401);
  expect(world.met).toEqual([]);
});

test('a caller header from outside changes nothing', async () => {
  const header = await world.issuer.sign({ kind: 'OPERATOR', subject: 'x' }, 60);

  await world.ask(ask, { headers: { 'jifen-caller': header } });

  expect(world.met.map(({ caller }) => caller)).toEqual([{ kind: 'PUBLIC' }]);
});

test("a provider's claims are mapped by configuration", async () => {
  const answer = await world.ask(ask, {
    token: rs256({ ...oidcClaims(), 'https://jifen/member': 'mem_9', shop: 'mer_2' }),
  });
  await world.ask(ask, { token: rs256({ ...oidcClaims(), role: 'auditor', email: 'a@example.org' }) });

  expect(answer.status).toBe(200);
  expect(world.met.map(({ caller }) => caller)).toEqual([
    { kind: 'MEMBER', memberId: 'mem_9', merchantId: 'mer_2' },
    { kind: 'AUDITOR', subject: 'a@example.org' },
  ]);
});

test('a subgraph answers nobody who comes without the gateway', async () => {
  const { url } = world.subgraphs.accounts;
  const direct = async (headers: Record<string, string>) => {
    const body = JSON.stringify({ query: ask });
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return response.status;
  };
  const operator = await world.issuer.sign({ kind: 'OPERATOR', subject: 'x' }, 60);

  expect(await direct({})).toBe(401);
  expect(await direct({ authorization: `Bearer ${operator}` })).toBe(401);
  expect(await direct({ 'jifen-caller': operator })).toBe(401);
  expect(world.met).toEqual([]);
});
