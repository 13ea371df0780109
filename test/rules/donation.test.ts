import { describe, expect, test } from '@jest/globals';
import { checkCause } from '../../subgraphs/charity/cause/cause.ts';
import { checkDonation } from '../../subgraphs/charity/donation/donation.ts';
import { type ImpactFacts, impactLine } from '../../subgraphs/charity/donation/impact.ts';
import { receiptNumber, receiptYear } from '../../subgraphs/charity/donation/receipt.ts';
import type { Caller } from '../../subgraphs/shared/caller.ts';

const member: Caller = { kind: 'MEMBER', memberId: 'mem_1' };
const merchant: Caller = { kind: 'MERCHANT', merchantId: 'mer_1', clientId: 'cli_1', scopes: [] };

const food = { pledgeId: 'ple_1', goods: 'pet food', unit: 'g', quantity: 1_000 };

const facts = (change: Partial<ImpactFacts>): ImpactFacts => ({
  points: 1_500n,
  causeName: '流浪猫之家',
  matches: [food],
  status: 'CONFIRMED',
  ...change,
});

describe('the line of impact', () => {
  test('says in Chinese what the points set aside', () => {
    expect(impactLine(facts({}), 'zh-CN')).toBe(
      '你把 1,500 积分捐给了「流浪猫之家」，并为它留出了 1,000 g pet food，谢谢你的爱心！',
    );
  });

  test('says it in English', () => {
    expect(impactLine(facts({ causeName: 'Harbour Cats' }), 'en')).toBe(
      'You gave 1,500 points to Harbour Cats, and that set aside 1,000 g of pet food for them. Thank you!',
    );
  });

  test('sums the same goods of two pledges and lists different ones', () => {
    const matches = [
      food,
      { ...food, pledgeId: 'ple_2' },
      { ...food, goods: 'blankets', unit: 'pcs', quantity: 2 },
    ];

    expect(impactLine(facts({ matches }), 'en')).toContain(
      'set aside 2,000 g of pet food and 2 pcs of blankets',
    );
  });

  test('claims no goods where no pledge matched', () => {
    expect(impactLine(facts({ matches: [], points: 1n, causeName: 'Harbour Cats' }), 'en')).toBe(
      'You gave 1 point to Harbour Cats. Thank you for your kindness!',
    );
    expect(impactLine(facts({ matches: [] }), 'zh-CN')).toBe(
      '你把 1,500 积分捐给了「流浪猫之家」，谢谢你的爱心！',
    );
  });

  test('claims nothing given while it is not confirmed', () => {
    expect(impactLine(facts({ status: 'PENDING' }), 'en')).toBe(
      'Your 1,500 points are on their way to 流浪猫之家.',
    );
    expect(impactLine(facts({ status: 'FAILED', matches: [] }), 'zh-CN')).toBe(
      '这次给「流浪猫之家」的捐赠没有完成，你的积分仍在你的账户里。',
    );
  });
});

describe('a receipt', () => {
  test('is numbered within the year of its instant in UTC', () => {
    expect(receiptYear(new Date('2026-12-31T23:59:59.999Z'))).toBe(2026);
    expect(receiptYear(new Date('2027-01-01T00:00:00+08:00'))).toBe(2026);
    expect(receiptNumber(2026, 42)).toBe('JF-2026-000042');
    expect(receiptNumber(2026, 1_234_567)).toBe('JF-2026-1234567');
  });
});

describe('an input to donate', () => {
  const input = { idempotencyKey: 'key', causeId: 'cau_1', points: 100n };

  test('may leave out the member only if the caller is one', () => {
    expect(checkDonation(member, input)).toBeNull();
    expect(checkDonation(merchant, input)).toMatchObject({ kind: 'InvalidInput', field: 'input.member' });
  });

  test.each([
    [{ idempotencyKey: 'a key', points: 0n }, 'input.idempotencyKey'],
    [{ member: {} }, 'input.member'],
    [{ member: { id: 'mem_1', reference: 'A1' } }, 'input.member'],
    [{ member: { reference: '' } }, 'input.member'],
    [{ programme: '' }, 'input.programme'],
    [{ points: 0n }, 'input.points'],
    [{ points: -5n }, 'input.points'],
    [{ points: 100_000_001n }, 'input.points'],
  ])('%j is refused at %s', (change, field) => {
    expect(checkDonation(member, { ...input, ...change })).toMatchObject({ kind: 'InvalidInput', field });
  });

  test('takes 1 and 100,000,000 points', () => {
    expect(checkDonation(member, { ...input, points: 1n })).toBeNull();
    expect(checkDonation(member, { ...input, points: 100_000_000n })).toBeNull();
  });
});

describe('an input to open a cause', () => {
  const input = {
    idempotencyKey: 'key',
    name: '流浪猫之家',
    description: 'Feeds the cats of the harbour.',
    kind: 'animal rescue',
    charityName: 'Harbour Animal Aid',
    charityRegistrationNumber: '53100000EXAMPLE01',
  };

  test('that states everything is accepted', () => {
    expect(checkCause(input)).toBeNull();
    expect(checkCause({ ...input, name: '😺'.repeat(120), description: 'Two\nlines.' })).toBeNull();
  });

  test.each([
    [{ name: '' }, 'input.name'],
    [{ name: '猫'.repeat(121) }, 'input.name'],
    [{ name: 'two\nlines' }, 'input.name'],
    [{ description: ' ' }, 'input.description'],
    [{ kind: '' }, 'input.kind'],
    [{ charityName: '' }, 'input.charityName'],
    [{ charityRegistrationNumber: '\n' }, 'input.charityRegistrationNumber'],
  ])('%j is refused at %s', (change, field) => {
    expect(checkCause({ ...input, ...change })).toMatchObject({ kind: 'InvalidInput', field });
  });
});
