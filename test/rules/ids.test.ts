import { expect, jest, test } from '@jest/globals';
import { newId } from '../../subgraphs/shared/ids.ts';

test('ids sort in the order in which they are made, however many in a millisecond, and are all different', () => {
  const ids = Array.from({ length: 20_000 }, () => newId('pos'));

  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids.map((id) => id.slice(-14))).size).toBe(ids.length);
  expect(ids[0]).toMatch(/^pos_[0-9a-hjkmnp-tv-z]{26}$/);
});

test('ids of a clock that was set back come after those of before', () => {
  const before = newId('pos');
  const now = jest.spyOn(Date, 'now').mockReturnValue(0);
  const after = newId('pos');
  now.mockRestore();

  expect(after > before).toBe(true);
});
