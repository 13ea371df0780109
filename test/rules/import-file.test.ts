import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readRows } from '../../tools/import/import-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'import-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (content: string | Buffer): string => {
  const path = join(folder, 'members.csv');
  writeFileSync(path, content);
  return path;
};

/** Of each row its line and what it asks for, or why it was refused. */
async function rowsOf(path: string): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const row of readRows(path))
    rows.push(
      'points' in row
        ? [row.line, row.reference, row.points, row.externalRef, row.reason]
        : [row.line, row.reason],
    );
  return rows;
}

describe('a quote that is not closed', () => {
  const refused = [2, 'a quote is not closed'];

  test('in the last column spoils its own row, and the next is read by itself', async () => {
    const lines = [
      'reference,points,externalRef,reason',
      'm-1,10,ref1,"opening',
      'm-2,20,ref2,"opening"',
      'm-3,30,ref3,',
    ];

    expect(await rowsOf(fileOf(lines.join('\n')))).toEqual([
      refused,
      [3, 'm-2', 20, 'ref2', 'opening'],
      [4, 'm-3', 30, 'ref3', null],
    ]);
  });

  test("in the midst of a row gives no member the next row's points", async () => {
    const lines = ['reference,reason,points,externalRef', 'm-1,"opening,10,ref1', 'm-2,"opening",20,ref2'];

    expect(await rowsOf(fileOf(lines.join('\r\n')))).toEqual([refused, [3, 'm-2', 20, 'ref2', 'opening']]);
  });

  test('twice, and in the last row, is told each time', async () => {
    const lines = ['reference,points,externalRef,reason', 'm-1,1,r1,"a', 'm-2,2,r2,"b', 'm-3,3,r3,c'];

    expect(await rowsOf(fileOf([...lines, 'm-4,4,r4,"d'].join('\n')))).toEqual([
      refused,
      [3, 'a quote is not closed'],
      [4, 'm-3', 3, 'r3', 'c'],
      [5, 'a quote is not closed'],
    ]);
  });
});

test.each([
  ['alone', 'm-1,"opening\nbalance",10,ref1', 'opening\nbalance'],
  ['with quotes in it', 'm-1,"an ""opening""\nbalance",10,"ref1"', 'an "opening"\nbalance'],
])('a field of two lines %s is one field of one row', async (_, record, reason) => {
  const text = `reference,reason,points,externalRef\n${record}\nm-2,5" pipe,20,ref2\n`;

  expect(await rowsOf(fileOf(text))).toEqual([
    [3, 'm-1', 10, 'ref1', reason],
    [4, 'm-2', 20, 'ref2', '5" pipe'],
  ]);
});
