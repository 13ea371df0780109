import type { Decimal128 } from 'bson';
import {
  type Decimal,
  decimalOf,
  exactDecimal,
  type Rounding,
  roundDecimal,
  toDecimal128,
} from '../bson/decimal.ts';
import { ServerError } from '../bson/errors.ts';
import { fitsLong, multiplyNumbers } from '../bson/numeric.ts';
import { typeAlias } from '../bson/type-alias.ts';
import {
  bigOf,
  double,
  int,
  integer,
  isNullish,
  isNumber,
  long,
  numberKind,
  toDouble,
  toInteger,
} from '../bson/value.ts';
import { compileArguments, type Evaluate, type OperatorCompiler } from './expression-scope.ts';
import { unary } from './expression-shapes.ts';

const LEAST_LONG = -(2n ** 63n);

/** Refuses what is no number, with the operator's own code. */
export function requireNumber(operator: string, value: unknown, code = 28765): void {
  if (!isNumber(value))
    throw new ServerError(code, `${operator} only supports numeric types, not ${typeAlias(value)}`);
}

function abs(value: unknown, operator: string): unknown {
  requireNumber(operator, value);
  if (numberKind(value) === 'long' && bigOf(value) === LEAST_LONG)
    throw new ServerError(28680, "can't take $abs of long long min");
  const number = toDouble(value);
  if (numberKind(value) === 'double') return double(Math.abs(number));
  return number < 0 ? multiplyNumbers(value, int(-1)) : value;
}

const NATIVE: Readonly<Record<Rounding, (value: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  truncate: Math.trunc,
  halfEven: (value) => {
    const rounded = Math.round(value);
    return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
  },
};

/** Rounds to a number of places; integers stay of their kind. */
function roundTo(value: unknown, places: number, rounding: Rounding): unknown {
  switch (numberKind(value)) {
    case 'decimal':
      return toDecimal128(roundDecimal(decimalOf(value as Decimal128), places, rounding));
    case 'double': {
      const number = toDouble(value);
      if (places === 0 || !Number.isFinite(number)) return double(NATIVE[rounding](number));
      const exact = roundDecimal(exactDecimal(number), places, rounding) as Exclude<Decimal, string>;
      return double(Number(`${exact.coefficient}E${exact.exponent}`));
    }
    case 'int':
    case 'long':
    case undefined: {
      if (places >= 0) return value;
      const exact = roundDecimal(exactDecimal(bigOf(value)), places, rounding) as Exclude<Decimal, string>;
      const rounded = exact.coefficient * 10n ** BigInt(exact.exponent);
      if (!fitsLong(rounded))
        throw new ServerError(51080, `invalid conversion of ${rounded} to a 64-bit integer after rounding`);
      return numberKind(value) === 'long' ? long(rounded) : integer(rounded);
    }
  }
}

function rounding(mode: Rounding): OperatorCompiler {
  return (operand, scope, operator) => {
    const [argument, places] = compileArguments(operand, scope, operator, 1, 2) as [Evaluate, Evaluate?];
    return (root) => {
      const value = argument(root);
      const digits = places ? places(root) : int(0);
      if (isNullish(value) || isNullish(digits)) return null;
      requireNumber(operator, value, 51081);
      const wanted = toInteger(digits);
      if (wanted === undefined)
        throw new ServerError(51082, 'precision argument to $round and $trunc must be a integral value');
      if (wanted < -20 || wanted > 100)
        throw new ServerError(
          51083,
          `cannot apply ${operator} with precision value ${wanted} value must be in [-20, 100]`,
        );
      return roundTo(value, wanted, mode);
    };
  };
}

function floorOrCeil(mode: Rounding): OperatorCompiler {
  return unary((value, operator) => {
    requireNumber(operator, value);
    return roundTo(value, 0, mode);
  });
}

/** Absolute values and rounding. */
export const ROUNDING_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $abs: unary(abs),
  $round: rounding('halfEven'),
  $trunc: rounding('truncate'),
  $floor: floorOrCeil('floor'),
  $ceil: floorOrCeil('ceil'),
};
