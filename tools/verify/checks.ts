/** The two things that verifying takes from its surroundings: Node and browsers have them under different names. */
export interface Crypto {
  readonly sha256: (bytes: Uint8Array) => Promise<Uint8Array>;
  /** Whether an Ed25519 signature is right; null where that cannot be told, as in older browsers. */
  readonly verifyEd25519: (
    publicKey: Uint8Array,
    signature: Uint8Array,
    message: Uint8Array,
  ) => Promise<boolean | null>;
}

/** A public key as a JWK. */
export interface Key {
  readonly x: string;
}

/** Most that a file may bring of each: more than any proof or statement has. */
export const most = { keys: 100, chain: 400, path: 64, programmes: 1_000 } as const;

/** One thing that was looked at; null where it could not be. */
export interface Step {
  readonly ok: boolean | null;
  readonly text: string;
}

/** What came out. */
export interface Report {
  /**
   * GOOD: everything holds. UNSIGNED: all but the signatures, which could not be verified here. KEYLESS: all but the
   * signature, for whose key nobody gave. BAD: something does not hold. NOTHING: there is nothing that could hold.
   */
  readonly verdict: 'GOOD' | 'UNSIGNED' | 'KEYLESS' | 'BAD' | 'NOTHING';
  readonly title: string;
  readonly steps: readonly Step[];
  /** What the reader has to know about what was not shown. */
  readonly warnings: readonly string[];
  /** What the proof is about, name and value. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/** What a verifier of one kind of file came to. */
export type Verified = Omit<Report, 'verdict'>;

/** Thrown where a file is not what a proof looks like. */
export class Malformed extends Error {
  override name = 'Malformed';
}

/** Thrown where a file is of another kind altogether: nothing in it could be verified. */
export class NothingToVerify extends Error {
  override name = 'NothingToVerify';
}

/** A value of a file as it is shown. Never throws, though a parsed object may have fields that keep it from becoming a text. */
export const show = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
};

const encoder = new TextEncoder();

/** A text in UTF-8. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Bytes one after another. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bytes in hex. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A SHA-256 from its hex; throws Malformed for anything else. */
export function hashFromHex(hex: unknown): Uint8Array {
  if (typeof hex !== 'string' || !/^[0-9a-f]{64}$/.test(hex))
    throw new Malformed(`${show(hex)} is no SHA-256 in hex`);
  return Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}

/** Bytes from base64url without padding; throws Malformed for anything else. */
export function fromBase64url(text: string): Uint8Array {
  if (!/^[\w-]*$/.test(text)) throw new Malformed('not base64url');
  try {
    const raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(raw, (char) => char.charCodeAt(0));
  } catch {
    throw new Malformed('not base64url');
  }
}

/** Bytes in base64url without padding. */
export const toBase64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');

/** The RFC 7638 thumbprint of a key. */
export const thumbprint = async ({ x }: Key, crypto: Crypto): Promise<string> =>
  toBase64url(await crypto.sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":${JSON.stringify(x)}}`)));
