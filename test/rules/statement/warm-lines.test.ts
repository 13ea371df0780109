import { describe, expect, test } from '@jest/globals';
import { messageFault } from '../../../subgraphs/accounts/statement/message-fault.ts';
import english from '../../../subgraphs/accounts/statement/messages/en.json' with { type: 'json' };
import chinese from '../../../subgraphs/accounts/statement/messages/zh-CN.json' with { type: 'json' };
import type { WarmFacts } from '../../../subgraphs/accounts/statement/warm-facts.ts';
import {
  chooseLines,
  fittingLines,
  type MerchantWarmLine,
  warmKinds,
} from '../../../subgraphs/accounts/statement/warm-kind.ts';
import { canTell, tellLine, tellLines } from '../../../subgraphs/accounts/statement/warm-message.ts';

const nothing: WarmFacts = {
  rewards: [],
  donations: [],
  purchases: [],
  giftsGiven: 0n,
  giftsReceived: 0n,
  firstEarn: false,
  monthsInARow: 0,
  saved: 0n,
  rescued: 0n,
  years: 0,
};

const got = (name: string, ...categories: string[]) => ({ name, categories, merchantId: 'pets' });
const gave = (points: bigint, categories: string[], quantity?: string) => ({
  name: 'Cats',
  categories,
  points,
  goods: quantity ? [{ goods: 'food', unit: 'g', quantity }] : [],
});

/** What fits, whatever may be told of it. */
const fitting = (changes: Partial<WarmFacts>, own: readonly MerchantWarmLine[] = []) =>
  fittingLines({ ...nothing, ...changes }, own, () => true);

const toldBy = (changes: Partial<WarmFacts>): string[] => fitting(changes).map(({ kind }) => kind);

test('a month that shows nothing gets no line', () => {
  expect(toldBy({})).toEqual([]);
});

