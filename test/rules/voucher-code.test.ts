import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import {
  newVoucherCode,
  readVoucherCode,
  showVoucherCode,
} from '../../subgraphs/rewards-catalogue/voucher/voucher-code.ts';
import { fc } from '../support/properties.ts';

const alphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** Codes from arbitrary randomness. */
const codes = fc.array(fc.nat({ max: 30 }), { minLength: 15, maxLength: 15 }).map((values) => {
  const left = [...values];
  return newVoucherCode(() => left.shift()!);
});

test('a code has sixteen characters, none of which looks like another', () => {
  fc.assert(
    fc.property(codes, (code) => {
      expect(code).toMatch(/^[2-9A-HJKMNP-Z]{16}$/);
    }),
  );
});

test('is shown in four groups and read back with blanks, hyphens and lower case', () => {
  fc.assert(
    fc.property(codes, (code) => {
      const shown = showVoucherCode(code);
      expect(shown).toMatch(/^(.{4}-){3}.{4}$/);
      expect(readVoucherCode(` ${shown.toLowerCase().replace('-', ' ')}\n`)).toBe(code);
    }),
  );
});

test('a single wrong character is never a code', () => {
  fc.assert(
    fc.property(codes, (code) => {
      for (let place = 0; place < 16; place++)
        for (const other of alphabet)
          if (other !== code[place])
            expect(readVoucherCode(code.slice(0, place) + other + code.slice(place + 1))).toBeNull();
    }),
    { numRuns: 30 },
  );
});

test('two neighbours swapped are never a code, unless they are the same', () => {
  fc.assert(
    fc.property(codes, (code) => {
      for (let place = 0; place < 15; place++) {
        const [a, b] = [code[place]!, code[place + 1]!];
        const swapped = code.slice(0, place) + b + a + code.slice(place + 2);
        expect(readVoucherCode(swapped)).toBe(a === b ? code : null);
      }
    }),
  );
});

test.each([
  '',
  '2',
  'ABCD',
  '0000-0000-0000-0000',
  'OOOO-OOOO-OOOO-OOOO',
  '2222-2222-2222-2222-2222',
  '二二二二',
])('refuses %j', (typed) => {
  expect(readVoucherCode(typed)).toBeNull();
});

test('asks for fifteen random characters and makes no two codes alike', () => {
  const asked: number[] = [];
  newVoucherCode((below) => {
    asked.push(below);
    return 0;
  });
  const made = new Set(Array.from({ length: 2_000 }, () => newVoucherCode((below) => randomInt(below))));

  expect(asked).toEqual(Array.from({ length: 15 }, () => 31));
  expect(made.size).toBe(2_000);
});
