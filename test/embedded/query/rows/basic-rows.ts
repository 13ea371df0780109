import { date, decimal, double, long, MISSING, type Row, refused, row } from './row.ts';

/** A branch of `$switch`; written as a literal it would look like a promise. */
function branch(condition: unknown, value: unknown): object {
  return Object.fromEntries([
    ['case', condition],
    ['then', value],
  ]);
}

const COMPARISONS: readonly Row[] = [
  row('numbers are equal by value', { $eq: [1, decimal('1.0')] }, true),
  row('missing is not null', { $eq: ['$none', null] }, false),
  row(
    'documents differ by the order of fields',
    { $eq: [{ $literal: { a: 1, b: 2 } }, { $literal: { b: 2, a: 1 } }] },
    false,
  ),
  row('unequal', { $ne: [1, '1'] }, true),
  row('longs compare exactly', { $gt: [long('9007199254740993'), long('9007199254740992')] }, true),
  row('any string is greater than any number', { $gt: ['a', 1000] }, true),
  row('greater or equal', { $gte: [2, double(2)] }, true),
  row('null is less than any number', { $lt: [null, 0] }, true),
  row('missing is less than null', { $lt: ['$none', null] }, true),
  row('less or equal', { $lte: [3, 2] }, false),
  row('comparison in one number', { $cmp: [date('2024-01-01'), date('2024-01-02')] }, -1),
  row(
    'comparison of equals',
    {
      $cmp: [
        [1, 2],
        [1, 2],
      ],
    },
    0,
  ),
  row('a comparison takes two arguments', { $eq: [1] }, refused(16020)),
];

const CONDITIONS: readonly Row[] = [
  row('all true', { $and: [true, 1, 'x', []] }, true),
  row('null and zero are false', { $and: [true, null] }, false),
  row('no conditions hold', { $and: [] }, true),
  row('one true', { $or: [false, 0, '$none', 5] }, true),
  row('none of no conditions holds', { $or: [] }, false),
  row('the opposite', { $not: [0] }, true),
  row('an empty string is true', { $not: '' }, false),
  row('condition as a list', { $cond: [true, 'a', 'b'] }, 'a'),
  row(
    'condition by names, in any order',
    {
      $cond: Object.fromEntries([
        ['else', 'b'],
        ['if', '$none'],
        ['then', 'a'],
      ]),
    },
    'b',
  ),
  row('an unknown part of a condition is refused', { $cond: { if: 1, or: 3 } }, refused(17083)),
  row('the part not taken is not evaluated', { $cond: [true, 1, { $divide: ['$one', '$zero'] }] }, 1, {
    one: 1,
    zero: 0,
  }),
  row('the first that is neither null nor missing', { $ifNull: ['$none', null, 3] }, 3),
  row('the replacement may itself be missing', { $ifNull: [null, '$none'] }, MISSING),
  row('a replacement is needed', { $ifNull: [1] }, refused(1257300)),
  row(
    'the first branch that holds',
    {
      $switch: {
        branches: [branch(false, 1), branch(1, 2)],
      },
    },
    2,
  ),
  row('the default', { $switch: { branches: [branch(false, 1)], default: 9 } }, 9),
  row('no branch and no default', { $switch: { branches: [branch('$none', 1)] } }, refused(40066)),
  row('a branch is needed', { $switch: { branches: [] } }, refused(40068)),
];

const VARIABLES: readonly Row[] = [
  row(
    'variables hold within their expression',
    { $let: { vars: { x: 2, y: '$a' }, in: { $add: ['$$x', '$$y'] } } },
    5,
    { a: 3 },
  ),
  row(
    'inner variables hide outer ones',
    { $let: { vars: { x: 1 }, in: { $let: { vars: { x: 2 }, in: '$$x' } } } },
    2,
  ),
  row('a variable of a document has a path', { $let: { vars: { x: '$d' }, in: '$$x.e' } }, 7, {
    d: { e: 7 },
  }),
  row('CURRENT may be redefined', { $let: { vars: { CURRENT: '$d' }, in: '$e' } }, 7, { d: { e: 7 } }),
  row('an unknown variable is refused', '$$nothing', refused(17276)),
  row('a variable does not start with a capital', { $let: { vars: { X: 1 }, in: 1 } }, refused(9)),
  row('vars is a document', { $let: { vars: 1, in: 1 } }, refused(10065)),
  row('a literal is not evaluated', { $literal: { $add: [1, 2] } }, { $add: [1, 2] }),
  row('const is another name of literal', { $const: '$a' }, '$a'),
  row('expr evaluates', { $expr: { $add: [1, 2] } }, 3),
  row('ROOT is the whole document', '$$ROOT', { a: 1 }, { a: 1 }),
  row('REMOVE is missing', '$$REMOVE', MISSING),
  row('a path through an array collects', '$a.b', [1, 3], { a: [{ b: 1 }, { c: 2 }, { b: 3 }] }),
  row('a number in a path is no index of an array', '$a.0', [], { a: [5] }),
  row('missing within a list is null', ['$none', 1], [null, 1]),
  row('missing within a document is left out', { x: '$none', y: 1 }, { y: 1 }),
  row('an unknown operator is refused', { $nonsense: 1 }, refused(168)),
  row('two operators in one document are refused', { $add: [1], $abs: 1 }, refused(15983)),
];

export const BASIC_ROWS: readonly Row[] = [...COMPARISONS, ...CONDITIONS, ...VARIABLES];
