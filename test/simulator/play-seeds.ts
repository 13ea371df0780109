import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');

/** Plays seeds in a process of their own, where it takes half of what it takes within a test runner. */
const playSeeds = (first: number, seeds: number, steps: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const played = ['--seed', first, '--seeds', seeds, '--steps', steps].map(String);
    const program = ['--max-semi-space-size=64', 'tools/run.mjs', 'test/simulator/main.ts', ...played];
    execFile(process.execPath, program, { cwd: root }, (error, told, failed) =>
      error ? reject(new Error(failed || error.message)) : resolve(told),
    );
  });

/** Some minutes where nothing else runs; what is slow on a busy machine does not fail. */
const mostMs = 2_700_000;

/** Tests that each of so many seeds from one on plays 500 steps without a disagreement. */
export function testSeeds(first: number, seeds: number): void {
  const what = `whatever dies, is lost or comes twice, the ledger and the model agree (seeds ${first} to ${first + seeds - 1})`;
  const play = async () => {
    const told = await playSeeds(first, seeds, 500);

    expect(told.match(/500 steps, all as they should be/g)).toHaveLength(seeds);
  };
  test(what, play, mostMs);
}
