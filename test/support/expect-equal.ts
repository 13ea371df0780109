import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';

/**
 * Expects what `toEqual` does, where a property does so a hundred thousand times: to begin an expectation costs more than to
 * compare, so it is left out where all is the same.
 */
export function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}
