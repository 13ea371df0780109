import { expect, test } from '@jest/globals';
import {
  freeOfReminder,
  partOfReminder,
  type Reminder,
} from '../../../subgraphs/accounts/ledger/reminder.ts';

const at = new Date('2026-03-01T00:00:00Z');
const sum = (points: bigint, held: bigint) => ({ points, held, lots: 1, rescues: [] });

const reminder: Reminder = {
  ...{ id: 'rem_1', walletId: 'wal_1', memberId: 'mem_1', programme: 'SHARED', days: 7, at, expiresAt: at },
  ...sum(150n, 110n),
  parts: [
    { issuerId: 'pets', ...sum(50n, 10n) },
    { issuerId: 'cafe', ...sum(100n, 100n) },
  ],
};

test('a merchant is told of what is free of a reminder, whether holds or a case reserve the rest', () => {
  expect(freeOfReminder(reminder)).toMatchObject({ points: 40n, held: 0n });
  expect(partOfReminder(reminder, 'pets')).toMatchObject({ points: 40n, held: 0n, lots: 1 });
});

test('a merchant is told of nothing where nothing is free', () => {
  expect(partOfReminder(reminder, 'cafe')).toBeNull();
  expect(freeOfReminder({ ...reminder, held: 150n })).toBeNull();
});