const kinds: readonly [string, Partial<WarmFacts>, string, string][] = [
  [
    'pet-toy',
    { rewards: [got('逗猫棒', 'pet toy')] },
    '本月你为宠物兑换了逗猫棒，它一定很开心。',
    'This month you got 逗猫棒 for your pet. There must have been some happy jumping.',
  ],
  [
    'pet-food',
    { rewards: [got('猫粮', 'pet food')] },
    '猫粮已经备好，毛孩子的饭碗有着落了。',
    "猫粮: somebody's bowl is well taken care of.",
  ],
  [
    'child-birthday-gift',
    { rewards: [got('积木', 'child birthday gift')] },
    '本月你为孩子的生日兑换了积木，愿小寿星这一天笑声不断。',
    "You got 积木 for a child's birthday this month. May somebody small have a very big day.",
  ],
  [
    'birthday-gift',
    { rewards: [got('围巾', 'birthday gift')] },
    '本月你为生日兑换了围巾，愿这一天开开心心。',
    'You got 围巾 for a birthday this month. May the day be a happy one.',
  ],
  [
    'pet',
    { rewards: [got('猫窝', 'pet bed')] },
    '本月你为毛孩子兑换了猫窝，它知道你惦记着它。',
    'You got 猫窝 for your pet this month. It knows who thinks of it.',
  ],
  [
    'donation-matched',
    { donations: [gave(1_500n, ['school'], '1500')] },
    '你为「Cats」捐出 1,500 积分，商家因此备下了 1,500 g food。',
    'You gave 1,500 points to Cats, and a shop set aside 1,500 g of food for it.',
  ],
  [
    'donation-animals',
    { donations: [gave(1n, ['animal rescue'])] },
    '你把 1 积分给了「Cats」，谢谢你记得那些小生命。',
    'You gave 1 point to Cats. Thank you for thinking of the small ones.',
  ],
  [
    'donation',
    { donations: [gave(20n, ['school'])] },
    '你为「Cats」捐出 20 积分，谢谢你的善意。',
    'You gave 20 points to Cats. Thank you for your kindness.',
  ],
  [
    'book',
    { rewards: [got('小王子', 'book')] },
    '你用积分换来了小王子，愿它陪你度过几个安静的晚上。',
    'Your points became 小王子. May it keep you company on a few quiet evenings.',
  ],
  [
    'drink',
    { rewards: [got('拿铁', 'drink')] },
    '一份拿铁，是你本月留给自己的片刻悠闲。',
    '拿铁: a quiet moment that you allowed yourself this month.',
  ],
  [
    'food',
    { rewards: [got('蛋糕', 'food')] },
    '你用积分换了蛋糕，愿这一口是甜的。',
    'Your points became 蛋糕. Enjoy every bite.',
  ],
  [
    'household',
    { rewards: [got('布袋', 'household')] },
    '布袋已经是你的了，家里又添了一件好用的东西。',
    '布袋 is yours now, and home has one more useful thing.',
  ],
  [
    'gift-given',
    { giftsGiven: 5n },
    '你把 5 积分送给了别人，分享让积分更有温度。',
    'You gave 5 points to somebody else. Points are warmer shared.',
  ],
  [
    'gift-received',
    { giftsReceived: 1n },
    '有人惦记着你：本月你收到了 1 积分的礼物。',
    'Somebody thought of you: 1 point came as a gift this month.',
  ],
  [
    'rescued',
    { rescued: 30n },
    '有 30 积分在过期前一周内被你用上了，一点没浪费。',
    'You used 30 points within a week of their expiry. Nothing wasted.',
  ],
  [
    'anniversary',
    { years: 1 },
    '你和我们在一起满 1 年了，谢谢一路同行。',
    'You have been with us for a year. Thank you for coming along.',
  ],
  [
    'first-earn',
    { firstEarn: true },
    '本月你的卡收到了第一笔积分，欢迎你。',
    'The first points came to your card this month. Welcome.',
  ],
  [
    'pet-purchase',
    { purchases: [['pet'], ['pet bed']] },
    '本月你为毛孩子采购了 2 次，它有个细心的家人。',
    'You shopped for your pet 2 times this month. It has an attentive family.',
  ],
  [
    'grocery-purchase',
    { purchases: [['groceries']] },
    '本月你有 1 次买菜添置家用，日子过得有滋有味。',
    'You did the groceries once with us this month. A well-kept kitchen.',
  ],
  [
    'streak',
    { monthsInARow: 3 },
    '你已经连续 3 个月获得积分，细水长流。',
    '3 months in a row with new points. Steady does it.',
  ],
  [
    'saver',
    { saved: 1_000n },
    '本月你攒下了 1,000 积分，离心愿又近了一步。',
    'You put 1,000 points aside this month, a step closer to your wish.',
  ],
];

test.each([
  [24, '你已经连续 24 个月获得积分，细水长流。', '24 months in a row with new points. Steady does it.'],
  [
    25,
    '你已经连续两年多获得积分，细水长流。',
    'More than two years in a row with new points. Steady does it.',
  ],
])('a row of %i months is told as far as anybody looked', (monthsInARow, zh, en) => {
  const [line] = fitting({ monthsInARow });

  expect(tellLine(line!, new Map()).texts).toEqual({ 'zh-CN': zh, en });
});

test('each purchase counts once, of whichever of its categories, and those of all categories that fit count together', () => {
  const purchases = [
    ['pet', 'pet food'],
    ['pet bed'],
    ['pet'],
    ['books', 'groceries'],
    ['grocery', 'groceries'],
  ];

  expect(fitting({ purchases }).map(({ kind, args }) => [kind, args])).toEqual([
    ['pet-purchase', { count: 3 }],
    ['grocery-purchase', { count: 2 }],
  ]);
});

test.each(kinds)('%s is told in both languages by a month that shows it', (kind, facts, zh, en) => {
  const line = fitting(facts).find((one) => one.kind === kind)!;

  expect(tellLine(line, new Map())).toEqual({ kind, texts: { 'zh-CN': zh, en } });
});

test('every kind has a row above and a message in both languages, and there are no messages besides', () => {
  const all = [...warmKinds].sort();

  expect(kinds.map(([kind]) => kind).sort()).toEqual(all);
  expect(Object.keys(english).sort()).toEqual(all);
  expect(Object.keys(chinese).sort()).toEqual(all);
});

