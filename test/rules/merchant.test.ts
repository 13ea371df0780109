import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { allScopes, type Client, isSecretOf, newClient } from '../../subgraphs/accounts/merchant/client.ts';
import { checkMerchant } from '../../subgraphs/accounts/merchant/merchant.ts';
import { type MerchantPrice, priceInForce } from '../../subgraphs/accounts/merchant/price.ts';
import { fc } from '../support/properties.ts';

const merchant = {
  idempotencyKey: 'k',
  name: 'Pets',
  category: 'pet shop',
  currency: 'CNY',
  issuePricePerThousand: 1000n,
  redemptionPricePerThousand: 900n,
};

test.each([
  [{ name: '' }, 'input.name'],
  [{ name: 'x'.repeat(81) }, 'input.name'],
  [{ category: ' ' }, 'input.category'],
  [{ currency: 'cny' }, 'input.currency'],
  [{ currency: 'XQZ' }, 'input.currency'],
  [{ issuePricePerThousand: -1n }, 'input.issuePricePerThousand'],
  [{ redemptionPricePerThousand: 100_000_001n }, 'input.redemptionPricePerThousand'],
  [{ name: '', currency: 'cny' }, 'input.name'],
])('refuses to open a merchant with %p', (changes, field) => {
  expect(checkMerchant({ ...merchant, ...changes })?.field).toBe(field);
});

test('opens a merchant with prices at the limits', () => {
  const limits = { issuePricePerThousand: 0n, redemptionPricePerThousand: 100_000_000n };

  expect(checkMerchant({ ...merchant, ...limits })).toBeNull();
});

const instant = fc.integer({ min: 0, max: 20 }).map((day) => new Date(Date.UTC(2026, 0, 1 + day)));
const price = fc.record({
  merchantId: fc.constantFrom('mer_1', 'mer_2'),
  programmeCode: fc.constantFrom('SHARED', 'GREEN'),
  issuePricePerThousand: fc.bigInt(0n, 1000n),
  redemptionPricePerThousand: fc.constant(0n),
  currency: fc.constant('CNY'),
  effectiveFrom: instant,
  revision: fc.nat({ max: 99 }),
  recordedAt: instant,
});

test('the price in force is the last to take effect and, of those, the last set', () => {
  const rank = (p: MerchantPrice) => p.effectiveFrom.getTime() * 1e3 + p.revision;
  const place = ({ effectiveFrom, revision }: MerchantPrice) => `${+effectiveFrom}/${revision}`;
  fc.assert(
    fc.property(fc.uniqueArray(price, { selector: place }), instant, (prices, at) => {
      const key = { merchantId: 'mer_1', programmeCode: 'SHARED', at };

      const found = priceInForce(prices, key);

      const candidates = prices.filter(
        (p) => p.merchantId === 'mer_1' && p.programmeCode === 'SHARED' && p.effectiveFrom <= at,
      );
      expect(found === null).toBe(candidates.length === 0);
      if (found) expect(rank(found)).toBe(Math.max(...candidates.map(rank)));
    }),
  );
});

test('a client opens with its own secret and no other, until it is withdrawn', () => {
  const ports = {
    newId: (prefix: string) => `${prefix}_1`,
    random: (size: number) => new Uint8Array(size).fill(7),
  };

  const { client, secret } = newClient('mer_1', allScopes, ports);

  expect(secret).toBe(Buffer.alloc(32, 7).toString('base64url'));
  expect(Buffer.from(client.secretHash)).toEqual(createHash('sha256').update(secret).digest());
  expect(JSON.stringify(client)).not.toContain(secret);
  expect(isSecretOf(client, secret)).toBe(true);
  expect(isSecretOf(client, `${secret}x`)).toBe(false);
  expect(isSecretOf(client, '')).toBe(false);
  expect(isSecretOf(null, secret)).toBe(false);
  const withdrawn: Client = { ...client, revokedAt: new Date() };
  expect(isSecretOf(withdrawn, secret)).toBe(false);
});
