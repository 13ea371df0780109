import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import type { OutsideCaller } from '../../subgraphs/shared/caller.ts';
import type { MemberIds } from '../../subgraphs/shared/member-ids.ts';
import { type TokenCaller, toCaller } from './claims.ts';
import { type TokenIssuer, tokenAudience } from './issuer.ts';
import { inOurIds } from './session-ids.ts';

/** An OpenID Connect provider whose tokens are accepted beside the built-in issuer's. */
export interface OidcProvider {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** What the provider's tokens have to name as their audience. */
  readonly audience: string;
  /** Which of the provider's claims hold what. */
  readonly claims: {
    readonly kind: string;
    readonly member: string;
    readonly merchant: string;
    readonly subject: string;
  };
  /** Kinds of caller that the provider may name; never MERCHANT, whose credentials are ours. */
  readonly kinds: readonly TokenCaller['kind'][];
}

/** The presented credential does not hold; the message says why, without quoting it. */
export class BadToken extends Error {
  override name = 'BadToken';
}

/** Reads the Authorization header: PUBLIC without one. Throws BadToken where a credential is given that does not hold. */
export type TokenVerifier = (authorization: string | undefined) => Promise<OutsideCaller>;

type Check = (token: string) => Promise<TokenCaller>;

const clockTolerance = 5;

function builtIn(issuer: TokenIssuer, memberIds: MemberIds): Check {
  const keys = createLocalJWKSet({ keys: [...issuer.jwks.keys] });
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, {
      issuer: issuer.issuer,
      audience: tokenAudience,
      algorithms: ['EdDSA'],
      requiredClaims: ['exp', 'sub'],
      clockTolerance,
    });
    const caller = inOurIds(toCaller(payload), memberIds);
    if (!caller) throw new BadToken('the token names no member of its merchant');
    return caller;
  };
}

/** The provider's claims under the names that the built-in issuer uses. */
function mapClaims(payload: JWTPayload, provider: OidcProvider): TokenCaller {
  const { kind, member, merchant, subject } = provider.claims;
  const named = String(payload[kind] ?? 'MEMBER').toUpperCase();
  if (!provider.kinds.some((allowed) => allowed === named))
    throw new BadToken(`the provider may not name a caller of kind ${named}`);
  return toCaller({
    kind: named,
    member: payload[member],
    merchant: payload[merchant],
    sub: payload[subject],
  });
}

function openId(provider: OidcProvider): Check {
  const keys = createRemoteJWKSet(new URL(provider.jwksUrl), { timeoutDuration: 5_000 });
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, {
      issuer: provider.issuer,
      audience: provider.audience,
      algorithms: ['EdDSA', 'RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384'],
      requiredClaims: ['exp'],
      clockTolerance,
    });
    return mapClaims(payload, provider);
  };
}

function issuerOf(token: string): unknown {
  try {
    return decodeJwt(token).iss;
  } catch {
    throw new BadToken('the token is not a JWT');
  }
}

function explain(error: unknown): BadToken {
  if (error instanceof BadToken) return error;
  const code = (error as { code?: unknown }).code;
  if (code === 'ERR_JWT_EXPIRED') return new BadToken('the token has expired');
  if (code === 'ERR_JWKS_TIMEOUT') return new BadToken("the provider's keys could not be had");
  return new BadToken('the token does not hold');
}

/** Makes the verifier of everything that a caller may present. */
export function createTokenVerifier(
  issuer: TokenIssuer,
  memberIds: MemberIds,
  provider?: OidcProvider,
): TokenVerifier {
  const checks = new Map<unknown, Check>([[issuer.issuer, builtIn(issuer, memberIds)]]);
  if (provider) checks.set(provider.issuer, openId(provider));
  return async (authorization) => {
    if (authorization === undefined || authorization === '') return { kind: 'PUBLIC' };
    const token = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1];
    if (!token) throw new BadToken('the Authorization header must be `Bearer <token>`');
    const check = checks.get(issuerOf(token));
    if (!check) throw new BadToken('the token is of an unknown issuer');
    return check(token).catch((error: unknown) => Promise.reject(explain(error)));
  };
}
