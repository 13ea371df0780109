import { describe, expect, test } from '@jest/globals';
import { checkNewReference, checkRegistration } from '../../subgraphs/accounts/membership/member.ts';
import { checkReferences } from '../../subgraphs/campaigns/purchase/purchase-input.ts';
import { isReference, referenceRule } from '../../subgraphs/shared/reference.ts';
import { illFormedIn } from '../../subgraphs/shared/refuse-ill-formed.ts';
import { ledgerInMemory, programme, request } from './ledger/ledger-in-memory.ts';

/** Texts that look like others, or like nothing. */
const refused = [
  '',
  ' ',
  'R-1 ',
  '\tR-1',
  'R-1\u200b',
  'R\u00ad1',
  '\u202eR-1',
  'R\u2028-1',
  'R-1\u3164',
  'R-1\ufe0f',
  'R-1\u2800',
  'cafe\u0301',
  '\u001b[2J',
  'R-\ud800',
];
const taken = ['R-1', 'r-1', 'caf\u00e9', '收据 一', '🧾', 'R–1', '-', '𠮷'.repeat(50)];

const earn = (externalRef: string, caller = 'merchant:m1') =>
  ledgerInMemory({ members: ['ann'], merchants: ['m1'] }).execute({
    ...{ ...request(), caller, kind: 'EARN' as const, memberId: 'ann', programme, merchantId: 'm1' },
    ...{ points: 5n, externalRef },
  });

describe('a reference', () => {
  test.each(refused)('%j is none', (text) => {
    expect(isReference(text)).toBe(false);
    expect(checkNewReference(text)).toMatchObject({ field: 'input.reference', expected: referenceRule(100) });
    expect(checkReferences(text)).toMatchObject({ field: 'input.externalRef' });
    if (text !== '')
      expect(checkReferences('R-1', [{ id: text }])).toMatchObject({ field: 'input.lines.0.id' });
    expect(earn(text)).toMatchObject({ kind: 'InvalidInput', field: 'input.externalRef' });
  });

  test.each(taken)('%j is one', (text) => {
    expect(isReference(text)).toBe(true);
    expect([checkNewReference(text), checkReferences(text, [{ id: text }])]).toEqual([null, null]);
    expect(earn(text)).toMatchObject({ kind: 'PointsPosted' });
  });

  test('that a service has kept since before there was this rule is posted', () => {
    expect(earn('R-1 ', 'service:campaigns')).toMatchObject({ kind: 'PointsPosted' });
    expect(checkRegistration({ reference: 'cafe\u0301' })).toBeNull();
    expect(checkRegistration({ reference: 'x'.repeat(101) })).toMatchObject({ field: 'input.reference' });
  });
});

test('what was posted is answered as before, though a rule of today would refuse it', () => {
  const ledger = ledgerInMemory({ members: ['ann'], merchants: ['m1'] });
  const command = {
    ...{ ...request('k'), kind: 'EARN' as const, memberId: 'ann', programme, merchantId: 'm1', points: 5n },
    externalRef: 'R-1',
  } as const;
  const first = ledger.execute(command);

  // As if it had been carried out when such a reference would do: its key is that of this very input.
  expect(ledger.execute({ ...command, externalRef: 'R-1 ' })).toMatchObject({
    kind: 'PointsPosted',
    replayed: true,
    posting: { id: 'posting' in first && first.posting.id },
  });
  expect(ledger.execute({ ...command, inputHash: 'other', externalRef: 'R-1 ' })).toMatchObject({
    kind: 'InvalidInput',
  });
  expect(ledger.journal).toHaveLength(1);
});

describe('variables', () => {
  test.each([
    [{ input: { lines: [{ id: '1' }, { id: 'a\ud800' }] } }, 'input.lines.1.id'],
    [{ input: { name: '\udc00\ud800' } }, 'input.name'],
    [{ input: { ['\ud801']: 1 } }, 'input.\ufffd'],
    [{ reference: '\udfff' }, 'reference'],
  ])('with half a character in %j are refused by its place', (variables, path) => {
    expect(illFormedIn(variables)).toBe(path);
  });

  test('of any characters that are whole are not', () => {
    expect(illFormedIn({ a: ['😀', '积分', '\u0000', null, 1, true, { b: 'x' }] })).toBeNull();
    expect(illFormedIn({})).toBeNull();
  });

  test('that are nested without end are looked through soon', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}"\\ud800"${']'.repeat(200_000)}`) as unknown;
    const start = performance.now();

    expect(illFormedIn({ deep })).toMatch(/^deep(\.0)+/);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
