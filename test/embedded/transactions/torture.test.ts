import { expect, test } from '@jest/globals';
import { runBank } from '../long/run-bank.ts';

/** Twice what the slowest of the planted faults needed to be found; `npm run embedded:torture -- --seconds N` goes on. */
const COMMANDS = 3_000;

test.each([1, 2])(
  'whatever customers do to one another, no money is made or lost and no lock stays (seed %i)',
  async (seed) => {
    const figures = await runBank(seed, COMMANDS);

    for (const what of ['committed', 'audits', 'aborted', 'connection lost', 'session killed', 'timed out'])
      expect([what, figures[what]]).toEqual([what, expect.any(Number)]);
    for (const what of ['refused 112', 'refused 11000', 'refused 251', 'writes repeated', 'commit repeated'])
      expect([what, figures[what]]).toEqual([what, expect.any(Number)]);
    expect(figures['power failures']).toBeGreaterThan(2);
  },
);
