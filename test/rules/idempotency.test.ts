import { expect, test } from '@jest/globals';
import { inputHash } from '../../subgraphs/shared/idempotency.ts';

test('the same input has one hash, whatever the order of its fields, the key and what is null', () => {
  const hash = inputHash({ idempotencyKey: 'k1', points: 5n, at: new Date(0), member: { id: 'm' } });

  expect(inputHash({ member: { id: 'm' }, at: new Date(0), points: 5n, reason: null })).toBe(hash);
  expect(inputHash({ member: { id: 'n' }, at: new Date(0), points: 5n })).not.toBe(hash);
});

test('half a surrogate pair counts as what a database keeps for it', () => {
  const stored = Buffer.from('a\ud800b').toString();

  expect(inputHash({ reference: 'a\ud800b' })).toBe(inputHash({ reference: stored }));
  expect(inputHash({ reference: '😀' })).not.toBe(inputHash({ reference: '\ufffd' }));
});
