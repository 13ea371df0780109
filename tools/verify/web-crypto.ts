import type { Crypto } from './checks.ts';

const algorithm = { name: 'Ed25519' };

/** What verifying takes from a browser. Older ones have no Ed25519: then signatures cannot be told. */
export const webCrypto: Crypto = {
  sha256: async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)),
  verifyEd25519: async (publicKey, signature, message) => {
    try {
      const key = await crypto.subtle.importKey('raw', publicKey, algorithm, false, ['verify']);
      return await crypto.subtle.verify(algorithm, key, signature, message);
    } catch (error) {
      return (error as Error).name === 'NotSupportedError' ? null : false;
    }
  },
};
