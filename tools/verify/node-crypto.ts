import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Crypto } from './checks.ts';

/** What verifying takes from Node. */
export const nodeCrypto: Crypto = {
  sha256: async (bytes) => createHash('sha256').update(bytes).digest(),
  verifyEd25519: async (publicKey, signature, message) => {
    try {
      const x = Buffer.from(publicKey).toString('base64url');
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      return verify(null, message, key, signature);
    } catch {
      // Not the bytes of a key or signature.
      return false;
    }
  },
};
