import { type Crypto, fromBase64url, type Key, type Step, thumbprint, toHex, utf8 } from './checks.ts';
import type { Signed } from './proof-file.ts';

/** The hash of a signed text in hex. */
export const hashOf = async ({ content }: Pick<Signed, 'content'>, crypto: Crypto): Promise<string> =>
  toHex(await crypto.sha256(utf8(content)));

/** The first text beside which another hash than its own stands, from 1; 0 if there is none. */
async function wronglyHashed(all: readonly Signed[], crypto: Crypto): Promise<number> {
  for (const [i, signed] of all.entries())
    if (signed.statedHash !== undefined && signed.statedHash !== (await hashOf(signed, crypto))) return i + 1;
  return 0;
}

async function byThumbprint(keys: readonly Key[], crypto: Crypto): Promise<ReadonlyMap<string, Key>> {
  return new Map(await Promise.all(keys.map(async (key) => [await thumbprint(key, crypto), key] as const)));
}

/** Verifies the signatures of some texts of one kind, and the hashes that stand beside them. Without keys nobody can. */
export async function signatureStep(
  what: string,
  all: readonly Signed[],
  keys: readonly Key[] | null,
  crypto: Crypto,
): Promise<Step> {
  const wrong = await wronglyHashed(all, crypto);
  if (wrong > 0)
    return { ok: false, text: `The hash beside ${what} ${wrong} of ${all.length} is not its hash` };
  if (!keys)
    return {
      ok: null,
      text: `What is signed could not be verified: no public keys are in the file, and none was given; the ${what} names the key ${all[0]!.keyId}`,
    };
  const known = await byThumbprint(keys, crypto);
  for (const [i, { content, keyId, signature }] of all.entries()) {
    const key = known.get(keyId);
    const ok =
      key !== undefined &&
      (await crypto.verifyEd25519(fromBase64url(key.x), fromBase64url(signature), utf8(content)));
    if (ok === null)
      return {
        ok,
        text: 'Signatures could not be verified: this browser has no Ed25519. Use `npm run verify`, or a newer one.',
      };
    if (!ok) {
      const why = key ? 'its signature is wrong' : `nobody here knows its key ${keyId}`;
      return { ok, text: `The signature of ${what} ${i + 1} of ${all.length} does not hold: ${why}` };
    }
  }
  const text =
    all.length === 1
      ? `The signature of the ${what} holds`
      : `The signatures of all ${all.length} ${what}s hold`;
  return { ok: true, text };
}
