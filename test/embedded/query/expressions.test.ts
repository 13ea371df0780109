import { describe, expect, test } from '@jest/globals';
import { Double, ObjectId } from 'bson';
import { compileExpression, expressionScope } from '../../../embedded-mongodb/query/expression.ts';
import { OPERATORS } from '../../../embedded-mongodb/query/expression-operators.ts';
import { ARITHMETIC_ROWS } from './rows/arithmetic-rows.ts';
import { ARRAY_ROWS } from './rows/array-rows.ts';
import { BASIC_ROWS } from './rows/basic-rows.ts';
import { DATE_ROWS } from './rows/date-rows.ts';
import { OBJECT_ROWS } from './rows/object-rows.ts';
import { isRefusal, type Row } from './rows/row.ts';
import { STRING_ROWS } from './rows/string-rows.ts';
import { TYPE_ROWS } from './rows/type-rows.ts';
import { codeOf, stored, storedValue, typed } from './stored.ts';

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  'comparisons, conditions and variables': BASIC_ROWS,
  arithmetic: ARITHMETIC_ROWS,
  'arrays and sets': ARRAY_ROWS,
  strings: STRING_ROWS,
  'documents and totals': OBJECT_ROWS,
  'types and conversions': TYPE_ROWS,
  dates: DATE_ROWS,
};

function evaluate(expression: unknown, document: object = {}): unknown {
  return compileExpression(storedValue(expression), expressionScope())(stored(document));
}

for (const [title, rows] of Object.entries(TABLES)) {
  describe(title, () => {
    for (const { rule, expression, expected, document } of rows) {
      test(`${operatorOf(expression)}: ${rule}`, () => {
        if (isRefusal(expected)) expect(codeOf(() => evaluate(expression, document))).toBe(expected.code);
        else expect(typed(evaluate(expression, document))).toEqual(typed(expected));
      });
    }
  });
}

function operatorOf(expression: unknown): string {
  const isObject = typeof expression === 'object' && expression !== null;
  return (isObject ? Object.keys(expression)[0] : undefined) ?? 'expression';
}

test('$rand gives doubles from 0 up to but not including 1', () => {
  const values = Array.from({ length: 100 }, () => evaluate({ $rand: {} }));

  expect(values.every((value) => value instanceof Double && value.value >= 0 && value.value < 1)).toBe(true);
  expect(new Set(values.map(String)).size).toBeGreaterThan(90);
});

test('an unsupported name is refused, whatever JavaScript objects inherit', () => {
  for (const name of ['$constructor', '$toString1', '$__proto__', '$function']) {
    expect(codeOf(() => evaluate({ [name]: 1 }))).toBe(168);
  }
});

test('compiling once serves many documents', () => {
  const double = compileExpression(storedValue({ $multiply: ['$a', 2] }), expressionScope());

  expect(typed(double(stored({ a: 4 })))).toEqual(typed(8));
  expect(typed(double(stored({ _id: new ObjectId() })))).toBeNull();
});

test('every operator there is has a row', () => {
  const covered = new Set(
    Object.values(TABLES).flatMap((rows) => rows.map((row) => operatorOf(row.expression))),
  );
  covered.add('$rand');

  expect([...OPERATORS.keys()].filter((name) => !covered.has(name))).toEqual([]);
});
