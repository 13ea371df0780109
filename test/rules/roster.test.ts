import { expect, test } from '@jest/globals';
import { createRoster, type ReadyWebhook, type Roster } from '../../subgraphs/accounts/webhook/roster.ts';

const webhook = (id: string, merchantId = `mer_${id}`): ReadyWebhook => ({ id, merchantId });
const terms = { atOnce: 3, ofOneMerchant: 2, slow: 1 };

/** Begins the first that may, in the order given, until none may; gives their ids. */
function fill(roster: Roster, ready: readonly ReadyWebhook[]): string[] {
  const begun: string[] = [];
  for (;;) {
    const { fresh, served } = roster.open(ready);
    if (fresh.length === 0) roster.again(served);
    const id = fresh[0] ?? served[0];
    if (id === undefined) return begun;
    roster.begin(ready.find((one) => one.id === id)!);
    begun.push(id);
  }
}

test('no more begin than there are places, and no more of one merchant than it may have', () => {
  const roster = createRoster(terms);
  const ready = [webhook('a', 'm'), webhook('b', 'm'), webhook('c', 'm'), webhook('d'), webhook('e')];

  expect(fill(roster, ready)).toEqual(['a', 'b', 'd']);
  expect(roster.open(ready)).toEqual({ fresh: [], served: [] });
  expect(roster.isCrowded()).toBe(true);

  roster.end('d', null);
  expect(fill(roster, ready)).toEqual(['e']);
  roster.end('a', null);
  expect(fill(roster, ready)).toEqual(['c']);
});

test('slow ones share their few places; one that was quick the last time is no longer slow', () => {
  const roster = createRoster(terms);
  const ready = ['a', 'b', 'c', 'd'].map((id) => webhook(id));
  fill(roster, ready);
  for (const id of ['a', 'b', 'c']) roster.end(id, true);

  expect(fill(roster, ready)).toEqual(['d', 'a']);
  expect(roster.isCrowded()).toBe(true);

  roster.end('a', false);
  expect(fill(roster, ready)).toEqual(['b', 'a']);
});

test('nobody’s turn is put off by others’ again and again, nor by those of its own merchant', () => {
  const roster = createRoster({ atOnce: 3, ofOneMerchant: 1, slow: 3 });
  const ready = [...['a', 'b', 'c'].map((id) => webhook(id, 'm')), webhook('x'), webhook('y'), webhook('z')];
  const turns: string[] = [];
  let under: string[] = [];
  for (let round = 0; round < 48; round++) {
    const begun = fill(roster, ready);
    turns.push(...begun);
    under.push(...begun);
    const [first, ...rest] = under;
    roster.end(first!, null);
    under = rest;
  }

  const counts = (ids: readonly string[]) => ids.map((id) => turns.filter((one) => one === id).length);
  for (const alike of [counts(['a', 'b', 'c']), counts(['x', 'y', 'z'])]) {
    expect(Math.min(...alike)).toBeGreaterThan(2);
    expect(Math.max(...alike)).toBeLessThanOrEqual(2 * Math.min(...alike));
  }
});
