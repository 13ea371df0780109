import { afterEach, expect, jest, test } from '@jest/globals';
import {
  type Caller,
  callerKey,
  callerName,
  signCaller,
  verifyCaller,
} from '../../subgraphs/shared/caller.ts';

const key = () => callerKey('a secret of at least thirty-two characters');
const merchant: Caller = { kind: 'MERCHANT', merchantId: 'mer_1', clientId: 'cli_1', scopes: ['READ'] };

afterEach(() => {
  jest.useRealTimers();
});

test('a signed caller is read back whole, also the second time, and by another process', async () => {
  const [here, there] = [key(), key()];
  const acting: Caller = { kind: 'SERVICE', service: 'campaigns', onBehalfOf: merchant as never };

  const header = await signCaller(acting, here);

  expect(await verifyCaller(header, here)).toEqual(acting);
  expect(await verifyCaller(header, here)).toEqual(acting);
  expect(await verifyCaller(header, there)).toEqual(acting);
});

test('one caller is signed once for a while, and never given out with less than half a minute left', async () => {
  jest.useFakeTimers({
    now: Date.parse('2026-01-01T00:00:00Z'),
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'],
  });
  const secret = key();

  const first = await signCaller(merchant, secret);
  jest.setSystemTime(Date.parse('2026-01-01T00:00:29Z'));
  const soon = await signCaller(merchant, secret);
  jest.setSystemTime(Date.parse('2026-01-01T00:00:31Z'));
  const later = await signCaller(merchant, secret);

  expect(soon).toBe(first);
  expect(later).not.toBe(first);
  expect(await signCaller({ ...merchant, merchantId: 'mer_2' }, secret)).not.toBe(later);
});

test('a caller that was accepted before is refused once it has expired', async () => {
  jest.useFakeTimers({
    now: Date.parse('2026-01-01T00:00:00Z'),
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'],
  });
  const secret = key();
  const header = await signCaller(merchant, secret);
  expect(await verifyCaller(header, secret)).toEqual(merchant);

  jest.setSystemTime(Date.parse('2026-01-01T00:02:00Z'));

  expect(await verifyCaller(header, secret)).toBeNull();
});

test.each([undefined, '', 'x.y.z', 'eyJhbGciOiJub25lIn0.eyJjYWxsZXIiOnsia2luZCI6Ik9QRVJBVE9SIn19.'])(
  'refuses %p',
  async (header) => {
    expect(await verifyCaller(header, key())).toBeNull();
  },
);

test('refuses a caller signed with another secret, and a secret that is too short', async () => {
  const forged = await signCaller(merchant, callerKey('another secret of at least thirty-two characters'));

  expect(await verifyCaller(forged, key())).toBeNull();
  expect(() => callerKey('short')).toThrow('at least 32 characters');
});

test('idempotency keys belong to whoever stands behind the credential', () => {
  expect(callerName(merchant)).toBe('merchant:mer_1');
  expect(callerName({ kind: 'MEMBER', memberId: 'mem_1', merchantId: 'mer_1' })).toBe('member:mem_1');
  expect(callerName({ kind: 'OPERATOR', subject: 'ann' })).toBe('operator:ann');
  expect(callerName({ kind: 'SERVICE', service: 'charity' })).toBe('service:charity');
});
