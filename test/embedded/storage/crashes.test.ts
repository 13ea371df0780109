import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fillDisk } from '../long/fill-disk.ts';
import { runKills } from '../long/kills.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crashes-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** `npm run embedded:torture -- --kills N` goes on. */
const KILLS = 5;

test('however often the server is killed, what was answered is there, once, and nothing is there in part', async () => {
  const figures = await runKills(folder, 20261126, KILLS);

  expect(figures).toMatchObject({
    kills: KILLS,
    commits: expect.any(Number),
    increments: expect.any(Number),
  });
  expect(figures['inserts']).toBeGreaterThan(20);
});

test('a journal that cannot be written further ends the server with one line and loses nothing', async () => {
  // The shell lets no file grow over 1 MiB; its unit is 512 bytes or 1 KiB.
  const limited = ['sh', '-c', 'ulimit -f 1024; exec "$@"', 'sh'];

  const { answered, lost, exitCode, lines } = await fillDisk(folder, limited, () => {});

  expect(answered).toBeGreaterThan(10);
  expect([lost, exitCode]).toEqual([[], 70]);
  expect(lines).toEqual([
    `the embedded database cannot write its journal and ends (EFBIG: file too large, write); all that was acknowledged is kept: make room in ${folder}, or see to its disk, and start it again`,
  ]);
});
