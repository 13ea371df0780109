import { ServerError } from '../bson/errors.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bigOf, int, isNullish, long, numberKind, toDouble } from '../bson/value.ts';
import { compileArguments, type OperatorCompiler } from './expression-scope.ts';
import { unary } from './expression-shapes.ts';

function bitwise(combine: (a: bigint, b: bigint) => bigint, start: bigint): OperatorCompiler {
  return (operand, scope, operator) => {
    const parts = compileArguments(operand, scope, operator, 0, Number.POSITIVE_INFINITY);
    return (root) => {
      let result = start;
      let isLong = false;
      for (const part of parts) {
        const value = part(root);
        if (isNullish(value)) return null;
        isLong ||= requireInteger(operator, value) === 'long';
        result = combine(result, bigOf(value));
      }
      return isLong ? long(result) : int(Number(result));
    };
  };
}

function requireInteger(operator: string, value: unknown): 'int' | 'long' {
  const kind = numberKind(value);
  if (kind === 'int' || kind === 'long') return kind;
  throw new ServerError(14, `${operator} only supports int and long operands, not ${typeAlias(value)}`);
}

/** Bits of ints and longs. */
export const BIT_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $bitAnd: bitwise((a, b) => a & b, -1n),
  $bitOr: bitwise((a, b) => a | b, 0n),
  $bitXor: bitwise((a, b) => a ^ b, 0n),
  $bitNot: unary((value, operator) =>
    requireInteger(operator, value) === 'long' ? long(~bigOf(value)) : int(~toDouble(value)),
  ),
};
