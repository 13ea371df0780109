import { expect, test } from '@jest/globals';
import { expiryAfter, voucherStatus } from '../../subgraphs/rewards-catalogue/voucher/voucher.ts';

const expiresAt = new Date('2026-03-01T00:00:00Z');
const before = new Date(expiresAt.getTime() - 1);

test.each([
  ['RESERVED', before, null],
  ['WITHDRAWN', before, null],
  ['ACTIVE', before, 'ACTIVE'],
  ['ACTIVE', expiresAt, 'EXPIRED'],
  ['CONSUMED', expiresAt, 'CONSUMED'],
  ['VOID', expiresAt, 'VOID'],
] as const)('a voucher in state %s at %s is %s', (state, now, status) => {
  expect(voucherStatus({ state, expiresAt }, now)).toBe(status);
});

test('a voucher can be used for so many times 24 hours', () => {
  expect(expiryAfter(new Date('2026-01-31T10:00:00Z'), 30)).toEqual(new Date('2026-03-02T10:00:00Z'));
});
