import { generateKeyPairSync } from 'node:crypto';
import { z } from 'zod';

/** A private Ed25519 key as a JWK (RFC 8037). */
export const signingKeyShape = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string('must be a private key'),
});

/** A private Ed25519 key as a JWK. */
export type SigningKey = z.infer<typeof signingKeyShape>;

/** A private Ed25519 key in a variable of the environment, as JSON. */
export const signingKeySetting = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  })
  .pipe(signingKeyShape);

/** A new private key to sign records with. */
export const makeSigningKey = (): SigningKey =>
  signingKeyShape.parse(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
