import { compareStrings } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { int, isNullish, isNumber, toDouble, toInteger } from '../bson/value.ts';
import { compileArguments, compileNamed, type Evaluate, type OperatorCompiler } from './expression-scope.ts';
import { binary } from './expression-shapes.ts';

/** The text that an operator was given; refuses anything else with the operator's own code. */
export function textOf(operator: string, value: unknown, code: number): string {
  if (typeof value === 'string') return value;
  throw new ServerError(code, `${operator} requires a string argument, found: ${typeAlias(value)}`);
}

/** Numbers and dates also become text where case and comparison operators want some; null becomes the empty string. */
function coerced(value: unknown): string {
  if (isNullish(value)) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (isNumber(value)) return String(value);
  throw new ServerError(16007, `can't convert from BSON type ${typeAlias(value)} to String`);
}

const concat: OperatorCompiler = (operand, scope, operator) => {
  const parts = compileArguments(operand, scope, operator, 0, Number.POSITIVE_INFINITY);
  return (root) => {
    let result = '';
    for (const part of parts) {
      const value = part(root);
      if (isNullish(value)) return null;
      if (typeof value !== 'string') {
        throw new ServerError(16702, `$concat only supports strings, not ${typeAlias(value)}`);
      }
      result += value;
    }
    return result;
  };
};

/** ASCII letters only change their case, as documented. */
function changeCase(pattern: RegExp, change: (letters: string) => string): OperatorCompiler {
  return (operand, scope, operator) => {
    const [value] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => coerced(value(root)).replace(pattern, change);
  };
}

const split = binary((value, separator, operator) => {
  const by = textOf(operator, separator, 40086);
  if (by === '') throw new ServerError(40087, '$split requires a non-empty separator');
  return textOf(operator, value, 40085).split(by);
});

function length(measure: (text: string) => number, code: number): OperatorCompiler {
  return (operand, scope, operator) => {
    const [value] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => int(measure(textOf(operator, value(root), code)));
  };
}

function position(operator: string, value: unknown, code: number): number {
  const index = toInteger(value) ?? (isNumber(value) ? Math.trunc(toDouble(value)) : undefined);
  if (index === undefined)
    throw new ServerError(code, `${operator} requires an integral position, found: ${typeAlias(value)}`);
  return index;
}

/** A position that must be whole as well as a number. */
function wholePosition(operator: string, value: unknown, typeCode: number, code: number): number {
  const index = position(operator, value, typeCode);
  if (index !== toDouble(value))
    throw new ServerError(code, `${operator} requires an integral position, found: ${toDouble(value)}`);
  return index;
}

function startOrEnd(operator: string, value: unknown): number {
  const index = wholePosition(operator, value, 40096, 40096);
  if (index < 0) throw new ServerError(40097, `${operator} requires a nonnegative position, found: ${index}`);
  return index;
}

/** The code points of a text: positions in the aggregation language count these. */
export function codePoints(text: string): string[] {
  return Array.from(text);
}

const substrCP: OperatorCompiler = (operand, scope, operator) => {
  const [value, from, count] = compileArguments(operand, scope, operator, 3) as [
    Evaluate,
    Evaluate,
    Evaluate,
  ];
  return (root) => {
    const points = codePoints(coerced(value(root)));
    const start = wholePosition(operator, from(root), 34450, 34451);
    const wanted = wholePosition(operator, count(root), 34452, 34453);
    if (start < 0)
      throw new ServerError(34455, '$substrCP: the starting index must be a non-negative integer.');
    if (wanted < 0) throw new ServerError(34454, '$substrCP: length must be a nonnegative integer.');
    return points.slice(start, start + wanted).join('');
  };
};