test.each([
  ['two months in a row are no streak yet', { monthsInARow: 2 }],
  ['999 points put aside are not worth a word', { saved: 999n }],
  ['a reward of a category that we have no words for', { rewards: [got('Thing', 'misc')] }],
  ['a purchase of a category that we have no words for', { purchases: [['books']] }],
])('%s', (_, facts) => {
  expect(toldBy(facts)).toEqual([]);
});

test("a merchant's own line comes first, and only for its own rewards of that category", () => {
  const own = [
    { merchantId: 'pets', category: 'pet toy' },
    { merchantId: 'cafe', category: 'pet toy' },
    { merchantId: 'pets', category: 'book' },
  ];
  const lines = fitting({ rewards: [got('Wand', 'pet toy'), got('Ball', 'pet toy')] }, own);

  expect(lines).toEqual([{ kind: 'merchant:pets:pet toy', args: { reward: 'Wand' }, insteadOf: 'pet-toy' }]);
  const texts = new Map([['merchant:pets:pet toy', { 'zh-CN': '{reward}！', en: '{reward}!' }]]);
  expect(tellLine(lines[0]!, texts).texts).toEqual({ 'zh-CN': 'Wand！', en: 'Wand!' });
});

test.each([
  ['child birthday gift', 'child-birthday-gift'],
  ["children's birthday", 'child-birthday-gift'],
  ['Kids birthday presents', 'child-birthday-gift'],
  ['child-birthday', 'child-birthday-gift'],
  ['儿童生日', 'child-birthday-gift'],
  ['孩子的生日礼物', 'child-birthday-gift'],
  ['birthday gift', 'birthday-gift'],
  ['Birthday', 'birthday-gift'],
  ['生日礼物', 'birthday-gift'],
])(
  'a reward of the category %p is told as %s, and of no child that the category does not name',
  (category, kind) => {
    expect(toldBy({ rewards: [got('Blocks', category)] })).toEqual([kind]);
  },
);

test.each(['children', 'birthday cake mix', 'grandchild birthdays of others'])(
  'a reward of the category %p is no birthday gift',
  (category) => {
    expect(toldBy({ rewards: [got('Blocks', category)] })).toEqual([]);
  },
);

test.each([
  'pet',
  'Pets',
  'pet bed',
  'pets, small',
  'pet-care',
  'pet_snacks',
  "pet's corner",
  'Pet shop',
  '宠物用品',
])('the category %p is one of things for pets, got or bought', (category) => {
  expect(toldBy({ rewards: [got('Thing', category)] })).toEqual(['pet']);
  expect(toldBy({ purchases: [[category]] })).toEqual(['pet-purchase']);
});

test.each([
  ...['petrol', 'Petrol station', 'Petite', 'petals', 'petunias', 'petit fours', 'Petri dishes', 'PET2'],
  ...['PET bottles', 'pet-plastic', 'PET film', 'pet-free rooms', 'carpet', 'petdance', 'Pétanque'],
])('the category %p is not one of things for pets', (category) => {
  expect(toldBy({ rewards: [got('Thing', category)] })).toEqual([]);
  expect(toldBy({ purchases: [[category]] })).toEqual([]);
});

test.each(['animals', 'Animal rescue', 'stray animals', 'animal-welfare', '流浪动物', '动物保护'])(
  'a cause of the category %p is one for animals',
  (category) => {
    expect(toldBy({ donations: [gave(1n, [category])] })[0]).toBe('donation-animals');
  },
);

test.each([
  ...[
    'animal-free',
    'animal free food',
    'non-animal',
    'no animals',
    'animal print',
    'animal-based',
    'animal testing',
  ],
  ...['animalistic', 'animality', 'Minimal', 'Animalia2', '非动物', '动物性蛋白', '动物实验'],
])('a cause of the category %p is not told as one for animals', (category) => {
  expect(toldBy({ donations: [gave(1n, [category])] })).toEqual(['donation']);
});

test('of a reward of which its merchant speaks ours say nothing, and of another they do', () => {
  const own = [{ merchantId: 'pets', category: 'pet toy' }];
  const bed = { ...got('Bed', 'pet bed'), merchantId: 'beds' };
  const lines = fitting({ rewards: [got('Wand', 'pet toy', 'book'), bed] }, own);

  expect(lines.map(({ kind, args }) => [kind, args])).toEqual([
    ['merchant:pets:pet toy', { reward: 'Wand' }],
    ['pet', { reward: 'Bed' }],
  ]);
});

