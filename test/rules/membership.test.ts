import { expect, test } from '@jest/globals';
import { mayKnow } from '../../subgraphs/accounts/membership/find-member.ts';
import { checkRegistration, type Member, profileOf } from '../../subgraphs/accounts/membership/member.ts';
import { readSelector } from '../../subgraphs/accounts/membership/selector.ts';
import {
  adviser,
  asMember,
  asMerchant,
  asService,
  auditor,
  charity,
  nobody,
  operator,
} from '../support/callers.ts';

const at = new Date('2026-01-01T00:00:00Z');
const member: Member = {
  id: 'mem_1',
  cardNumber: '4111111111111111',
  registeredAt: at,
  registrations: [{ merchantId: 'mer_1', reference: 'r-1', at }],
  registeredBy: ['mer_1'],
};

test.each([
  ['nobody', nobody, false],
  ['the member', asMember('mem_1'), true],
  ['another member', asMember('mem_2', 'mer_1'), false],
  ['a merchant that registered the member', asMerchant('mer_1'), true],
  ['a merchant that did not', asMerchant('mer_2'), false],
  ['the operator', operator, true],
  ['an auditor', auditor, true],
  ['an adviser', adviser, false],
  ['a charity', charity, false],
  ['a service that acts for nobody', asService(), true],
])('whether %s may know of a member', (_, caller, expected) => {
  expect(mayKnow(caller, member)).toBe(expected);
});

test.each([
  [{ id: 'a' }, { by: 'id', value: 'a' }],
  [
    { reference: 'b', id: null },
    { by: 'reference', value: 'b' },
  ],
  [{ cardNumber: 'c' }, { by: 'cardNumber', value: 'c' }],
  [{}, null],
  [{ id: null }, null],
  [{ id: 'a', reference: 'b' }, null],
  [{ id: 'a', reference: 'b', cardNumber: 'c' }, null],
])('reads the selector %j', (selector, expected) => {
  expect(readSelector(selector)).toEqual(expected);
});

test.each([
  [{ reference: '' }, 'input.reference'],
  [{ reference: ' r' }, 'input.reference'],
  [{ reference: 'a\u0000b' }, 'input.reference'],
  [{ reference: 'x'.repeat(101) }, 'input.reference'],
  [{ reference: 'r', cardNumber: '' }, 'input.cardNumber'],
  [{ reference: 'r', cardNumber: '4111111111111112' }, 'input.cardNumber'],
  [{ reference: 'r', displayName: '' }, 'input.displayName'],
  [{ reference: 'r', displayName: '猫'.repeat(81) }, 'input.displayName'],
  [{ reference: 'r', locale: 'fr' }, 'input.locale'],
  [{ reference: '', cardNumber: '1', locale: 'fr' }, 'input.reference'],
])('refuses the registration %j', (input, field) => {
  expect(checkRegistration(input)?.field).toBe(field);
});

test('takes a registration at the limits', () => {
  const input = {
    reference: '参'.repeat(100),
    cardNumber: '4111111111111111',
    displayName: '𠮷'.repeat(80),
    locale: 'en',
  };

  expect(checkRegistration(input)).toBeNull();
});

test('keeps a profile only for a member who said something personal', () => {
  expect(profileOf('mem_1', 'mer_1', { reference: 'r' })).toBeNull();
  expect(profileOf('mem_1', 'mer_1', { reference: 'r', displayName: '小明' })).toEqual({
    memberId: 'mem_1',
    givenBy: 'mer_1',
    displayName: '小明',
    locale: 'zh-CN',
  });
  expect(profileOf('mem_1', 'mer_1', { reference: 'r', locale: 'en' })).toEqual({
    memberId: 'mem_1',
    givenBy: 'mer_1',
    displayName: null,
    locale: 'en',
  });
});
