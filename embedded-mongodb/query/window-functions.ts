import type { Document } from 'bson';
import { failedToParse, ServerError } from '../bson/errors.ts';
import { double, integer, isNullish, isNumber, isObject, toDouble, toInteger } from '../bson/value.ts';
import { compileNamed, type Scope } from './expression-scope.ts';
import { compileSortWith } from './sort.ts';

/** The values of an output field for the sorted rows of a partition. */
export type WindowFunction = (rows: readonly Document[]) => unknown[];

type RankingCompiler = (operand: unknown, sortBy: Document | undefined, scope: Scope) => WindowFunction;

function requireSort(name: string, sortBy: Document | undefined): Document {
  if (!sortBy) throw new ServerError(5371602, `${name} must be specified with a top level sortBy expression`);
  return sortBy;
}

/** `$rank` leaves gaps after equal documents, `$denseRank` does not. */
function rank(name: string, dense: boolean): RankingCompiler {
  return (operand, sortBy, scope) => {
    if (!isObject(operand) || Object.keys(operand).length > 0)
      throw new ServerError(5371603, `${name} must be an empty object`);
    const order = requireSort(name, sortBy);
    if (Object.keys(order).length !== 1)
      throw new ServerError(5371602, `${name} must be specified with a sortBy of exactly one element`);
    const compare = compileSortWith(order, scope.collator);
    return (rows) => {
      let current = 0;
      return rows.map((row, i) => {
        const isNew = i === 0 || compare(rows[i - 1] as Document, row) !== 0;
        if (isNew) current = dense ? current + 1 : i + 1;
        return integer(current);
      });
    };
  };
}

const documentNumber: RankingCompiler = (operand, sortBy) => {
  if (!isObject(operand) || Object.keys(operand).length > 0)
    throw new ServerError(5371603, '$documentNumber must be an empty object');
  requireSort('$documentNumber', sortBy);
  return (rows) => rows.map((_row, i) => integer(i + 1));
};

/** `$shift`: the output of the row that stands so far away. */
const shift: RankingCompiler = (operand, sortBy, scope) => {
  requireSort('$shift', sortBy);
  const named = compileNamed(operand, scope, '$shift', ['output', 'by'], ['default']);
  const by = toInteger(named['by']?.({}));
  if (by === undefined) throw failedToParse(`'$shift:by' field must be an integer`);
  const fallback = named['default']?.({}) ?? null;
  return (rows) =>
    rows.map((_, i) => {
      const other = rows[i + by];
      return other === undefined ? fallback : (named['output']?.(other) ?? null);
    });
};

/** `$locf`: null and missing take the last value before them. */
const locf: RankingCompiler = (operand, _, scope) => {
  const evaluate = scope.compile(operand, scope);
  return (rows) => {
    let last: unknown = null;
    return rows.map((row) => {
      const value = evaluate(row);
      if (!isNullish(value)) last = value;
      return last;
    });
  };
};

/** `$expMovingAvg`, by a number of documents `N` or by `alpha`. */
const expMovingAvg: RankingCompiler = (operand, sortBy, scope) => {
  requireSort('$expMovingAvg', sortBy);
  const named = compileNamed(operand, scope, '$expMovingAvg', ['input'], ['N', 'alpha']);
  const count = named['N']?.({});
  if ((count === undefined) === (named['alpha'] === undefined))
    throw failedToParse(`$expMovingAvg must have exactly one of 'N' or 'alpha'`);
  if (count !== undefined && !((toInteger(count) ?? 0) > 0))
    throw failedToParse(`'N' field must be an integer greater than 0`);
  const alpha = count === undefined ? toDouble(named['alpha']?.({})) : 2 / (toDouble(count) + 1);
  if (!(alpha > 0 && alpha < 1) && count === undefined)
    throw failedToParse(`$expMovingAvg needs a positive 'N', or an 'alpha' between 0 and 1`);
  return (rows) => {
    let average: number | undefined;
    return rows.map((row) => {
      const value = named['input']?.(row);
      if (isNumber(value)) {
        const number = toDouble(value);
        average = average === undefined ? number : alpha * number + (1 - alpha) * average;
      }
      return average === undefined ? null : double(average);
    });
  };
};

/** Window functions that look at the order of rows and take no window. */
export const RANKINGS: ReadonlyMap<string, RankingCompiler> = new Map<string, RankingCompiler>([
  ['$rank', rank('$rank', false)],
  ['$denseRank', rank('$denseRank', true)],
  ['$documentNumber', documentNumber],
  ['$shift', shift],
  ['$locf', locf],
  ['$expMovingAvg', expMovingAvg],
]);
