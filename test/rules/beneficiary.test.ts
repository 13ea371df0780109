import { expect, test } from '@jest/globals';
import { addBeneficiary } from '../../subgraphs/accounts/beneficiary/add-beneficiary.ts';
import {
  addTo,
  type BeneficiaryList,
  currentOf,
  effectiveFromOf,
  emptyList,
  hasEffective,
  removeFrom,
  statusOf,
} from '../../subgraphs/accounts/beneficiary/beneficiary.ts';
import { maskedCard } from '../../subgraphs/accounts/membership/card-number.ts';
import type { Member } from '../../subgraphs/accounts/membership/member.ts';
import { fc } from '../support/properties.ts';

const day = 86_400_000;
const start = Date.parse('2026-01-01T08:00:00Z');
const at = (days: number) => new Date(start + days * day);

let made = 0;
const request = () => ({ caller: 'member:ann', idempotencyKey: `key-${++made}`, inputHash: 'hash' });

const add = (list: BeneficiaryList, memberId: string, days: number) =>
  addTo(list, { id: `ben-${++made}`, memberId, label: null, at: at(days), request: request() });

/** A list after additions that must all succeed. */
function added(list: BeneficiaryList, memberId: string, days: number): BeneficiaryList {
  const next = add(list, memberId, days);
  if ('kind' in next) throw new Error(next.kind);
  return next;
}

function removed(list: BeneficiaryList, memberId: string, days: number): BeneficiaryList {
  const { id } = currentOf(list).find((entry) => entry.memberId === memberId)!;
  return removeFrom(list, id, at(days), request())!;
}

/** Eight beneficiaries, m0 to m7, added on the first day. */
const full = () =>
  Array.from({ length: 8 }).reduce<BeneficiaryList>(
    (list, _, i) => added(list, `m${i}`, 0),
    emptyList('ann'),
  );

test('a beneficiary waits for 60 days, to the millisecond', () => {
  const list = added(emptyList('ann'), 'bo', 0);
  const [bo] = currentOf(list);

  expect(effectiveFromOf(list, 'bo')).toEqual(at(60));
  expect(statusOf(bo!, new Date(at(60).getTime() - 1))).toBe('WAITING');
  expect(statusOf(bo!, at(60))).toBe('EFFECTIVE');
  expect(effectiveFromOf(list, 'cy')).toBeNull();
});

test('removing and adding again restarts the wait, and what was stays in the history', () => {
  const again = added(removed(added(emptyList('ann'), 'bo', 0), 'bo', 70), 'bo', 71);

  expect(effectiveFromOf(again, 'bo')).toEqual(at(131));
  expect(again.entries.map(({ addedAt, removedAt }) => [addedAt, removedAt])).toEqual([
    [at(0), at(70)],
    [at(71), null],
  ]);
  expect(effectiveFromOf(removed(again, 'bo', 80), 'bo')).toBeNull();
});

test('somebody can be given to from the end of the wait until it is removed', () => {
  const list = added(emptyList('ann'), 'bo', 0);

  expect(hasEffective(emptyList('ann'), at(99))).toBe(false);
  expect(hasEffective(list, at(59.999))).toBe(false);
  expect(hasEffective(list, at(60))).toBe(true);
  expect(hasEffective(added(list, 'cy', 50), at(60))).toBe(true);
  expect(hasEffective(removed(list, 'bo', 61), at(61))).toBe(false);
});

test('a ninth beneficiary is refused until one of the eight was removed', () => {
  expect(add(full(), 'm8', 1)).toEqual({ kind: 'TooManyBeneficiaries', most: 8 });
  expect(currentOf(added(removed(full(), 'm3', 1), 'm8', 1))).toHaveLength(8);
});

test('a member cannot be a beneficiary twice, and is told of the one there is', () => {
  const list = added(emptyList('ann'), 'bo', 0);

  expect(add(list, 'bo', 90)).toEqual({ kind: 'AlreadyBeneficiary', beneficiary: currentOf(list)[0] });
});

test('a beneficiary is removed once', () => {
  const list = added(emptyList('ann'), 'bo', 0);
  const { id } = currentOf(list)[0]!;

  expect(removeFrom(removeFrom(list, id, at(1), request())!, id, at(2), request())).toBeNull();
  expect(removeFrom(list, 'ben-none', at(2), request())).toBeNull();
});

test('the seventeenth addition within 365 days is refused, and is possible when the first of the sixteen is a year old', () => {
  let list = full();
  for (let i = 0; i < 8; i++) list = added(removed(list, `m${i}`, 10 + i), `n${i}`, 10 + i);
  list = removed(list, 'n0', 20);

  expect(add(list, 'last', 20)).toEqual({ kind: 'TooManyChanges', most: 16, availableFrom: at(365) });
  expect(add(list, 'last', 364.999)).toMatchObject({ kind: 'TooManyChanges' });
  expect(currentOf(added(list, 'last', 365))).toHaveLength(8);
});

test('of several reasons the first is told: one already, no place left, too many changes', () => {
  let list = full();
  for (let i = 0; i < 8; i++) list = added(removed(list, `m${i}`, 1), `n${i}`, 1);

  expect(add(list, 'n5', 2)).toMatchObject({ kind: 'AlreadyBeneficiary' });
  expect(add(list, 'other', 2)).toMatchObject({ kind: 'TooManyBeneficiaries' });
  expect(add(removed(list, 'n1', 2), 'other', 2)).toMatchObject({ kind: 'TooManyChanges' });
});

test('whatever is added and removed, there are never more than eight, nor more than sixteen additions in 365 days', () => {
  const step = fc.record({ member: fc.nat(11), days: fc.integer({ min: 0, max: 25 }), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let list = emptyList('ann');
      let now = 0;
      for (const { member, days, remove } of steps) {
        now += days;
        const current = currentOf(list).find((entry) => entry.memberId === `m${member}`);
        const next =
          remove && current
            ? removeFrom(list, current.id, at(now), request())!
            : add(list, `m${member}`, now);
        if (!('kind' in next)) list = next;

        expect(currentOf(list).length).toBeLessThanOrEqual(8);
        const within = list.entries.filter((entry) => entry.addedAt > at(now - 365));
        expect(within.length).toBeLessThanOrEqual(16);
        expect(new Set(currentOf(list).map((entry) => entry.memberId)).size).toBe(currentOf(list).length);
      }
    }),
    { numRuns: 300 },
  );
});

test('of a card number another member sees the last four digits', () => {
  expect(maskedCard('1234567812345670')).toBe('**** **** **** 5670');
});

test('a holder that was erased while another request came first is not added', async () => {
  const holder = { id: 'bob', cardNumber: '', registeredBy: [] } as unknown as Member;
  const written: BeneficiaryList[] = [];
  let isGone = false;
  const ports = {
    memberByCardNumber: async () => (isGone ? null : holder),
    beneficiariesOf: async (ownerId: string) => emptyList(ownerId),
    replaceBeneficiaries: async (list: BeneficiaryList) => {
      if (isGone) written.push(list);
      const came = isGone;
      isGone = true;
      return came;
    },
    touchMember: async () => true,
    inTransaction: <T>(work: () => Promise<T>) => work(),
    clock: { now: () => at(0) },
    newId: (prefix: string) => `${prefix}_1`,
  };
  const input = { idempotencyKey: 'adds', cardNumber: '4539148803436467' };

  expect(await addBeneficiary('ann', input, ports)).toMatchObject({ kind: 'NotFound', what: 'MEMBER' });
  expect(written).toEqual([]);
});
