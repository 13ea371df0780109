import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { postingEvents } from '../../subgraphs/accounts/ledger/posting-event.ts';
import { type Attempt, type Delivery, decideAfter } from '../../subgraphs/accounts/webhook/delivery.ts';
import { memberOf, partnerBody, toldId } from '../../subgraphs/accounts/webhook/partner-event.ts';
import { readRetryAfter } from '../../subgraphs/accounts/webhook/retry-after.ts';
import { signedHeaders } from '../../subgraphs/accounts/webhook/signature.ts';
import { newSecret, rotateSecrets, secretsInForce } from '../../subgraphs/accounts/webhook/webhook.ts';
import type { DomainEvent } from '../../subgraphs/shared/events/event.ts';
import { idAt } from '../../subgraphs/shared/ids.ts';
import { fc } from '../support/properties.ts';
import { poolWorld } from './ledger/pool-world.ts';

const at = (instant: string) => new Date(`2026-03-${instant}Z`);
const bytes = (fill: number) => (size: number) => new Uint8Array(size).fill(fill);

test('a secret is whsec_ and 32 random bytes in base64', () => {
  const { secret } = newSecret(bytes(7), at('01T10:00:00'));

  expect(secret).toBe(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
});

test('after a rotation both secrets sign for 24 hours, then the new one alone', () => {
  const first = newSecret(bytes(1), at('01T10:00:00'));
  const second = newSecret(bytes(2), at('02T10:00:00'));
  const secrets = rotateSecrets([first], second, at('02T10:00:00'));
  const inForce = (instant: string) => secretsInForce(secrets, at(instant)).map(({ secret }) => secret);

  expect(inForce('03T09:59:59.999')).toEqual([second.secret, first.secret]);
  expect(inForce('03T10:00:00')).toEqual([second.secret]);
});

test('a second rotation ends the secret before the last at once', () => {
  const [one, two, three] = [1, 2, 3].map((n) => newSecret(bytes(n), at('02T10:00:00')));
  const once = rotateSecrets([one!], two!, at('02T10:00:00'));
  const twice = rotateSecrets(once, three!, at('02T10:01:00'));

  const inForce = secretsInForce(twice, at('02T10:01:00')).map(({ secret }) => secret);
  expect(inForce).toEqual([three!.secret, two!.secret]);
});

test('each secret in force signs id, timestamp and body as Standard Webhooks says', () => {
  const first = newSecret(bytes(1), at('01T10:00:00'));
  const second = newSecret(bytes(2), at('02T10:00:00'));
  const secrets = rotateSecrets([first], second, at('02T10:00:00'));
  const now = at('02T10:00:00.900');

  const headers = signedHeaders({ id: 'evt_1', body: '{"a":"é"}' }, secrets, now);

  const seconds = Math.floor(now.getTime() / 1_000);
  const signed = (fill: number) =>
    createHmac('sha256', Buffer.alloc(32, fill)).update(`evt_1.${seconds}.{"a":"é"}`).digest('base64');
  expect(headers).toEqual({
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signed(2)} v1,${signed(1)}`,
  });
});

const fresh: Delivery = {
  id: 'whk_1.evt_1',
  webhookId: 'whk_1',
  merchantId: 'mer_1',
  eventId: 'evt_1',
  memberId: null,
  reminderId: null,
  eventType: 'jifen.points.posted',
  partition: 'wal_1',
  sequence: 1,
  body: '{}',
  createdAt: at('01T10:00:00'),
  status: 'PENDING',
  attempts: [],
  failures: 0,
  firstFailedAt: null,
  nextAttemptAt: at('01T10:00:00'),
  endedAt: null,
};
const answered = (responseStatus: number | null): Attempt => ({
  at: at('01T10:00:00'),
  durationMs: 5,
  responseStatus,
  error: responseStatus === null ? 'timed out' : null,
});

test.each([200, 201, 202, 204, 299])('an answer of %d takes the event', (status) => {
  expect(decideAfter(fresh, answered(status), at('01T10:00:01'), () => 0.5)).toEqual({
    status: 'DELIVERED',
    failures: 0,
    firstFailedAt: null,
    nextAttemptAt: null,
    endedAt: at('01T10:00:01'),
  });
});

test.each([null, 100, 301, 302, 400, 404, 429, 500, 503])(
  'an answer of %p is a failure, tried again after a random part of 5 seconds but not at once',
  (status) => {
    const decide = (random: number) =>
      decideAfter(fresh, answered(status), at('01T10:00:01'), () => random).nextAttemptAt;

    expect(decide(0.6)).toEqual(at('01T10:00:04'));
    expect(decide(0)).toEqual(at('01T10:00:02'));
  },
);

test('after 410 Gone it waits for the webhook to be resumed and is not given up', () => {
  const long = { ...fresh, failures: 3, firstFailedAt: at('01T10:00:00') };

  expect(decideAfter(long, answered(410), at('09T10:00:00'), () => 0.5)).toMatchObject({
    status: 'PENDING',
    nextAttemptAt: at('09T10:00:00'),
  });
});

test.each([
  ['120', 120_000],
  [' 5 ', 5_000],
  ['999999999999', 3_600_000],
  ['Thu, 15 Jan 2026 08:10:00 GMT', 600_000],
  ['Fri, 16 Jan 2026 08:00:00 GMT', 3_600_000],
  ['Thu, 15 Jan 2026 07:00:00 GMT', null],
  ['0', null],
  ['-5', null],
  ['soon', null],
  ['1e3', null],
  ['', null],
  [null, null],
])('Retry-After %p asks for a pause of %p ms', (header, ms) => {
  const at = new Date('2026-01-15T08:00:00Z');

  expect(readRetryAfter(header, at)?.getTime() ?? null).toBe(ms === null ? null : at.getTime() + ms);
});

test('it is given up by the first attempt that fails three days after the first that failed', () => {
  const nextAttemptAt = at('04T09:00:00');
  const failing = { ...fresh, failures: 20, firstFailedAt: at('01T10:00:00'), nextAttemptAt };
  const failed = { ...answered(500), at: nextAttemptAt };

  expect(decideAfter(failing, failed, at('04T09:59:59'), () => 0.5).status).toBe('PENDING');
  expect(decideAfter(failing, failed, at('04T10:00:00'), () => 0.5)).toEqual({
    status: 'DEAD',
    failures: 21,
    firstFailedAt: at('01T10:00:00'),
    nextAttemptAt: null,
    endedAt: at('04T10:00:00'),
  });
});

test('days in which nobody sent, beyond the longest wait of twelve hours, do not count', () => {
  const once = {
    ...{ ...fresh, failures: 1 },
    ...{ firstFailedAt: at('01T10:00:00'), nextAttemptAt: at('01T10:00:05') },
  };
  const failed = { ...answered(500), at: at('09T10:00:05') };
  const after = decideAfter(once, failed, at('09T10:00:06'), () => 0.5);

  expect(after).toMatchObject({ status: 'PENDING', failures: 2, firstFailedAt: at('08T22:00:00') });
  const late = { ...failed, at: at('01T22:00:05') };
  expect(decideAfter(once, late, at('01T22:00:06'), () => 0.5).firstFailedAt).toEqual(once.firstFailedAt);
});

test('whatever the jitter, an event is given up between 3 and 3.5 days after its first failure', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.02, max: 0.99, noNaN: true }), { minLength: 1 }), (jitter) => {
      let delivery = fresh;
      let now = at('01T10:00:00');
      let turn = 0;
      while (delivery.status === 'PENDING') {
        const change = decideAfter(
          delivery,
          { ...answered(500), at: now },
          now,
          () => jitter[turn++ % jitter.length]!,
        );
        delivery = { ...delivery, ...change };
        if (change.nextAttemptAt) {
          expect(change.nextAttemptAt.getTime() - now.getTime()).toBeGreaterThanOrEqual(1_000);
          now = change.nextAttemptAt;
        }
      }
      const days = (now.getTime() - at('01T10:00:00').getTime()) / 86_400_000;
      expect(delivery.failures).toBeLessThanOrEqual(50);
      if (delivery.failures < 50) expect(days).toBeGreaterThanOrEqual(3);
      expect(days).toBeLessThan(3.5);
    }),
  );
});

const posted: DomainEvent = {
  id: 'evt_1',
  type: 'jifen.points.posted',
  source: 'urn:jifen:accounts',
  subject: 'pos_1',
  time: at('01T10:00:00'),
  partition: 'wal_mem_1_SHARED',
  sequence: 42,
  audience: ['mer_1'],
  data: { postingId: 'pos_1', points: 5, memberId: 'mem_1' },
};

const to = { id: 'whk_1', merchantId: 'mer_1' };

test('a merchant is told of a member under its own reference, and nothing names the member otherwise', () => {
  const body = partnerBody(posted, to, 'customer-1');

  expect(memberOf(posted)).toBe('mem_1');
  expect(body).not.toContain('mem_1');
  expect(JSON.parse(body)).toEqual({
    specversion: '1.0',
    id: idAt('mer_1', 'evt_1'),
    source: 'urn:jifen:accounts',
    type: 'jifen.points.posted',
    subject: 'pos_1',
    time: '2026-03-01T10:00:00.000Z',
    datacontenttype: 'application/json',
    partitionkey: expect.stringMatching(/^[0-9a-f]{32}$/),
    data: { postingId: 'pos_1', points: 5, memberReference: 'customer-1' },
  });
});

test('two webhooks cannot tell that they are told of one member', () => {
  const key = (id: string) => JSON.parse(partnerBody(posted, { ...to, id }, 'r')).partitionkey;

  expect(key('whk_1')).toBe(key('whk_1'));
  expect(key('whk_1')).not.toBe(key('whk_2'));
});

test('a merchant cannot tell by what it is told of a pool who is of one household', () => {
  const { ledger, earn, contribute, spend, spendOwn } = poolWorld();
  for (const member of ['ann', 'bo', 'cy']) earn(member, 100n);
  contribute('ann', 100n);
  for (const member of ['bo', 'cy', 'bo']) {
    spend(member, 10n);
    spendOwn(member, 5n);
  }
  const postings = ledger.journal.filter(({ kind }) => kind === 'REDEEM');
  const wallets = ['ann', 'bo', 'cy', 'home'].map((holder) => ledger.seen(holder));
  const written = { wallets: wallets.map(({ wallet }) => ({ wallet, loadedVersion: 0 })), postings };

  const events = postingEvents(written, () => 'evt');

  const told = events.map((event) => [
    `${memberOf(event)} ${event.data['fromPool'] ? 'pool' : 'own'}`,
    JSON.parse(partnerBody(event, to, 'r')).partitionkey as string,
  ]);
  const keyOf = new Map(told as [string, string][]);
  expect([...keyOf.keys()]).toEqual(['bo pool', 'bo own', 'cy pool', 'cy own']);
  expect(new Set(keyOf.values()).size).toBe(4);
  for (const [what, key] of told) expect(key).toBe(keyOf.get(what!));
});

test('two merchants are told of one event about a member, and of one reminder, under ids of their own', () => {
  const data = { reminderId: 'evt_7', points: 5, memberId: 'mem_1' };
  const reminded = { ...posted, id: 'evt_7', subject: 'evt_7', data };
  const [one, other] = ['mer_1', 'mer_2'].map((merchantId) =>
    JSON.parse(partnerBody(reminded, { ...to, merchantId }, 'r')),
  );

  expect(one).toMatchObject({ subject: one.data.reminderId, data: { reminderId: idAt('mer_1', 'evt_7') } });
  for (const id of ['id', 'subject']) expect(one[id]).not.toBe(other[id]);
  expect(JSON.stringify([one, other])).not.toContain('evt_7');
  const { memberId: _, ...rest } = posted.data;
  expect(toldId({ ...posted, data: rest }, 'mer_1')).toBe('evt_1');
});

test('an event about a member itself is about the merchant’s reference', () => {
  const registered = { ...posted, subject: 'mem_1' };

  expect(JSON.parse(partnerBody(registered, to, 'customer-1')).subject).toBe('customer-1');
  expect(partnerBody(registered, to, null)).not.toContain('mem_1');
});
