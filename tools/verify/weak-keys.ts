import { fromBase64url, toHex } from './checks.ts';

/**
 * The points of Ed25519 of small order, by the hex of their y without the sign of x, also where it is not reduced: under
 * such a key one signature passes for many texts, or for all.
 */
const smallOrder = new Set([
  '0'.repeat(64),
  `01${'0'.repeat(62)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'f'.repeat(60)}7f`,
  `ed${'f'.repeat(60)}7f`,
  `ee${'f'.repeat(60)}7f`,
]);

/** Whether a public key, in base64url, is one that proves nothing. */
export function isWeakKey(x: string): boolean {
  const bytes = fromBase64url(x);
  if (bytes.length !== 32) return false;
  return smallOrder.has(toHex(bytes.map((byte, i) => (i === 31 ? byte & 0x7f : byte))));
}
