import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { canonicalJson, sha256 } from '../idempotency.ts';
import type { SigningKey } from './signing-key.ts';

/** A public Ed25519 key as a JWK (RFC 8037). */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** The key, base64url. */
  readonly x: string;
  /** Its RFC 7638 thumbprint, base64url. */
  readonly kid: string;
}

/** A detached signature of a value's canonical JSON. */
export interface Signature {
  /** RFC 7638 thumbprint of the key. */
  readonly keyId: string;
  readonly algorithm: 'EdDSA';
  /** The 64 bytes of Ed25519 (RFC 8032), base64url. */
  readonly signature: string;
}

/** Signs records that have to convince somebody who does not trust the one that shows them. */
export interface Signer {
  readonly keyId: string;
  /**
   * Signs the canonical JSON (RFC 8785) of a value: bigints and dates as strings, absent and null fields left out. The value
   * should say what it is, e.g. in a field `type`, so that a signature of one kind of record never passes for another's.
   */
  sign(value: unknown): Promise<Signature>;
  /** The public keys that its signatures are verified with. Publish them, and keep them listed after the key is replaced. */
  readonly publicKeys: readonly PublicKey[];
}

/** The RFC 7638 thumbprint of an Ed25519 key, base64url. */
export const thumbprint = ({ x }: { readonly x: string }): string =>
  Buffer.from(sha256(canonicalJson({ crv: 'Ed25519', kty: 'OKP', x })), 'hex').toString('base64url');

/** Makes a signer of its private key. Throws for a JWK that is no Ed25519 key pair. */
export function createSigner(jwk: SigningKey): Signer {
  const { kty, crv, d } = jwk;
  const secret = createPrivateKey({ key: { kty, crv, d, x: jwk.x }, format: 'jwk' });
  // Of the private part: a JWK whose two parts do not belong together would sign what nobody can verify.
  const { x } = createPublicKey(secret).export({ format: 'jwk' }) as { x: string };
  if (x !== jwk.x)
    throw new Error('the public and the private part of the signing key do not belong together');
  const keyId = thumbprint({ x });
  return {
    keyId,
    publicKeys: [{ kty, crv, x, kid: keyId }],
    sign: async (value) => {
      const signature = sign(null, Buffer.from(canonicalJson(value)), secret).toString('base64url');
      return { keyId, algorithm: 'EdDSA', signature };
    },
  };
}

/** Whether a signature of a value was made with one of these keys. Never throws: what is malformed does not verify. */
export function verifySignature(
  publicKeys: readonly Omit<PublicKey, 'kid'>[],
  value: unknown,
  { keyId, algorithm, signature }: Signature,
): boolean {
  const known = publicKeys.find((key) => thumbprint(key) === keyId);
  if (!known || algorithm !== 'EdDSA') return false;
  try {
    const { kty, crv, x } = known;
    const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
    return verify(null, Buffer.from(canonicalJson(value)), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
