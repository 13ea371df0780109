// The demo coalition, as data. Everything in it is made up and says so.

/** Short names of the demo merchants. */
export type DemoMerchantKey = 'supermarket' | 'petShop' | 'bookshop' | 'cafe';

/** The programme that everybody shares. */
export const demoProgramme = {
  code: 'SHARED',
  name: 'Shared points (demo)',
  unlock: { kind: 'IMMEDIATE' },
  validity: { kind: 'ROLLING', months: 24 },
  transfers: { allowed: true, mostPerTransfer: 20_000, mostPerDay: 50_000, declineWithinDays: 7 },
  cashEquivalentPerThousand: { amountMinor: 1_000, currency: 'CNY' },
  disclosure: {
    earning: 'One point for every full yuan spent at a demo merchant; campaigns may give more.',
    accrualBase: 'The price paid for goods, discounts taken off, delivery left out.',
    rounding: 'Rounded down to whole points, rule by rule.',
    validity: '24 months after the purchase, to the end of that day (UTC).',
    redemption: 'Rewards of any demo merchant, or gifts to a cause.',
    honouringMerchants: 'Demo Supermarket, Demo Pet Shop, Demo Bookshop and Demo Café.',
    exclusions: 'Gift cards and delivery earn nothing.',
    cashEquivalent: '1,000 points stand for 10 yuan; points are not paid out in cash.',
    arrears:
      'When goods come back whose points were spent, the points are owed; later points settle that first.',
    transfer:
      'Up to 20,000 points at once and 50,000 in a day (UTC) may be given to a beneficiary, who may decline within 7 days, and points may be pooled in a household; they keep their issuer and expiry.',
    reminders: 'Members are told 30, 7 and 1 days before points expire.',
  },
} as const;

/** The green programme: other rules in nearly everything. Its issuers are the sponsors below. */
export const demoGreenProgramme = {
  code: 'GREEN',
  name: 'Green points (demo)',
  unlock: { kind: 'ON_EVENT', event: 'verified', withinDays: 30, otherwise: 'LAPSE' },
  validity: { kind: 'FIXED_DATES', dates: [{ month: 12, day: 31 }], minimumDays: 90 },
  arrears: 'REFUSE',
  transfers: { allowed: false },
  pooling: { allowed: true },
  reminders: { daysBefore: [60, 30, 7], graceDays: 14, restoreOnce: true },
  cashEquivalentPerThousand: { amountMinor: 2_000, currency: 'CNY' },
  disclosure: {
    earning: 'A sponsor grants points for a green action, e.g. bringing back packaging.',
    accrualBase: 'The action itself; what was bought does not count.',
    rounding: 'Whole points for each action.',
    unlock: 'Once the action is verified; points of an action that is not verified within 30 days lapse.',
    validity: 'To 31 December (UTC), and for 90 days at least.',
    redemption: 'Payment at any demo merchant, or gifts to a cause.',
    honouringMerchants: 'Demo Supermarket, Demo Pet Shop, Demo Bookshop and Demo Café.',
    exclusions: 'An action is granted once, by one sponsor.',
    cashEquivalent: '1,000 points stand for 20 yuan; points are not paid out in cash.',
    arrears: 'Points that were spent are not taken back.',
    transfer: 'Points may not be given to another member; a household may pool them.',
    reminders:
      'Members are told 60, 30 and 7 days before; for 14 days afterwards points can be restored, once.',
  },
} as const;

/** What green points cost their sponsor and bring the merchant that honours them, in fen for 1,000 points. */
export const demoGreenPrices = { issuePricePerThousand: 2_100, redemptionPricePerThousand: 2_000 } as const;

/** Who sponsors green points. */
export const demoGreenSponsors = ['supermarket', 'bookshop'] as const satisfies readonly DemoMerchantKey[];

const prices = { currency: 'CNY', issuePricePerThousand: 1_100, redemptionPricePerThousand: 1_000 };

/** The four merchants. */
export const demoMerchants: Record<DemoMerchantKey, { name: string; category: string } & typeof prices> = {
  supermarket: { name: 'Demo Supermarket', category: 'supermarket', ...prices },
  petShop: { name: 'Demo Pet Shop', category: 'pet shop', ...prices },
  bookshop: { name: 'Demo Bookshop', category: 'bookshop', ...prices },
  cafe: { name: 'Demo Café', category: 'café', ...prices },
};

/** The coalition's campaign, for all merchants. */
export const demoCampaign = {
  name: 'A point a yuan, three for your pet',
  startsAt: '2025-01-01T00:00:00.000Z',
  rules: [
    {
      code: 'base',
      description: '1 point for every yuan',
      kind: 'PER_AMOUNT',
      points: 1,
      perAmountMinor: 100,
    },
    {
      code: 'pet-triple',
      description: 'Three times the points on everything for pets, up to 5,000 more a purchase',
      kind: 'MULTIPLIER',
      multiplierPercent: 300,
      categories: ['pet'],
      capPerPurchase: 5_000,
    },
    {
      code: 'big-basket',
      description: '50 points more from 300 yuan on',
      kind: 'FIXED',
      points: 50,
      minimumSpendMinor: 30_000,
    },
  ],
  terms: {
    earning: 'Buy at any demo merchant and show your card.',
    accrualBase: 'The price paid, discounts taken off; rounded down rule by rule.',
    exclusions: 'Gift cards and delivery.',
    contact: 'Demo Coalition, demo@example.org',
  },
} as const;

