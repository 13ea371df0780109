import { describe, expect, test } from '@jest/globals';
import { type ConditionFacts, compileCondition } from '../../subgraphs/campaigns/earning/condition.ts';

const facts = (of: Partial<ConditionFacts['purchase']> = {}): ConditionFacts => ({
  purchase: {
    total: 12_300n,
    currency: 'CNY',
    merchantId: 'mer_pet',
    // A Sunday evening in UTC, a Monday morning in Shanghai.
    at: new Date('2026-11-22T20:30:00Z'),
    lines: [
      { id: '1', sku: 'FOOD-1', category: 'pet', quantity: 2n, amount: 12_000n },
      { id: '2', sku: 'PEN', category: '', quantity: 1n, amount: 300n },
    ],
    ...of,
  },
  member: { id: 'mem_1', registeredAt: new Date('2026-11-01T00:00:00Z') },
  now: new Date('2026-11-23T00:00:00Z'),
});

const resultOf = (text: string, of = facts()) => {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.message}`);
  return compiled.run(of);
};

const faultOf = (text: string) => {
  const compiled = compileCondition(text);
  if (compiled.ok) throw new Error(`${text} was accepted`);
  return compiled;
};

describe('what a condition can ask', () => {
  test.each([
    ['purchase.total >= 10000', 'TRUE'],
    ['purchase.total > 12300', 'FALSE'],
    ['purchase.currency == "CNY" && purchase.merchantId == "mer_pet"', 'TRUE'],
    ['purchase.lines.exists(l, l.category == "pet" && l.amount > 10000)', 'TRUE'],
    ['purchase.lines.all(l, l.quantity > 1)', 'FALSE'],
    ['purchase.lines.exists_one(l, l.sku.startsWith("FOOD"))', 'TRUE'],
    ['purchase.lines.filter(l, l.category == "").map(l, l.amount)[0] == 300', 'TRUE'],
    ['size(purchase.lines) == 2', 'TRUE'],
    ['purchase.lines.exists(l, l.amount * 2 > purchase.total)', 'TRUE'],
    ['purchase.at.getDayOfWeek() == 0', 'TRUE'],
    ['purchase.at.getDayOfWeek("Asia/Shanghai") == 1', 'TRUE'],
    ['purchase.at.getHours() in [20, 21]', 'TRUE'],
    ['now - member.registeredAt < duration("720h")', 'TRUE'],
    ['member.registeredAt > timestamp("2026-11-02T00:00:00Z")', 'FALSE'],
    ['member.id == "mem_1" ? purchase.total > 0 : false', 'TRUE'],
  ])('%s is %s', (text, expected) => {
    expect(resultOf(text)).toBe(expected);
  });
});

describe('a condition that cannot be evaluated fails and does not throw', () => {
  test.each([
    'purchase.total / (purchase.total - 12300) > 1',
    'purchase.lines[7].amount > 1',
    'purchase.total * 9223372036854775807 > 1',
    'int(purchase.currency) > 1',
    'purchase.at.getHours("Nowhere/Land") > 1',
  ])('%s', (text) => {
    expect(resultOf(text)).toBe('FAILED');
  });
});

describe('refuses, with the place', () => {
  test.each<[string, number, RegExp]>([
    ['purchase.total >=', 17, /unexpected|expected/i],
    ['purchase.totl > 1', 9, /No such key: totl/],
    ['purchase.lines.exists(l, l.price > 1)', 27, /No such key: price/],
    ['basket.total > 1', 0, /Unknown variable: basket/],
    ['purchase.total == "12"', 0, /overload/],
    ['purchase.total', 0, /answers int, not a boolean/],
    ['dyn(true)', 0, /dyn\(\) is not available/],
    ['purchase.currency.matches("(C+)+$")', 0, /matches\(\) is not available/],
    ['cel.bind(x, purchase.currency + purchase.currency, size(x) > 1)', 0, /bind\(\) is not available/],
    ['purchase.lines.all(a, purchase.lines.all(b, a.amount > b.amount))', 22, /inside another walk/],
    ['purchase.lines.all(a, [1].all(b, b > a.amount))', 22, /inside another walk/],
    ['purchase.lines.all(a, size(purchase.lines) > 1)', 27, /purchase.lines inside a walk/],
    ['(purchase.lines + purchase.lines).all(l, l.amount > 1)', 1, /on something else than/],
    ['purchase.lines.all(l, now.getHours("Asia/Shanghai") > 1)', 22, /take it outside/],
    ['purchase["total"] > 1', 0, /purchase without one of its fields/],
  ])('%s', (text, at, message) => {
    const fault = faultOf(text);

    expect(fault.message).toMatch(message);
    expect(fault.at).toBe(at);
  });

  test('more than 1,000 characters', () => {
    expect(faultOf(`purchase.total > 1 ${' '.repeat(1_000)}`).message).toMatch(/longer than 1000/);
  });

  test('more nodes, nesting or elements than the limits', () => {
    expect(faultOf(`${'('.repeat(300)}true${')'.repeat(300)}`).message).toMatch(/depth|Exceeded/i);
    expect(faultOf(`1 in [${'1,'.repeat(300)}1]`).message).toMatch(/Exceeded/i);
  });
});

test('the costliest condition that is accepted takes little of the processor on the largest purchase', () => {
  const lines = Array.from({ length: 2_000 }, (_, i) => ({
    id: String(i),
    sku: 'S'.repeat(100),
    category: 'C'.repeat(100),
    quantity: 1n,
    amount: 1n,
  }));
  const walk = 'purchase.lines.exists(l, l.sku.contains("T") || l.category.lowerAscii() == "x")';
  const text = Array.from({ length: 12 }, () => walk).join('||');
  const before = process.cpuUsage();

  expect(resultOf(text, facts({ lines }))).toBe('FALSE');

  // Processor time, not time on the clock: about 50 ms, where one walk inside another would take minutes.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
});