test("a merchant's own line and ours that say much the same are not both told, of whatever rewards", () => {
  const own = [
    { merchantId: 'pets', category: 'pet toy' },
    { merchantId: 'pets', category: 'rare find' },
  ];
  const rewards = [
    got('Wand', 'pet toy'),
    got('Thing', 'rare find'),
    { ...got('Bed', 'pet bed'), merchantId: 'beds' },
  ];
  const lines = fitting({ rewards, years: 2 }, own);

  expect(chooseLines(lines, new Set()).map(({ kind }) => kind)).toEqual([
    'merchant:pets:pet toy',
    'merchant:pets:rare find',
    'anniversary',
  ]);
  expect(chooseLines(lines, new Set(['merchant:pets:pet toy'])).map(({ kind }) => kind)).toEqual([
    'merchant:pets:rare find',
    'pet',
    'anniversary',
  ]);
});

describe('choosing', () => {
  const lines = (...names: string[]) => names.map((kind) => ({ kind, args: {} }));
  const chosen = (found: string[], told: string[] = []) =>
    chooseLines(lines(...found), new Set(told)).map(({ kind }) => kind);

  test('takes at most three, the most specific first', () => {
    expect(chosen(['pet-toy', 'book', 'drink', 'streak'])).toEqual(['pet-toy', 'book', 'drink']);
  });

  test('takes no two that say much the same', () => {
    expect(chosen(['pet-toy', 'pet-food', 'donation-matched', 'donation-animals', 'pet', 'saver'])).toEqual([
      'pet-toy',
      'donation-matched',
      'saver',
    ]);
  });

  test('takes none of the month before or after while another fits, and takes it again otherwise', () => {
    expect(chosen(['pet-toy', 'book', 'streak'], ['pet-toy', 'streak'])).toEqual(['book']);
    expect(chosen(['pet-toy', 'streak'], ['pet-toy', 'streak'])).toEqual(['pet-toy', 'streak']);
  });

  test('says something like it where the very line was told before', () => {
    expect(chosen(['pet-toy', 'pet'], ['pet-toy'])).toEqual(['pet']);
  });
});

test('the name of a reward is text, whatever is in it', () => {
  const line = { kind: 'book', args: { reward: '<b>{points}</b> \'{"#' } };

  expect(tellLine(line, new Map()).texts.en).toBe(
    'Your points became <b>{points}</b> \'{"#. May it keep you company on a few quiet evenings.',
  );
});

/** A merchant's message for its books, the same in both languages. */
const bookLine = { merchantId: 'pets', category: 'book' };
const saying = (text: string) => new Map([['merchant:pets:book', { 'zh-CN': text, en: text }]]);

test.each([
  ['{reward, select, other {}}', 'Emma', 'that comes to nothing'],
  ['{reward, select, Ball {球} other {  }}', 'Emma', 'that comes to spaces'],
  ['{reward, select, Ball {球} other {\u200b\u2060}}', 'Emma', 'that comes to what nobody sees'],
  ['{reward, select, Ball {球} other {…}}', 'Emma', 'that comes to dots'],
  ['{reward, select, Ball {球} other {x}}', 'constructor', 'that does not format'],
  ['{reward, select, Ball {球} other {x}}', '__proto__', 'that does not format'],
  ['{reward}'.repeat(3), 'x'.repeat(134), 'that comes to more than 400 characters'],
])("ours is told in place of a merchant's message %p of %p %s", (text, name) => {
  const texts = saying(text);
  const facts = { ...nothing, rewards: [got(name, 'book')] };
  const lines = fittingLines(facts, [bookLine], (line) => canTell(line, texts));

  expect(lines.map(({ kind }) => kind)).toEqual(['book']);
  expect(tellLines([{ kind: 'merchant:pets:book', args: { reward: name } }, ...lines], texts)).toEqual(
    tellLines(lines, new Map()),
  );
});

test("a merchant's message that comes to 400 characters is told", () => {
  const line = { kind: 'merchant:pets:book', args: { reward: '书'.repeat(200) } };

  expect(tellLine(line, saying('{reward}{reward}')).texts.en).toBe('书'.repeat(400));
});

