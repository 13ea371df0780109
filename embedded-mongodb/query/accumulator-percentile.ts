import { ServerError } from '../bson/errors.ts';
import { double, isNumber, toDouble } from '../bson/value.ts';
import type { Accumulator, AccumulatorCompiler } from './accumulators.ts';
import { compileNamed, type Evaluate, type Scope } from './expression-scope.ts';

/** The sorted numbers' element at each percentile: the smallest that at least that share does not exceed. */
export function percentilesOf(values: readonly unknown[], shares: readonly number[]): unknown[] {
  const sorted = values
    .filter(isNumber)
    .map(toDouble)
    .sort((a, b) => a - b);
  return shares.map((share) => {
    if (sorted.length === 0) return null;
    return double(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number);
  });
}

/** Checks `method` and `p`, which must be constants; gives the shares. */
export function sharesOf(
  operand: unknown,
  scope: Scope,
  operator: string,
): { input: Evaluate; shares: number[] } {
  const named = compileNamed(
    operand,
    scope,
    operator,
    operator === '$median' ? ['input', 'method'] : ['input', 'p', 'method'],
  );
  if (named['method']?.({}) !== 'approximate') {
    throw new ServerError(2, `Currently only 'approximate' can be used as percentile 'method'.`);
  }
  const shares = operator === '$median' ? [double(0.5)] : named['p']?.({});
  if (!Array.isArray(shares) || shares.length === 0)
    throw new ServerError(7750301, `The ${operator} 'p' field must be a non-empty array of numbers`);
  if (shares.some((share) => !(toDouble(share) >= 0 && toDouble(share) <= 1))) {
    throw new ServerError(7750303, `The ${operator} 'p' field must be an array of numbers from [0.0, 1.0]`);
  }
  return { input: named['input'] as Evaluate, shares: shares.map(toDouble) };
}

const percentile: AccumulatorCompiler = (operand, scope, operator) => {
  const { input, shares } = sharesOf(operand, scope, operator);
  const start = (): Accumulator => {
    const values: unknown[] = [];
    return {
      add: (value) => void values.push(value),
      result: () => {
        const results = percentilesOf(values, shares);
        return operator === '$median' ? results[0] : results;
      },
    };
  };
  return { evaluate: input, start };
};

/** `$percentile` and `$median`. */
export const percentileAccumulators: readonly (readonly [string, AccumulatorCompiler])[] = [
  ['$percentile', percentile],
  ['$median', percentile],
];
