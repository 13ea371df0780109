import { expect, test } from '@jest/globals';
import { checkPooled } from './invariants.ts';
import { emptyJournal, enter } from './journal.ts';
import type { LotRow, PostingRow } from './records.ts';

const earn: PostingRow = {
  _id: 'pos_1',
  kind: 'EARN',
  points: 10,
  walletIds: ['w'],
  entries: [
    { account: 'issuer:m', points: -10 },
    { account: 'wallet:w:available', points: 10 },
  ],
  allocations: [{ lotId: 'a', points: 10, remaining: 10, held: 0, settles: false }],
  reverses: null,
  recordedAt: new Date(0),
  holdId: null,
};

const pay: PostingRow = {
  ...earn,
  _id: 'pos_2',
  kind: 'REDEEM',
  points: 4,
  entries: [
    { account: 'wallet:w:available', points: -4 },
    { account: 'honourer:m', points: 4 },
  ],
  allocations: [{ lotId: 'a', points: -4, remaining: -4, held: 0, settles: false }],
};

const back: PostingRow = {
  ...pay,
  _id: 'pos_3',
  kind: 'REVERSE',
  entries: pay.entries.map(({ account, points }) => ({ account, points: -points })),
  allocations: [{ lotId: 'a', points: 4, remaining: 4, held: 0, settles: false }],
  reverses: 'pos_2',
};

const contributed: PostingRow = {
  ...earn,
  kind: 'CONTRIBUTE',
  walletIds: ['wal_ann_SHARED', 'wal_hou_1_SHARED'],
  allocations: [
    { lotId: 'own', points: -4, remaining: -4, held: 0, settles: false },
    { lotId: 'pooled', points: 4, remaining: 4, held: 0, settles: false },
  ],
};

const lotOf = (_id: string, walletId: string, contributorId: string | null): LotRow => ({
  ...{ _id, walletId, contributorId, points: 4, remaining: 4, held: 0, expired: 0 },
  ...{ unlocked: true, open: true, expiresAt: new Date(0) },
});

const lots = [lotOf('own', 'wal_ann_SHARED', null), lotOf('pooled', 'wal_hou_1_SHARED', 'ann')];

test('what a member contributes is found in the pool as its own', () => {
  expect(() => checkPooled(contributed, lots)).not.toThrow();
  expect(() => checkPooled(earn, lots)).not.toThrow();
});

test.each<[string, PostingRow, LotRow[]]>([
  [
    "what moves between a wallet and a pool is that member's",
    contributed,
    [lots[0]!, { ...lots[1]!, contributorId: 'bo' }],
  ],
  [
    'what a pool gets somebody gives, and the other way',
    { ...contributed, allocations: contributed.allocations.slice(1) },
    lots,
  ],
  ['between a wallet and a pool both are named', { ...contributed, walletIds: ['wal_ann_SHARED'] }, lots],
])('%s, or the posting is refused', (invariant, posting, of) => {
  expect(() => checkPooled(posting, of)).toThrow(`${invariant}: `);
});

const entering = (...rows: PostingRow[]) => {
  const journal = emptyJournal();
  for (const row of rows) enter(journal, { row, print: row._id });
  return journal;
};

test('a journal adds up to balances and lots', () => {
  const journal = entering(earn, pay, back);

  expect(journal.accounts.get('wallet:w:available')).toBe(10);
  expect(journal.accounts.get('honourer:m')).toBe(0);
  expect(journal.lots.get('a')).toEqual({ remaining: 10, held: 0 });
  expect([...journal.prints.keys()]).toEqual(['pos_1', 'pos_2', 'pos_3']);
});

test.each<[string, PostingRow[]]>([
  ['entries sum to zero', [{ ...earn, entries: earn.entries.slice(1) }]],
  ['every debit is fully allocated', [earn, { ...pay, allocations: [] }]],
  [
    'every hold is fully allocated',
    [earn, { ...pay, allocations: [{ lotId: 'a', points: -4, remaining: -4, held: 4, settles: false }] }],
  ],
  ['a posting names the wallets it touches', [{ ...earn, walletIds: [], allocations: [] }]],
  ['what is reversed is there', [earn, back]],
  [
    'a return goes to the lots that gave',
    [earn, pay, { ...back, allocations: [{ lotId: 'b', points: 4, remaining: 4, held: 0, settles: false }] }],
  ],
  ['a return goes to the lots that gave', [earn, pay, back, { ...back, _id: 'pos_4' }]],
  ['nothing is reversed twice', [earn, pay, { ...back, points: 5 }]],
])('%s, or the journal is refused', (invariant, rows) => {
  expect(() => entering(...rows)).toThrow(`${invariant}: `);
});
