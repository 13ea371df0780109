import { expect, test } from '@jest/globals';
import { ServiceUnavailable, wasNeverSent } from '../../subgraphs/shared/service-client.ts';

test.each([
  ['ECONNREFUSED', true],
  ['ENOTFOUND', true],
  ['EAI_AGAIN', true],
  ['UND_ERR_CONNECT_TIMEOUT', true],
  ['ECONNRESET', false],
  ['UND_ERR_SOCKET', false],
  ['UND_ERR_HEADERS_TIMEOUT', false],
])('whether a request was certainly never sent is told by why it failed: %s', (code, never) => {
  const cause = Object.assign(new Error('it failed'), { code });

  expect(wasNeverSent(new ServiceUnavailable('it failed', { cause }))).toBe(never);
});

test('an answer that says no more than that it failed, and an error of our own, may have been sent', () => {
  const ours = Object.assign(new Error('ours'), { code: 'ECONNREFUSED' });

  expect(wasNeverSent(new ServiceUnavailable('errors in the answer'))).toBe(false);
  expect(wasNeverSent(ours)).toBe(false);
});
