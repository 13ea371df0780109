import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  afterGrant,
  afterWithdrawal,
  type Consent,
  consentPurposes,
  isGiven,
} from '../../../subgraphs/accounts/privacy/consent.ts';

const at = new Date('2026-01-15T08:00:00Z');

test('a consent given again replaces the earlier one of its purpose', () => {
  const first: Consent = { purpose: 'MARKETING', grantedAt: at, textVersion: 'v1' };
  const second: Consent = { purpose: 'MARKETING', grantedAt: new Date(at.getTime() + 1), textVersion: 'v2' };

  expect(afterGrant(afterGrant([], first), second)).toEqual([second]);
});

test('whatever is given and taken back, in force is what was last given and not taken back since', () => {
  const step = fc.record({ purpose: fc.constantFrom(...consentPurposes), give: fc.boolean() });

  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let inForce: readonly Consent[] = [];
      const expected = new Set<string>();
      for (const { purpose, give } of steps) {
        inForce = give
          ? afterGrant(inForce, { purpose, grantedAt: at, textVersion: 'v' })
          : afterWithdrawal(inForce, purpose);
        if (give) expected.add(purpose);
        else expected.delete(purpose);
      }
      expect(inForce.map(({ purpose }) => purpose)).toEqual(
        consentPurposes.filter((purpose) => expected.has(purpose)),
      );
      for (const purpose of consentPurposes) expect(isGiven(inForce, purpose)).toBe(expected.has(purpose));
    }),
  );
});
