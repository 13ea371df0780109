import { expect, test } from '@jest/globals';
import { isCardNumber, luhnDigit, newCardNumber } from '../../subgraphs/accounts/membership/card-number.ts';
import { fc } from '../support/properties.ts';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));

test('gives the published check digit of published numbers', () => {
  expect(luhnDigit('7992739871')).toBe(3);
  expect(luhnDigit('411111111111111')).toBe(1);
  expect(luhnDigit('000000000000000')).toBe(0);
});

test('accepts exactly one last digit for any fifteen', () => {
  fc.assert(
    fc.property(digits(15), (head) => {
      const right = '0123456789'.split('').filter((last) => isCardNumber(head + last));

      expect(right).toEqual([String(luhnDigit(head))]);
    }),
  );
});

test('notices any one wrong digit', () => {
  fc.assert(
    fc.property(
      digits(15),
      fc.integer({ min: 0, max: 15 }),
      fc.integer({ min: 1, max: 9 }),
      (head, place, by) => {
        const number = head + luhnDigit(head);
        const wrong = (Number(number[place]) + by) % 10;

        expect(isCardNumber(number.slice(0, place) + wrong + number.slice(place + 1))).toBe(false);
      },
    ),
  );
});

test.each([
  '',
  '411111111111111',
  '41111111111111111',
  '4111 1111 1111 1111',
  '４１１１１１１１１１１１１１１１',
])('does not take %j for a card number', (text) => {
  expect(isCardNumber(text)).toBe(false);
});

test('makes valid numbers whatever bytes chance gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16, max: 249 }), (bytes) => {
      expect(isCardNumber(newCardNumber(() => bytes))).toBe(true);
    }),
  );
});

test('throws away bytes that would make some digits likelier', () => {
  const draws = [new Uint8Array(16).fill(255), new Uint8Array(16).fill(249)];

  const number = newCardNumber(() => draws.shift()!);

  expect(number.slice(0, 15)).toBe('9'.repeat(15));
  expect(draws).toEqual([]);
});
