import { expect, test } from '@jest/globals';
import { backoffMs } from '../../subgraphs/shared/events/backoff.ts';
import {
  type DomainEvent,
  sequenceAt,
  slotCount,
  slotOf,
  toCloudEvent,
} from '../../subgraphs/shared/events/event.ts';
import { inLanes } from '../../subgraphs/shared/events/lanes.ts';
import { planLeases } from '../../subgraphs/shared/events/lease.ts';
import { fc } from '../support/properties.ts';

const event: DomainEvent = {
  id: 'evt_1',
  type: 'test.thing.happened',
  source: 'urn:test',
  subject: 'thing-1',
  time: new Date('2026-03-01T10:00:00Z'),
  partition: 'thing-1',
  sequence: 42,
  audience: ['one'],
  data: { points: 5, note: null },
};

test('an event has the JSON form of CloudEvents 1.0, and its audience stays inside', () => {
  expect(toCloudEvent(event)).toEqual({
    specversion: '1.0',
    id: 'evt_1',
    type: 'test.thing.happened',
    source: 'urn:test',
    subject: 'thing-1',
    time: '2026-03-01T10:00:00.000Z',
    datacontenttype: 'application/json',
    partitionkey: 'thing-1',
    sequence: '0000000000000042',
    data: { points: 5, note: null },
  });
});

test('a partition has the same slot for ever', () => {
  expect(['wal_1', 'wal_2', 'member:mem_1', ''].map(slotOf)).toEqual([27, 39, 14, 2]);
});

test('every slot is one of 64, and many partitions use them all', () => {
  const slots = Array.from({ length: 2_000 }, (_, i) => slotOf(`partition-${i}`));

  expect(Math.min(...slots)).toBe(0);
  expect(Math.max(...slots)).toBe(slotCount - 1);
  expect(new Set(slots).size).toBe(64);
});

test('events of a later version come after all of an earlier one, and each before the next of its version', () => {
  const version = fc.integer({ min: 0, max: 2 ** 32 });
  const index = fc.integer({ min: 0, max: 2 ** 20 - 1 });
  fc.assert(
    fc.property(version, index, index, (at, one, two) => {
      expect(sequenceAt(at, one)).toBeLessThan(sequenceAt(at + 1, two));
      expect(Math.sign(sequenceAt(at, one) - sequenceAt(at, two))).toBe(Math.sign(one - two));
    }),
  );
});

test('a version that tells of more events than have a place is a fault, not a wrong place', () => {
  expect(() => sequenceAt(1, 2 ** 20)).toThrow('no sequence for event 1048576 of version 1');
  expect(() => sequenceAt(2 ** 40, 0)).toThrow('no sequence');
});

test('waits double up to the longest and are spread over the whole of each', () => {
  const terms = { firstMs: 1_000, longestMs: 60_000 };
  const ceilings = [1, 2, 3, 6, 7, 50].map((failures) => backoffMs(failures, terms, () => 0.999_999));

  expect(ceilings).toEqual([999, 1_999, 3_999, 31_999, 59_999, 59_999]);
  expect(backoffMs(5, terms, () => 0)).toBe(0);
  expect(backoffMs(5, terms, () => 0.5)).toBe(8_000);
});

const now = new Date('2026-03-01T10:00:00Z');
const later = new Date('2026-03-01T10:00:10Z');
const earlier = new Date('2026-03-01T09:59:50Z');

test('one relay alone takes every slot', () => {
  const plan = planLeases('a', [], [], now);

  expect(plan.wanted).toHaveLength(64);
  expect(plan).toMatchObject({ mine: [], surplus: [] });
});

test('a relay that another joins gives half of its slots back', () => {
  const slots = Array.from({ length: 64 }, (_, slot) => ({ slot, owner: 'a', until: later }));
  const owners = [
    { owner: 'a', until: later },
    { owner: 'b', until: later },
  ];

  const ours = planLeases('a', slots, owners, now);
  const theirs = planLeases('b', slots.slice(0, 32), owners, now);

  expect(ours.surplus).toEqual(Array.from({ length: 32 }, (_, i) => i + 32));
  expect(ours.wanted).toEqual([]);
  expect(theirs.wanted).toEqual(Array.from({ length: 32 }, (_, i) => i + 32));
});

test('a lease that has run out is nobody’s, and neither does its owner count', () => {
  const slots = [
    { slot: 0, owner: 'gone', until: now },
    { slot: 1, owner: 'a', until: earlier },
    { slot: 2, owner: 'a', until: later },
  ];
  const plan = planLeases('a', slots, [{ owner: 'gone', until: earlier }], now);

  expect(plan.mine).toEqual([2]);
  expect(plan.wanted).toHaveLength(63);
});

test('however many relays there are, their shares together cover every slot', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), (count) => {
      const owners = Array.from({ length: count }, (_, i) => ({ owner: `o${i}`, until: later }));
      const slots: { slot: number; owner: string; until: Date }[] = [];
      for (const { owner } of owners)
        for (const slot of planLeases(owner, slots, owners, now).wanted)
          slots.push({ slot, owner, until: later });
      expect(slots.map(({ slot }) => slot).sort((a, b) => a - b)).toEqual(
        Array.from({ length: slotCount }, (_, slot) => slot),
      );
    }),
  );
});

test('work in lanes is done once an item, and a failure is told when the rest is done', async () => {
  const done: number[] = [];
  const work = async (item: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (item === 3) throw new Error('third');
    done.push(item);
  };

  await expect(inLanes([1, 2, 3, 4, 5, 6, 7], 2, work)).rejects.toThrow('third');
  expect(done).toEqual([1, 2, 4, 5, 6, 7]);
});