test('what pledges set aside may be too much to be told, and then the gift alone is', () => {
  const goods = Array.from({ length: 20 }, (_, i) => ({
    goods: `goods of kind ${i}`,
    unit: 'kg',
    quantity: '1',
  }));
  const donations = [{ ...gave(20n, ['school']), goods }];
  const lines = fittingLines({ ...nothing, donations }, [], (line) => canTell(line, new Map()));

  expect(lines.map(({ kind }) => kind)).toEqual(['donation']);
});

const noFormat =
  'a message that takes {reward} as it is or in a select, not as a number, date, time or plural';

const unseen = 'text without invisible or reordering characters';
const everyChoice = 'a message that says something in every choice';

test.each([
  ['Enjoy {reward}!', null],
  ['Enjoy it!', null],
  ["It''s {reward}", null],
  ['', '1 to 200 characters'],
  ['x'.repeat(201), '1 to 200 characters'],
  ['<b>{reward}</b>', 'plain text without markup or control characters'],
  ['a\nb', 'plain text without markup or control characters'],
  ['Enjoy\u200bit', unseen],
  ['\u200b\ufeff', unseen],
  ['Enjoy \u202eti', unseen],
  ['Enjoy \u2066it\u2069', unseen],
  ['a\u2028b', unseen],
  ['a\u2029b', unseen],
  ['a\ud83d', unseen],
  ['\u3164', unseen],
  ['a\u200db', unseen],
  ['a\ufe0fb', unseen],
  ['👨\u200d', unseen],
  ['Well done 👩\u200d💻!', null],
  ['Well done 🧑🏽\u200d🚀!', null],
  ['Love ❤\ufe0f\u200d🔥', null],
  ['❤\ufe0f', null],
  ['🎉', null],
  ['€', null],
  ['7', null],
  ['谢谢', null],
  ['…！—', 'a message with a letter, number or symbol that can be seen'],
  ["''", 'a message with a letter, number or symbol that can be seen'],
  ['{reward, select, Ball {!} other {?}}', 'a message with a letter, number or symbol that can be seen'],
  ['{reward, select, other {}}', everyChoice],
  ['{reward, select, Ball {球} other {}}', everyChoice],
  ['Enjoy {reward, select, Ball { } other {{reward}}}', everyChoice],
  ['Enjoy {reward, select, Ball {{reward, select, a {} other {b}}} other {x}}', everyChoice],
  ['Enjoy it{reward, select, Ball {!} other {.}}', null],
  ['{reward, select, Ball {{reward}} other {{reward, select, a {b} other {c}}}}', null],
  ['{reward', 'an ICU message'],
  ['{points}', 'a message that names nothing but {reward}; it names {points}'],
  [
    '{reward, select, a {{member}} other {x}}',
    'a message that names nothing but {reward}; it names {member}',
  ],
  ['{count, plural, one {x} other {#}}', 'a message that names nothing but {reward}; it names {count}'],
  ['{reward, select, Tea {Hot} other {{reward}}} #1', null],
  ['{reward, number}', noFormat],
  ['{reward, number, ::currency/X}', noFormat],
  ['{reward, date}', noFormat],
  ['{reward, time, short}', noFormat],
  ['{reward, plural, one {x} other {#}}', noFormat],
  ['{reward, selectordinal, other {#}}', noFormat],
  ['{reward, select, Tea {{reward, date}} other {x}}', noFormat],
])("of a merchant's message %p it is said: must be %p", (text, fault) => {
  expect(messageFault(text, 'en')).toBe(fault);
});

test.each(['{reward, date}', '{reward, number, ::currency/X}', '{reward, select, Tea {x} other {y}}'])(
  "a merchant's message %p that cannot be told of a reward is left out, and the other lines are told",
  (text) => {
    const own = { kind: 'merchant:pets:book', args: { reward: 'constructor' } };
    const texts = new Map([[own.kind, { 'zh-CN': text, en: text }]]);
    const years = { kind: 'anniversary', args: { years: 1 } };

    expect(tellLines([own, years], texts)).toEqual([tellLine(years, texts)]);
  },
);
