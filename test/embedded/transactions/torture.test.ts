import { expect, test } from '@jest/globals';
import { runBank } from '../long/run-bank.ts';

/** Enough to find each fault that was planted to try the test; `npm run embedded:torture -- --seconds N` goes on. */
const COMMANDS = 3_000;

test('whatever customers do to one another, no money is made or lost, nothing is done twice, and no lock stays', async () => {
  const runs = [await runBank(1, COMMANDS), await runBank(2, COMMANDS)];

  const times = (what: string): number => runs.reduce((sum, figures) => sum + (figures[what] ?? 0), 0);
  const happened = [
    'committed',
    'seats',
    'audits',
    'aborted',
    'connection lost',
    'session killed',
    'timed out',
  ];
  const refused = ['refused 112', 'refused 11000', 'refused 251', 'writes repeated', 'commit repeated'];
  for (const what of [...happened, ...refused, 'power failures'])
    expect([what, times(what) > 0]).toEqual([what, true]);
});
