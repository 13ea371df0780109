import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import type { MemberIds } from '../../subgraphs/shared/member-ids.ts';
import { type SigningKey, signingKeyShape } from '../../subgraphs/shared/signing/signing-key.ts';
import { type TokenCaller, toClaims } from './claims.ts';
import { inMerchantsIds } from './session-ids.ts';

/** For whom tokens are: this API and no other. */
export const tokenAudience = 'jifen';

/** Seconds that a merchant's token is valid. */
export const merchantTokenSeconds = 3600;

/** Seconds that a member's session token is valid. */
export const memberTokenSeconds = 900;

/** A caller whose token needs no id of a merchant's. */
function plain(caller: TokenCaller): TokenCaller {
  if (caller.kind === 'MEMBER' && caller.merchantId)
    throw new Error('a session needs the ids of its merchant');
  return caller;
}

/** Signs tokens with the coalition's own key. */
export interface TokenIssuer {
  readonly issuer: string;
  /** The public key as a JWK set (RFC 7517). */
  readonly jwks: { readonly keys: readonly JWK[] };
  /** A token that speaks for `caller` for so many seconds. */
  sign(caller: TokenCaller, seconds: number): Promise<string>;
}

/** Makes the issuer of tokens from its private key. Without member ids it signs no session that a merchant mints. */
export async function createTokenIssuer(
  key: SigningKey,
  issuer: string,
  memberIds: MemberIds | null,
): Promise<TokenIssuer> {
  const secret = await importJWK({ kty: key.kty, crv: key.crv, x: key.x, d: key.d }, 'EdDSA');
  const kid = await calculateJwkThumbprint(key);
  const sign = (caller: TokenCaller, seconds: number) =>
    new SignJWT(toClaims(memberIds ? inMerchantsIds(caller, memberIds) : plain(caller)))
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience(tokenAudience)
      .setIssuedAt()
      .setExpirationTime(`${seconds}s`)
      .setJti(randomUUID())
      .sign(secret);
  const shown = { kty: key.kty, crv: key.crv, x: key.x, kid, alg: 'EdDSA', use: 'sig' };
  return { issuer, jwks: { keys: [shown] }, sign };
}

/** A new private key to sign tokens with. */
export async function newSigningKey(): Promise<SigningKey> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return signingKeyShape.parse(await exportJWK(pair.privateKey));
}
