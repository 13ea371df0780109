import { type Crypto, fromBase64url, type Key, type Step, thumbprint, toHex, utf8 } from './checks.ts';
import type { Signed } from './proof-file.ts';

async function keyOf(keyId: string, keys: readonly Key[], crypto: Crypto): Promise<Key | null> {
  for (const key of keys) if ((await thumbprint(key, crypto)) === keyId) return key;
  return null;
}

async function isSigned(signed: Signed, keys: readonly Key[], crypto: Crypto): Promise<boolean | null> {
  const key = await keyOf(signed.keyId, keys, crypto);
  if (!key) return false;
  return crypto.verifyEd25519(fromBase64url(key.x), fromBase64url(signed.signature), utf8(signed.content));
}

/** Verifies the signatures of some texts of one kind, and the hashes that stand beside them. */
export async function signatureStep(
  what: string,
  all: readonly Signed[],
  keys: readonly Key[],
  crypto: Crypto,
): Promise<Step> {
  for (const [i, signed] of all.entries()) {
    const { content, statedHash } = signed;
    if (statedHash !== undefined && statedHash !== toHex(await crypto.sha256(utf8(content))))
      return { ok: false, text: `The hash beside ${what} ${i + 1} of ${all.length} is not its hash` };
    const ok = await isSigned(signed, keys, crypto);
    if (ok === null)
      return {
        ok,
        text: 'Signatures could not be verified: this browser has no Ed25519. Use `npm run verify`, or a newer one.',
      };
    if (!ok) {
      const known = await keyOf(signed.keyId, keys, crypto);
      const why = known ? 'its signature is wrong' : `nobody here knows its key ${signed.keyId}`;
      return { ok, text: `The signature of ${what} ${i + 1} of ${all.length} does not hold: ${why}` };
    }
  }
  const text =
    all.length === 1
      ? `The signature of the ${what} holds`
      : `The signatures of all ${all.length} ${what}s hold`;
  return { ok: true, text };
}
