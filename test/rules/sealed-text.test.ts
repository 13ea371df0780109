import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lookupHash, openText, sealText } from '../../subgraphs/shared/sealed-text.ts';

const key = randomBytes(32);

test('a text opens with its key at its place, and looks different each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const sealed = sealText(key, 'here', text);
      expect(openText(key, 'here', sealed)).toBe(Buffer.from(text).toString('utf8'));
      expect(sealText(key, 'here', text)).not.toBe(sealed);
    }),
  );
});

test('it opens with no other key, at no other place and after no change', () => {
  const sealed = sealText(key, 'here', 'secret');
  const bytes = Buffer.from(sealed.slice(2), 'base64url');

  expect(() => openText(randomBytes(32), 'here', sealed)).toThrow();
  expect(() => openText(key, 'there', sealed)).toThrow();
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i]! ^= 1;
    expect(() => openText(key, 'here', `1.${changed.toString('base64url')}`)).toThrow();
  }
  expect(() => openText(key, 'here', `1.${bytes.subarray(0, -1).toString('base64url')}`)).toThrow();
  expect(() => openText(key, 'here', `2.${sealed.slice(2)}`)).toThrow('not known');
});

test('lookups keep their parts apart and need the secret', () => {
  expect(lookupHash(key, 'ab', 'c')).not.toBe(lookupHash(key, 'a', 'bc'));
  expect(lookupHash(key, 'ab', 'c')).toBe(lookupHash(key, 'ab', 'c'));
  expect(lookupHash(randomBytes(32), 'ab', 'c')).not.toBe(lookupHash(key, 'ab', 'c'));
});
