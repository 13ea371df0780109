import { expect, test } from '@jest/globals';
import { pointsExpiring } from '../../subgraphs/accounts/event-types.ts';
import type { Delivery } from '../../subgraphs/accounts/webhook/delivery.ts';
import { type Reach, reachChanges, unreachedReason } from '../../subgraphs/accounts/webhook/reach.ts';
import { type ReadUnreachedPorts, readUnreached } from '../../subgraphs/accounts/webhook/read-unreached.ts';
import type { Webhook } from '../../subgraphs/accounts/webhook/webhook.ts';
import type { DomainEvent } from '../../subgraphs/shared/events/event.ts';

const now = new Date('2026-02-01T08:00:00Z');
const later = (ms: number) => new Date(now.getTime() + ms);

const webhook = (id: string, changes: Partial<Webhook> = {}): Webhook => ({
  ...{ id, merchantId: 'mer_1', number: 1, url: 'https://partner.example/', description: null },
  ...{ eventTypes: [], status: 'ACTIVE', pauseReason: null, pausedAt: null, createdAt: now },
  ...{ secrets: [], failingSince: null, deadInARow: 0 },
  ...changes,
});
const delivery = (id: string, webhookId: string, changes: Partial<Delivery> = {}): Delivery => ({
  ...{ id, webhookId, merchantId: 'mer_1', eventId: id, eventType: pointsExpiring, memberId: 'mem_1' },
  ...{ reminderId: 'rem_1', partition: 'w', sequence: 1, body: '{}', createdAt: now, status: 'PENDING' },
  ...{ attempts: [], failures: 0, firstFailedAt: null, nextAttemptAt: now, endedAt: null },
  ...changes,
});
const reach = (deliveryIds: string[], reminderId = 'rem_1', at = later(1)): Reach => ({
  ...{ reminderId, deliveryIds, programme: 'SHARED', expiresAt: at },
});

const webhooks = new Map(
  [
    webhook('well'),
    webhook('ill', { failingSince: now }),
    webhook('paused', { status: 'PAUSED', failingSince: now }),
  ].map((one) => [one.id, one]),
);

test.each<[string, Delivery[], string | null]>([
  ['none that is kept', [], 'FAILED'],
  ['one on its way', [delivery('1', 'well')], null],
  ['one that failed', [delivery('1', 'well', { failures: 1 })], 'FAILING'],
  ['one whose endpoint fails', [delivery('1', 'ill')], 'FAILING'],
  [
    'one that waits for what comes before it',
    [delivery('1', 'well', { nextAttemptAt: later(1) })],
    'FAILING',
  ],
  ['one at a paused webhook', [delivery('1', 'paused')], 'PAUSED'],
  ['one at a webhook that was deleted', [delivery('1', 'gone')], 'FAILED'],
  ['a dead letter', [delivery('1', 'well', { status: 'DEAD' })], 'FAILED'],
  ['one that was taken', [delivery('1', 'ill'), delivery('2', 'gone', { status: 'DELIVERED' })], null],
  ['one on its way beside one that failed', [delivery('1', 'ill'), delivery('2', 'well')], null],
  ['one that failed beside a paused one', [delivery('1', 'paused'), delivery('2', 'ill')], 'FAILING'],
  [
    'a paused one beside a dead letter',
    [delivery('1', 'paused'), delivery('2', 'well', { status: 'DEAD' })],
    'PAUSED',
  ],
])('of its deliveries there is %s', (_, kept, reason) => {
  expect(unreachedReason(reach(['1', '2']), kept, webhooks)).toBe(reason);
});

test('a reminder of which no delivery was made has no endpoint', () => {
  expect(unreachedReason(reach([]), [], webhooks)).toBe('NO_ENDPOINT');
});

const told = (id: string, reminderId: string, shown = true): DomainEvent => ({
  ...{ id, type: pointsExpiring, source: 'urn:jifen:accounts', subject: reminderId, time: now },
  ...{ partition: 'w', sequence: 1, audience: [] },
  data: { reminderId, programme: 'SHARED', expiresAt: shown ? later(1).toISOString() : null },
});

test('a reminder begins with the event that has its id, also if nobody is told', () => {
  const events = [
    told('rem_1', 'rem_1'),
    told('rem_1-mer_1', 'rem_1', false),
    told('rem_2-mer_1', 'rem_2', false),
    told('rem_3-mer_1', 'rem_3', false),
    { ...told('pos_1', 'pos_1'), type: 'jifen.points.posted' },
  ];
  const deliveries = [
    delivery('1', 'well'),
    delivery('2', 'ill', { reminderId: 'rem_2' }),
    delivery('3', 'ill', { reminderId: null }),
  ];

  expect(reachChanges(events, deliveries)).toEqual([
    { reminderId: 'rem_1', begun: { programme: 'SHARED', expiresAt: later(1) }, deliveryIds: ['1'] },
    { reminderId: 'rem_2', begun: null, deliveryIds: ['2'] },
  ]);
});

/** So many reminders, each on its way but for some that nobody was there for. */
function many(count: number, untold: readonly number[]) {
  let read = 0;
  const reaches = Array.from({ length: count }, (_, i) =>
    reach(untold.includes(i) ? [] : [`d${i}`], `rem_${String(i).padStart(5, '0')}`, later(i + 1)),
  );
  const ports: ReadUnreachedPorts = {
    unreached: async ({ expiresAfter }, limit, after) => {
      const rest = reaches.filter(
        ({ expiresAt, reminderId }) => expiresAt > expiresAfter && (!after || reminderId > after[1]!),
      );
      const page = rest.slice(0, limit);
      read += page.length;
      return page;
    },
    deliveriesByIds: async (ids) => ids.map((id) => delivery(id, 'well')),
    liveWebhooks: async () => [...webhooks.values()],
    clock: { now: () => now },
  };
  return { ports, read: () => read };
}

const idsOf = (page: { found: readonly { reminderId: string }[] }) =>
  page.found.map(({ reminderId }) => reminderId);

test('pages leave out what is on its way, and each goes on where the one before ended', async () => {
  const { ports } = many(450, [3, 120, 300, 301, 449]);

  const first = await readUnreached(null, { first: 2, after: null }, ports);
  const next = await readUnreached(null, { first: 2, after: first.end }, ports);
  const last = await readUnreached(null, { first: 2, after: next.end }, ports);

  expect([idsOf(first), first.hasMore]).toEqual([['rem_00003', 'rem_00120'], true]);
  expect([idsOf(next), next.hasMore]).toEqual([['rem_00300', 'rem_00301'], true]);
  expect([idsOf(last), last.hasMore]).toEqual([['rem_00449'], false]);
});

test('one page looks at a thousand reminders at most, and the next goes on behind them', async () => {
  const { ports, read } = many(2_500, [2_200]);

  const first = await readUnreached(null, { first: 20, after: null }, ports);
  expect([idsOf(first), first.hasMore, read()]).toEqual([[], true, 1_000]);
  const next = await readUnreached(null, { first: 20, after: first.end }, ports);
  const last = await readUnreached(null, { first: 20, after: next.end }, ports);

  expect([idsOf(last), last.hasMore]).toEqual([['rem_02200'], false]);
});

test('nothing to be told of gives an empty page', async () => {
  const page = await readUnreached(null, { first: 20, after: null }, many(0, []).ports);

  expect(page).toEqual({ found: [], hasMore: false, end: null });
});
