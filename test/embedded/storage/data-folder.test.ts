import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type FolderLock, lockFolder } from '../../../embedded-mongodb/storage/data-folder.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockFile = (): string => join(folder, 'server.lock');
/** What a killed server leaves: nobody answers at port 1. */
const deadLock = (secret: string): string => JSON.stringify({ pid: 1, port: 1, secret });

/** Asks for the folder many times at once; answers with the locks given and the reasons of those refused. */
async function rush(times: number): Promise<{ held: FolderLock[]; refused: string[] }> {
  const results = await Promise.allSettled(Array.from({ length: times }, () => lockFolder(folder)));
  return {
    held: results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    refused: results.flatMap((result) => (result.status === 'rejected' ? [result.reason.reason] : [])),
  };
}

test.each([
  ['nobody held it', () => {}],
  ['a killed server held it', () => writeFileSync(lockFile(), deadLock('a'))],
  [
    'a killed server held it, and another was killed while it took over',
    () => {
      writeFileSync(lockFile(), deadLock('a'));
      writeFileSync(`${lockFile()}.a`, deadLock('b'));
      writeFileSync(`${lockFile()}.b`, deadLock('c'));
    },
  ],
])('of many servers that want a folder at once one gets it, when %s', async (_, given) => {
  for (let round = 0; round < 20; round++) {
    given();

    const { held, refused } = await rush(8);

    expect([held.length, refused]).toEqual([1, Array(7).fill('in use')]);
    expect(readdirSync(folder)).toEqual(['server.lock']);
    await held[0]?.release();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('a lock file that a crash left empty or unreadable is taken over', async () => {
  for (const content of ['', '{"pid":', '{"pid":1,"port":99999999,"secret":"x"}']) {
    writeFileSync(lockFile(), content);
    const lock = await lockFolder(folder);
    expect(JSON.parse(readFileSync(lockFile(), 'utf8')).pid).toBe(process.pid);
    await lock.release();
  }
});
