// Thirty-one characters, none of 0 O 1 I L. The number is prime, which is what lets one weighted sum find every single
// wrong character and every swap of two neighbours.
const alphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const size = alphabet.length;
const length = 16;

/** A random whole number from 0 up to, not including, `below`; from a cryptographic source. */
export type RandomBelow = (below: number) => number;

const weightedSum = (values: readonly number[]): number =>
  values.reduce((sum, value, index) => (sum + (index + 1) * value) % size, 0);

/** The inverse of the last place's weight, by which the check character is solved for. */
const checkFactor = (() => {
  for (let factor = 1; factor < size; factor++) if ((factor * length) % size === 1) return factor;
  throw new Error('the alphabet has to have a prime size');
})();

/**
 * A new code without its hyphens: 15 random characters (74 bits) and a check character that makes the sum of
 * place times value divisible by 31.
 */
export function newVoucherCode(random: RandomBelow): string {
  const values = Array.from({ length: length - 1 }, () => random(size));
  values.push(((size - weightedSum(values)) * checkFactor) % size);
  return values.map((value) => alphabet[value]).join('');
}

/** The code that somebody typed, without hyphens and in capitals, or null where it cannot be one. */
export function readVoucherCode(typed: string): string | null {
  const code = typed.replace(/[\s-]/g, '').toUpperCase();
  const values = Array.from(code, (character) => alphabet.indexOf(character));
  return values.length === length && !values.includes(-1) && weightedSum(values) === 0 ? code : null;
}

/** A code as people see it, in four groups: `ABCD-EFGH-JKMN-PQRS`. */
export const showVoucherCode = (code: string): string => code.match(/.{4}/g)!.join('-');
