import type { Document } from 'bson';
import { compareWith } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { isNullish, isNumber, isObject, toInteger } from '../bson/value.ts';
import type { AccumulatorCompiler } from './accumulators.ts';
import { compileNamed, type Evaluate, type Scope } from './expression-scope.ts';
import { compileSortWith } from './sort.ts';

/** The number of results that `$firstN` and its like were asked for. */
export function checkN(value: unknown): number {
  if (!isNumber(value))
    throw new ServerError(5787902, `Value for 'n' must be of integral type, but found ${typeAlias(value)}`);
  const n = toInteger(value);
  if (n === undefined)
    throw new ServerError(5787903, `Value for 'n' must be of integral type, but found ${String(value)}`);
  if (n <= 0) throw new ServerError(5787908, `'n' must be greater than 0, found ${n}`);
  return n;
}

type Pick = (values: unknown[], n: number, scope: Scope) => unknown[];

/** So many more than asked for are kept before those that cannot be in the result are dropped. */
const SPARE = 1_000;

const PICKS: Readonly<Record<string, Pick>> = {
  $firstN: (values, n) => values.slice(0, n),
  $lastN: (values, n) => values.slice(-n),
  $minN: (values, n, { collator }) => ordered(values, 1, collator).slice(0, n),
  $maxN: (values, n, { collator }) => ordered(values, -1, collator).slice(0, n),
};

function ordered(values: unknown[], sign: 1 | -1, collator: Intl.Collator | undefined): unknown[] {
  return values.filter((value) => !isNullish(value)).sort((a, b) => compareWith(a, b, collator) * sign);
}

const pickN: AccumulatorCompiler = (operand, scope, operator) => {
  const named = compileNamed(operand, scope, operator, ['input', 'n']);
  const n = checkN(named['n']?.({}));
  const pick = PICKS[operator] as Pick;
  return {
    evaluate: named['input'] as Evaluate,
    start: () => {
      let values: unknown[] = [];
      const add = (value: unknown): void => {
        if (values.push(value ?? null) >= n * 2 + SPARE) values = pick(values, n, scope);
      };
      return { add, result: () => pick(values, n, scope) };
    },
  };
};

interface Row {
  readonly root: Document;
  readonly output: unknown;
}

/** `$top`, `$topN`, `$bottom`, `$bottomN`: outputs of the documents that sort first or last. */
const topOrBottom: AccumulatorCompiler = (operand, scope, operator) => {
  const many = operator.endsWith('N');
  const sortBy = isObject(operand) ? operand['sortBy'] : undefined;
  if (!isObject(sortBy)) throw new ServerError(5788005, `Missing value for 'sortBy'`);
  const { sortBy: _, ...others } = operand as Document;
  const named = compileNamed(others, scope, operator, many ? ['output', 'n'] : ['output']);
  const n = many ? checkN(named['n']?.({})) : 1;
  const output = named['output'] as Evaluate;
  const compare = compileSortWith(sortBy, scope.collator);
  return {
    evaluate: (root) => ({ root, output: output(root) ?? null }),
    start: () => {
      let rows: Row[] = [];
      const pick = (): Row[] => {
        const sorted = rows.sort((a, b) => compare(a.root, b.root));
        return operator.startsWith('$top') ? sorted.slice(0, n) : sorted.slice(-n);
      };
      return {
        add: (row) => {
          if (rows.push(row as Row) >= n * 2 + SPARE) rows = pick();
        },
        result: () => {
          const picked = pick().map((row) => row.output);
          return many ? picked : (picked[0] ?? null);
        },
      };
    },
  };
};

/** The accumulators that keep several values: the first, last, least, greatest, and those of documents in an order. */
export const manyAccumulators: readonly (readonly [string, AccumulatorCompiler])[] = [
  ['$firstN', pickN],
  ['$lastN', pickN],
  ['$minN', pickN],
  ['$maxN', pickN],
  ['$top', topOrBottom],
  ['$topN', topOrBottom],
  ['$bottom', topOrBottom],
  ['$bottomN', topOrBottom],
];
