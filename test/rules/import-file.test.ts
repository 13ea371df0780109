import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openImportFile, readRows } from '../../tools/import/import-file.ts';

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

describe('an external reference that an earlier row has', () => {
  const head = 'reference,points,externalRef,reason';

  test('spoils the later row, whatever else is in it, and the line of the first is named', async () => {
    const lines = [
      head,
      'm-1,10,r1,"opening\nbalance"',
      'm-1,10,r1,bonus',
      'm-2,5, r1 ,',
      'm-3,7,R1,',
      'm-1,10,r1,"opening\nbalance"',
    ];

    expect(await rowsOf(fileOf(lines.join('\n')))).toEqual([
      [3, 'm-1', 10, 'r1', 'opening\nbalance'],
      [4, 'the externalRef is that of line 3'],
      [5, 'the externalRef is that of line 3'],
      [6, 'm-3', 7, 'R1', null],
      [8, 'the externalRef is that of line 3'],
    ]);
  });

  test('in a row that issues nothing, or that is refused itself, spoils none', async () => {
    const lines = [head, 'm-1,0,r1,', 'm-2,ten,r1,', 'm-3,3,r1,', 'm-4,,r1,', 'm-5,,r1,'];

    expect(await rowsOf(fileOf(lines.join('\n')))).toEqual([
      [2, 'm-1', 0, 'r1', null],
      [3, 'points must be a whole number up to 100,000,000'],
      [4, 'm-3', 3, 'r1', null],
      [5, 'm-4', 0, 'r1', null],
      [6, 'm-5', 0, 'r1', null],
    ]);
  });
});

describe('a file', () => {
  const header = 'reference,points,externalRef\n';

  test('of another encoding is not opened, whose names would read the same, and its line is named', async () => {
    // "张" and "李" in GBK.
    const rows = Buffer.concat([
      Buffer.from(`${header}m-1,1,r1\n`),
      Buffer.from([0xd5, 0xc5]),
      Buffer.from(',10,r2\n'),
      Buffer.from([0xc0, 0xee]),
      Buffer.from(',20,r3\n'),
    ]);

    await expect(openImportFile(fileOf(rows))).rejects.toThrow('the file is not UTF-8: see line 3');
    await expect(openImportFile(fileOf(Buffer.from(`\uFEFF${header}`, 'utf16le')))).rejects.toThrow(
      'the file is not UTF-8: see line 1',
    );
  });

  test('in UTF-8, with a mark at its head or none, is read whole wherever the pieces end in which it is read', async () => {
    const references = Array.from({ length: 10_000 }, (_, i) => `会员${i}`);
    const text = `${header}${references.map((one, i) => `${one},${i + 1},r${i}`).join('\n')}\n`;

    // Pieces are of 64 KB, so that one byte more or less before them moves where each ends.
    for (const head of ['\uFEFF', '', '\n', '\n\n']) {
      const read: unknown[] = [];
      for await (const row of readRows(fileOf(head + text))) read.push(row.reference);
      expect(read).toEqual(references);
    }
  });
});
