import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calculateJwkThumbprint } from 'jose';
import { createSigner, type Signature, verifySignature } from '../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey, signingKeySetting } from '../../subgraphs/shared/signing/signing-key.ts';

/** The key pair of RFC 8037, appendix A, and its thumbprint there. */
const published = {
  kty: 'OKP' as const,
  crv: 'Ed25519' as const,
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
};
const publishedThumbprint = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';

const record = { type: 'jifen-test', points: 12n, at: new Date('2026-03-01T10:00:00Z'), none: null };

describe('a signer', () => {
  test('names its key by the thumbprint of RFC 7638', async () => {
    const key = makeSigningKey();

    expect(createSigner(published).keyId).toBe(publishedThumbprint);
    expect(createSigner(key).keyId).toBe(await calculateJwkThumbprint(key));
  });

  test('shows the public part of its key and nothing of the private one', () => {
    expect(createSigner(published).publicKeys).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x: published.x, kid: publishedThumbprint },
    ]);
  });

  test('signs canonical JSON, so the order of fields and absent ones make no difference', async () => {
    const signer = createSigner(published);
    const signature = await signer.sign(record);
    const again = { at: '2026-03-01T10:00:00.000Z', points: '12', type: 'jifen-test' };

    expect(signature).toEqual({
      keyId: publishedThumbprint,
      algorithm: 'EdDSA',
      signature: expect.stringMatching(/^[\w-]{86}$/),
    });
    expect(await signer.sign(again)).toEqual(signature);
    expect(verifySignature(signer.publicKeys, again, signature)).toBe(true);
  });

  test('refuses a key whose parts do not belong together', () => {
    expect(() => createSigner({ ...published, x: makeSigningKey().x })).toThrow('do not belong together');
  });
});

describe('a signature', () => {
  const signer = createSigner(published);

  test('verifies for its value alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (value, other) => {
        const signature = await signer.sign({ value });

        expect(verifySignature(signer.publicKeys, { value }, signature)).toBe(true);
        expect(verifySignature(signer.publicKeys, { value: other }, signature)).toBe(value === other);
      }),
    );
  });

  test('does not verify with any bit of it changed', async () => {
    const signature = await signer.sign(record);
    const bytes = Buffer.from(signature.signature, 'base64url');

    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const forged = { ...signature, signature: changed.toString('base64url') };
      expect(verifySignature(signer.publicKeys, record, forged)).toBe(false);
    }
  });

  test('verifies with an old key that stayed listed and not without it', async () => {
    const old = createSigner(makeSigningKey());
    const signature = await old.sign(record);

    expect(verifySignature([...signer.publicKeys, ...old.publicKeys], record, signature)).toBe(true);
    expect(verifySignature(signer.publicKeys, record, signature)).toBe(false);
  });

  test('does not verify with a key that only claims its id', async () => {
    const signature = await signer.sign(record);
    const claimed = { ...createSigner(makeSigningKey()).publicKeys[0]!, kid: signer.keyId };

    expect(verifySignature([claimed], record, signature)).toBe(false);
  });

  test.each([
    ['another algorithm', { algorithm: 'none' }],
    ['no bytes', { signature: '' }],
    ['bytes that are no signature', { signature: 'abc' }],
  ])('with %s does not verify', async (_, change) => {
    const signature = { ...(await signer.sign(record)), ...change } as Signature;

    expect(verifySignature(signer.publicKeys, record, signature)).toBe(false);
  });
});

describe('the setting of a signing key', () => {
  test('is a private Ed25519 JWK', () => {
    expect(signingKeySetting.parse(JSON.stringify(published))).toEqual(published);
  });

  test.each([
    ['no JSON', '{'],
    ['a public key', JSON.stringify({ ...published, d: undefined })],
    ['another curve', JSON.stringify({ ...published, crv: 'X25519' })],
  ])('is not %s', (_, text) => {
    expect(signingKeySetting.safeParse(text).success).toBe(false);
  });
});
