import { expect, test } from '@jest/globals';
import { found } from '../rules/ledger/reference-households.ts';
import { firstTerms } from './cast.ts';
import { PlayModel, type PlayTerms } from './play-model.ts';

const start = Date.UTC(2026, 0, 30, 8);

const playing = (changes: Partial<PlayTerms>, now = start): PlayModel =>
  new PlayModel(now, { ...firstTerms, unlockAfterDays: 0, ...changes });

const all = (points: number) => new Map([['all', points]]);

test.each<[PlayTerms['ends'], string, string]>([
  ['AFTER_MONTHS', '2026-01-30T08:00:00Z', '2026-03-30T23:59:59.999Z'],
  ['AT_MONTH_END', '2026-01-30T08:00:00Z', '2026-03-31T23:59:59.999Z'],
  ['AT_QUARTER_END', '2026-02-28T08:00:00Z', '2026-06-30T23:59:59.999Z'],
  ['AT_QUARTER_END', '2026-11-01T08:00:00Z', '2027-03-31T23:59:59.999Z'],
  ['ON_DATES', '2026-01-10T08:00:00Z', '2026-02-28T23:59:59.999Z'],
  ['ON_DATES', '2026-01-30T08:00:00Z', '2026-10-31T23:59:59.999Z'],
  ['ON_DATES', '2026-09-21T23:59:59Z', '2026-10-31T23:59:59.999Z'],
  ['ON_DATES', '2027-12-01T00:00:00Z', '2028-02-29T23:59:59.999Z'],
])('points that end %s and are earned at %s expire at %s', (ends, at, end) => {
  const model = playing({ ends }, Date.parse(at));
  const earned = model.issue(0, 'ann', all(10));

  expect(typeof earned === 'string' ? earned : new Date(earned.lot.expiresAt)).toEqual(new Date(end));
});

test('only the merchant that may issues', () => {
  const model = playing({ issuer: 1 });

  expect(model.issue(0, 'ann', all(10))).toBe('IssuerNotEligible');
  expect(model.issue(1, 'ann', all(10))).toMatchObject({ what: 'earn' });
  expect(model.available(model.wallet('ann'))).toBe(10);
});

test('of points that may be pooled and others only those are', () => {
  const model = playing({ poolable: false });
  model.issue(0, 'ann', all(10));

  expect(model.pool('ann', 5)).toBe('NotInHousehold');

  const { pool } = found(model, 'home', 'ann');

  expect(model.pool('ann', 5)).toBe('PoolingNotAllowed');

  model.terms = { ...model.terms, poolable: true, validityMonths: 4 };
  model.issue(0, 'ann', all(7));

  expect(model.pool('ann', 18)).toBe('NotEnoughPoints');
  expect(model.pool('ann', 8)).toBe('PoolingNotAllowed');
  expect(model.pool('ann', 7)).toEqual({ what: 'final' });
  expect([model.available(model.wallet('ann')), model.available(pool)]).toEqual([10, 7]);
});
