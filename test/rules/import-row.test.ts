import { expect, test } from '@jest/globals';
import { refusedCsv, summary } from '../../tools/import/report.ts';
import { columns, readHeader, readRow } from '../../tools/import/row.ts';

const header = readHeader(['points', 'reference', 'externalRef']);

test('columns stand in any order, and those that are left out or empty are not given', () => {
  expect(readRow(header, 7, ['120', ' c-1 ', 'opening-1'])).toEqual({
    line: 7,
    reference: 'c-1',
    cardNumber: null,
    displayName: null,
    locale: null,
    points: 120,
    externalRef: 'opening-1',
    reason: null,
  });
});

test('a row without points registers only, and needs no reference of its own', () => {
  expect(readRow(header, 2, ['', 'c-1', ''])).toMatchObject({ points: 0, externalRef: null });
  expect(readRow(header, 2, ['0', 'c-1', ''])).toMatchObject({ points: 0, externalRef: null });
});

test.each([
  [['1', '', 'x'], 'no reference'],
  [['1', 'c-1', ''], 'points without externalRef'],
  [['1.5', 'c-1', 'x'], 'points must be a whole number up to 100,000,000'],
  [['-1', 'c-1', 'x'], 'points must be a whole number up to 100,000,000'],
  [['100000001', 'c-1', 'x'], 'points must be a whole number up to 100,000,000'],
  [['1', 'c-1'], '2 fields instead of 3'],
  [['1', 'c-1', 'x', 'y'], '4 fields instead of 3'],
])('a row of %j is refused: %s', (fields, reason) => {
  expect(readRow(header, 3, fields)).toEqual({ line: 3, reference: fields[1], reason });
});

test.each([
  [['reference', 'point'], /unknown column "point"/],
  [['reference', 'points', 'points'], /points comes twice/],
  [['points'], /no column reference/],
])('a file whose header is %j is not begun', (names, message) => {
  expect(() => readHeader(names)).toThrow(message);
});

test('refused rows are listed by line, with quotes where a field needs them', () => {
  const refused = [
    { line: 12, reference: 'c-9', reason: 'says "no", twice' },
    { line: 3, reference: 'a,b', reason: 'no points' },
  ];

  expect(refusedCsv(refused)).toBe('line,reference,reason\n3,"a,b",no points\n12,c-9,"says ""no"", twice"\n');
  const counts = { members: 1_200, points: 34_000, repeated: 1 };
  expect(summary({ hash: '', target: '', rows: 1_203, counts, refused })).toBe(
    '1,203 rows: 1,200 members registered, 34,000 points issued, 1 rows known from before, 2 refused',
  );
});

test.each([
  ['=HYPERLINK(0)', "'=HYPERLINK(0)"],
  ["@SUM(1+1)*cmd|' /C calc'!A0", "'@SUM(1+1)*cmd|' /C calc'!A0"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['\t=1', "'\\u{9}=1"],
  ['\r=1', "'\\u{d}=1"],
  ['\n=1', "'\\u{a}=1"],
  ['\u3000＝1', "'\u3000＝1"],
  ['a; =1', "a;' =1"],
  ['m-1=2', 'm-1=2'],
  ['\u001b]0;owned\u0007\u001b[2J', '\\u{1b}]0;owned\\u{7}\\u{1b}[2J'],
])('a field that a spreadsheet or a screen would obey is listed as a text: %j', (field, listed) => {
  const row = { line: 2, reference: field, reason: field };

  expect(refusedCsv([row])).toBe(`line,reference,reason\n2,${listed},${listed}\n`);
});

test('the list of the refused rows is not taken for a file to import', () => {
  expect(() => readHeader(refusedCsv([]).trim().split(','))).toThrow('unknown column "line"');
});

const whole = readHeader(columns);
const fitting = {
  reference: '会'.repeat(100),
  cardNumber: '1'.repeat(16),
  displayName: '𠮷'.repeat(80),
  locale: 'zh-CN',
  points: '1',
  externalRef: '会'.repeat(200),
  reason: '会'.repeat(500),
};

test('a row whose texts are as long as they may be is read', () => {
  expect(readRow(whole, 2, Object.values(fitting))).toEqual({ line: 2, ...fitting, points: 1 });
});

test.each([
  ['reference', 'at most 100 characters'],
  ['cardNumber', 'at most 16 characters'],
  ['displayName', 'at most 80 characters'],
  ['locale', 'at most 5 characters'],
  ['externalRef', 'at most 200 characters'],
  ['reason', 'at most 500 characters'],
] as const)('a row whose %s is longer than the schema allows is refused', (column, rule) => {
  const fields = Object.values({ ...fitting, [column]: `${fitting[column]}x` });

  const reference = column === 'reference' ? `${'会'.repeat(100)}…` : fitting.reference;
  expect(readRow(whole, 3, fields)).toEqual({ line: 3, reference, reason: `${column} must be ${rule}` });
});
