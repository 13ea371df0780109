import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

function plain(value: unknown): unknown {
  // Half a surrogate pair is no text: databases keep U+FFFD for it, and RFC 8785 has no form for it.
  if (typeof value === 'string') return value.replace(/\p{Cs}/gu, '\ufffd');
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined && inner !== null)
      .map(([key, inner]) => [key, plain(inner)]),
  );
}

/** Canonical JSON (RFC 8785) of a value; bigints and dates as strings, absent and null fields alike left out. */
export const canonicalJson = (value: unknown): string => canonicalize(plain(value)) ?? 'null';

/** SHA-256 in hex of a text or bytes. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** What an idempotency key stands for: SHA-256 of the input's canonical JSON, without the key itself. */
export function inputHash(input: object): string {
  const { idempotencyKey: _, ...rest } = input as Record<string, unknown>;
  return sha256(canonicalJson(rest));
}

/** Rules of an idempotency key: 1 to 200 visible ASCII characters. */
export const isIdempotencyKey = (key: string): boolean => /^[\x21-\x7e]{1,200}$/.test(key);