const substrBytes: OperatorCompiler = (operand, scope, operator) => {
  const [value, from, count] = compileArguments(operand, scope, operator, 3) as [
    Evaluate,
    Evaluate,
    Evaluate,
  ];
  return (root) => {
    const bytes = Buffer.from(coerced(value(root)));
    const start = position(operator, from(root), 16034);
    const wanted = position(operator, count(root), 16035);
    if (start < 0) throw new ServerError(50752, '$substrBytes: starting index must be non-negative');
    const end = wanted < 0 ? bytes.length : Math.min(bytes.length, start + wanted);
    const isContinuation = (at: number) => at < bytes.length && ((bytes[at] as number) & 0xc0) === 0x80;
    if (isContinuation(start))
      throw new ServerError(
        28656,
        '$substrBytes: Invalid range, starting index is a UTF-8 continuation byte.',
      );
    if (isContinuation(end))
      throw new ServerError(
        28657,
        '$substrBytes: Invalid range, ending index is in the middle of a UTF-8 character.',
      );
    return bytes.subarray(start, end).toString();
  };
};

/** `$indexOfCP` and `$indexOfBytes`, which count code points or bytes. */
function indexOf(units: (text: string) => string[], codes: readonly [number, number]): OperatorCompiler {
  return (operand, scope, operator) => {
    const parts = compileArguments(operand, scope, operator, 2, 4);
    return (root) => {
      const [value, wanted, from, to] = parts.map((part) => part(root));
      if (isNullish(value)) return null;
      const list = units(textOf(operator, value, codes[0]));
      const search = units(textOf(operator, wanted, codes[1]));
      const start = from === undefined ? 0 : startOrEnd(operator, from);
      const end = to === undefined ? list.length : Math.min(list.length, startOrEnd(operator, to));
      for (let i = start; i + search.length <= end; i++) {
        if (search.every((unit, j) => list[i + j] === unit)) return int(i);
      }
      return int(-1);
    };
  };
}

/** What the manual lists as white space; it is less than what JavaScript takes for it. */
const WHITE_SPACE: ReadonlySet<string> = new Set(
  Array.from('\0\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'),
);

/** `$trim` and its one-sided forms: white space, or any of the given characters. */
function trim(left: boolean, right: boolean): OperatorCompiler {
  return (operand, scope, operator) => {
    const { input, chars } = compileNamed(operand, scope, operator, ['input'], ['chars']);
    return (root) => {
      const value = input?.(root);
      const set = chars?.(root);
      if (isNullish(value) || (chars && isNullish(set))) return null;
      const points = codePoints(textOf(operator, value, 50699));
      const wanted = chars ? new Set(textOf(operator, set, 50700)) : undefined;
      const drops = (point: string | undefined) =>
        point !== undefined && (wanted ? wanted.has(point) : WHITE_SPACE.has(point));
      let start = 0;
      let end = points.length;
      while (left && start < end && drops(points[start])) start++;
      while (right && end > start && drops(points[end - 1])) end--;
      return points.slice(start, end).join('');
    };
  };
}

/** Strings, their parts and positions. */
export const STRING_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $concat: concat,
  $toLower: changeCase(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  $toUpper: changeCase(/[a-z]+/g, (letters) => letters.toUpperCase()),
  $split: split,
  $strLenCP: length((text) => codePoints(text).length, 34471),
  $strLenBytes: length((text) => Buffer.byteLength(text), 34473),
  $substr: substrBytes,
  $substrBytes: substrBytes,
  $substrCP: substrCP,
  $indexOfCP: indexOf(codePoints, [40093, 40094]),
  $indexOfBytes: indexOf((text) => codePoints(Buffer.from(text).toString('latin1')), [40091, 40092]),
  $strcasecmp: (operand, scope, operator) => {
    const [a, b] = compileArguments(operand, scope, operator, 2) as [Evaluate, Evaluate];
    const upper = (value: unknown) => coerced(value).toUpperCase();
    return (root) => int(Math.sign(compareStrings(upper(a(root)), upper(b(root)))));
  },
  $trim: trim(true, true),
  $ltrim: trim(true, false),
  $rtrim: trim(false, true),
};
