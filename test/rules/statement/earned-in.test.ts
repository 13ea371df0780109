import { expect, test } from '@jest/globals';
import type { Posting } from '../../../subgraphs/accounts/ledger/posting.ts';
import { earnedIn } from '../../../subgraphs/accounts/statement/earned-in.ts';
import { type LedgerInMemory, request } from '../ledger/ledger-in-memory.ts';
import { begin, earn, february, january, march } from './month-in-memory.ts';

/** What was read of a journal, so many postings at a time. */
function reading(ledger: LedgerInMemory, size = 2) {
  const read: Posting[] = [];
  const earnsAndReversals = async (_: string, { from, to }: typeof january, after: Posting | null) => {
    const all = ledger.journal
      .filter(({ kind, at }) => (kind === 'EARN' || kind === 'REVERSE') && at >= from && at < to)
      .toReversed();
    const start = after ? all.findIndex(({ id }) => id === after.id) + 1 : 0;
    const page = all.slice(start, start + size);
    read.push(...page);
    return page;
  };
  return { read, in: (month: typeof january) => earnedIn('ann', month, { earnsAndReversals }) };
}

const giveBack = (ledger: LedgerInMemory, { id: postingId }: Posting, lines?: { id: string }[]): unknown =>
  ledger.execute({ kind: 'REVERSE', ...request(), postingId, ...(lines ? { lines } : {}) });

test('a month in which all that was earned was taken back is none in which points were earned', async () => {
  const ledger = begin();
  for (const points of [100n, 20n, 3n]) giveBack(ledger, earn(ledger, points));

  expect(await reading(ledger).in(january)).toBe(false);
  expect(await reading(ledger).in(february)).toBe(false);
});

test('one earn that was kept, if only in part, is enough, and no more is read than to find it', async () => {
  const ledger = begin();
  giveBack(ledger, earn(ledger, 100n));
  const lines = ['a', 'b'].map((id) => ({ id, points: 10n }));
  giveBack(ledger, earn(ledger, 20n, { lines }), [{ id: 'a' }]);
  giveBack(ledger, earn(ledger, 3n));
  const found = reading(ledger);

  expect(await found.in(january)).toBe(true);
  expect(found.read).toHaveLength(4);
});

test('what was taken back in a later month had been earned in its own', async () => {
  const ledger = begin();
  const earned = earn(ledger, 100n);
  ledger.clock.now = new Date('2026-02-05T08:00:00Z');
  giveBack(ledger, earned);

  expect(await reading(ledger).in(january)).toBe(true);
  expect(await reading(ledger).in(february)).toBe(false);
  expect(await reading(ledger).in(march)).toBe(false);
});
