import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;

/** How many bytes a key has. */
export const sealKeyBytes = 32;

/**
 * A text that only the key's holder reads: AES-256-GCM, as `1.` and base64url of nonce, ciphertext and tag. `place` says where
 * it stands, so that a text that was moved elsewhere does not open. The nonce is random: a key is for some thousand texts, far
 * below the 2^32 that NIST SP 800-38D allows.
 */
export function sealText(key: Uint8Array, place: string, text: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `1.${sealed.toString('base64url')}`;
}

/** Opens what `sealText` made. Throws if the key, the place or the text is another. */
export function openText(key: Uint8Array, place: string, sealed: string): string {
  if (!sealed.startsWith('1.')) throw new Error(`${place} is sealed in a way that is not known`);
  const bytes = Buffer.from(sealed.slice(2), 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(-tagBytes));
  const text = decipher.update(bytes.subarray(ivBytes, -tagBytes));
  return Buffer.concat([text, decipher.final()]).toString('utf8');
}

/** What a sealed text is found by: a hash that nobody makes without the secret. Parts are kept apart by their lengths. */
export function lookupHash(secret: Uint8Array, ...parts: readonly string[]): string {
  const hash = createHmac('sha256', secret);
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}