const terms = {
  delivery: 'A voucher code at once.',
  use: 'At the merchant that gives it, within 90 days.',
  exclusions: 'Not paid out in cash.',
  cancellation: 'Until the voucher is used or has expired, points come back in full.',
};

const yuan = (yuan: number) => ({ amountMinor: yuan * 100, currency: 'CNY' });

/** The catalogue. */
export const demoRewards = {
  groceries: [
    'supermarket',
    { name: '10 yuan off groceries', category: 'voucher', points: 1_000, stock: 500 },
  ],
  tote: ['supermarket', { name: 'Cotton shopping bag', category: 'household', points: 450, stock: 120 }],
  catWand: ['petShop', { name: 'Cat wand', category: 'pet toy', points: 300, stock: 80, limitPerMember: 5 }],
  catFood: ['petShop', { name: 'Bag of cat food, 1.5 kg', category: 'pet food', points: 1_800, stock: 60 }],
  paperback: [
    'bookshop',
    { name: '20 yuan off any book', category: 'voucher', points: 2_000, stock: 200, voucherValue: yuan(20) },
  ],
  latte: ['cafe', { name: 'A cup of latte', category: 'drink', points: 350, stock: 300 }],
  cakeForTwo: ['cafe', { name: 'Cake for two', category: 'food', points: 26_000, stock: 10 }],
} as const satisfies Record<string, readonly [DemoMerchantKey, object]>;

/** A reward as it is created. */
export const demoReward = (key: keyof typeof demoRewards) => {
  const [merchant, reward] = demoRewards[key];
  const description = `${reward.name}. Demo data: nobody will send it.`;
  return { merchant, input: { ...reward, description, voucherValidityDays: 90, terms } };
};

/** The cause, and what the pet shop pledges to it. */
export const demoCause = {
  name: 'Food for rescued animals (demo)',
  description: 'Feeds cats and dogs that wait for a home. Demo data: no real charity is meant.',
  kind: 'animal rescue',
  charityName: 'Demo Animal Rescue',
  charityRegistrationNumber: 'DEMO-0000',
} as const;

/** 1,000 points bring 1,000 g of pet food, up to 500 kg. */
export const demoPledge = {
  goods: 'pet food',
  unit: 'g',
  pointsPerStep: 1_000,
  quantityPerStep: 1_000,
  limitQuantity: 500_000,
  agreementRef: 'DEMO-AGREEMENT-1',
} as const;

/** The members, and where they are registered under which reference; the first merchant registers them. */
export const demoMembers = {
  one: {
    displayName: 'Demo Member One',
    locale: 'en',
    references: { petShop: 'PET-0001', supermarket: 'SUPER-0001', cafe: 'CAFE-0001', bookshop: 'BOOK-0001' },
  },
  two: {
    displayName: '演示会员二号',
    locale: 'zh-CN',
    references: { petShop: 'PET-0002', bookshop: 'BOOK-0002' },
  },
} as const;

const line = (sku: string, description: string, category: string, quantity: number, amountMinor: number) => ({
  sku,
  description,
  category,
  quantity,
  amountMinor,
});

/** Purchases: receipt number, merchant, member's reference there, lines. */
export const demoPurchases = [
  [
    'DEMO-S-1',
    'supermarket',
    'SUPER-0001',
    [line('RICE', 'Rice, 10 kg', 'food', 2, 13_800), line('OIL', 'Rapeseed oil, 5 l', 'food', 1, 7_990)],
  ],
  ['DEMO-S-2', 'supermarket', 'SUPER-0001', [line('TV', 'Television', 'electronics', 1, 239_900)]],
  [
    'DEMO-P-1',
    'petShop',
    'PET-0001',
    [line('CAT-TREE', 'Cat tree', 'pet', 1, 45_800), line('LITTER', 'Cat litter', 'pet', 4, 15_600)],
  ],
  ['DEMO-C-1', 'cafe', 'CAFE-0001', [line('BREAKFAST', 'Breakfast', 'food', 2, 8_800)]],
  ['DEMO-B-1', 'bookshop', 'BOOK-0002', [line('ATLAS', 'Atlas', 'book', 1, 16_800)]],
  ['DEMO-P-2', 'petShop', 'PET-0002', [line('DOG-BED', 'Dog bed', 'pet', 1, 32_900)]],
] as const;

/** The purchase that the example of a return takes something back from. */
export const demoReturnablePurchase = 'DEMO-P-1';
