import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  buy,
  type CampaignsWorld,
  cafe,
  countOf,
  fresh,
  givenCampaign,
  mutate,
  perYuan,
  petShop,
  purchaseInput,
  purchaseMutation,
  startCampaignsWorld,
} from './campaigns-world.ts';

let world: CampaignsWorld;
let campaignId: string;

beforeAll(async () => {
  world = await startCampaignsWorld();
  campaignId = await givenCampaign(world, [
    perYuan,
    {
      code: 'pet',
      description: 'Double for pets',
      kind: 'MULTIPLIER',
      multiplierPercent: 200,
      categories: ['pet'],
    },
    { code: 'book', description: 'Books', kind: 'FIXED', points: 5, categories: ['book'] },
  ]);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.accounts.calls.length = 0;
  world.accounts.before = async () => {};
  world.accounts.after = async () => {};
  world.accounts.refusal = null;
});

const record = (input: object, by = petShop) => mutate(world, by, purchaseMutation, input);
const earns = () => [...world.accounts.postings.values()].filter(({ kind }) => kind === 'EARN');

test('a receipt that looks like another is refused, and one that was recorded so before is known', async () => {
  const input = purchaseInput({ externalRef: 'odd-1' });
  await record(input);
  const purchases = world.connection.collection('purchases');
  const [count, posted] = [await countOf(world, 'purchases'), earns().length];

  expect(await record({ ...input, idempotencyKey: fresh('key'), externalRef: 'odd-1 ' })).toMatchObject({
    __typename: 'InvalidInput',
    field: 'input.externalRef',
  });
  const lines = input.lines.map((line) => ({ ...line, id: `${line.id}\u200b` }));
  expect(await record(purchaseInput({ lines }))).toMatchObject({ field: 'input.lines.0.id' });
  expect([await countOf(world, 'purchases'), earns().length]).toEqual([count, posted]);

  await purchases.updateOne({ externalRef: 'odd-1' }, { $set: { externalRef: 'odd-1 ' } });
  expect(await record({ ...input, idempotencyKey: fresh('key'), externalRef: 'odd-1 ' })).toMatchObject({
    __typename: 'PurchaseRecorded',
    replayed: true,
  });
});

describe('a purchase', () => {
  test('earns what the rules give, line by line, and says why others gave nothing', async () => {
    const input = purchaseInput();

    const result = await record(input);

    expect(result).toMatchObject({
      __typename: 'PurchaseRecorded',
      replayed: false,
      member: { id: 'mem_ann' },
      purchase: {
        externalRef: input.externalRef,
        at: '2026-06-10T10:00:00.000Z',
        total: { amountMinor: 7_000, currency: 'CNY' },
        points: 120,
        pointsReturned: 0,
        lines: [
          { id: 'food', points: 100, returnedQuantity: 0, pointsReturned: 0 },
          { id: 'toy', points: 20, returnedQuantity: 0, pointsReturned: 0 },
        ],
        outcomes: [
          { ruleCode: 'base', requested: 70, granted: 70, reason: 'GRANTED', campaign: { id: campaignId } },
          { ruleCode: 'pet', requested: 50, granted: 50, reason: 'GRANTED' },
          {
            ruleCode: 'book',
            requested: 0,
            granted: 0,
            reason: 'NO_MATCHING_LINE',
            message: 'No line is of book.',
          },
        ],
        returns: [],
      },
    });
    const posting = earns().find(({ externalRef }) => externalRef === input.externalRef)!;
    expect(result.purchase.posting).toEqual({ id: posting.id });
    expect(posting).toMatchObject({
      memberId: 'mem_ann',
      merchantId: 'mer_pet',
      points: 120n,
      lines: [
        { id: 'food', points: 100n },
        { id: 'toy', points: 20n },
      ],
      campaignId,
      ruleVersion: `${campaignId}@1`,
    });
  });

  test('costs one question about the member and one posting', async () => {
    await buy(world);
    world.accounts.calls.length = 0;

    await buy(world);

    expect(world.accounts.calls.map(({ operation }) => operation)).toEqual(['resolveMember', 'postEarn']);
    expect(world.accounts.calls[0]!.caller).toEqual({
      kind: 'SERVICE',
      service: 'campaigns',
      onBehalfOf: petShop,
    });
  });

  test('that earns nothing is recorded without a posting', async () => {
    const before = earns().length;

    const purchase = await buy(world, { lines: [{ sku: 'PIN', quantity: 1, amountMinor: 99 }] });

    expect(purchase).toMatchObject({ points: 0, posting: null, lines: [{ id: '1', points: 0 }] });
    expect(purchase.outcomes.map(({ reason }: { reason: string }) => reason)).toEqual([
      'LESS_THAN_ONE_STEP',
      'NO_MATCHING_LINE',
      'NO_MATCHING_LINE',
    ]);
    expect(earns().length).toBe(before);
  });

  test('earns under the rules in force at its own instant', async () => {
    const rule = { code: 'spring', description: 'Spring', kind: 'FIXED', points: 7 };
    const window = { startsAt: '2026-03-01T00:00:00Z', endsAt: '2026-06-01T00:00:00Z' };
    const spring = await givenCampaignOf2026(rule, window);
    const codes = async (at: string) =>
      (await buy(world, { at })).outcomes.map(({ ruleCode }: { ruleCode: string }) => ruleCode);

    expect(await codes('2026-02-28T23:59:59.999Z')).not.toContain('spring');
    expect(await codes('2026-03-01T00:00:00Z')).toContain('spring');
    expect(await codes('2026-05-31T23:59:59.999Z')).toContain('spring');
    expect(await codes('2026-06-01T00:00:00Z')).not.toContain('spring');
    expect(spring).toMatch(/^cam_/);
  });

  test("earns by its merchant's own campaigns and the coalition's, not by another merchant's", async () => {
    const rule = { code: 'cafe-only', description: 'Café', kind: 'FIXED', points: 3 };
    await givenCampaign(world, [rule], {}, cafe);
    const codes = (purchase: { outcomes: { ruleCode: string }[] }) =>
      purchase.outcomes.map(({ ruleCode }) => ruleCode);

    expect(codes(await buy(world))).toEqual(['base', 'pet', 'book']);
    expect(codes(await buy(world, { member: { reference: 'bob' } }, cafe))).toEqual([
      'base',
      'pet',
      'book',
      'cafe-only',
    ]);
  });

  /** A campaign whose window is over by now is published while it still runs. */
  async function givenCampaignOf2026(rule: object, window: object): Promise<string> {
    world.clock.set('2026-04-01T00:00:00Z');
    const id = await givenCampaign(world, [rule], window);
    world.clock.set('2026-06-10T10:00:00Z');
    return id;
  }
});

describe('sent again', () => {
  test('under its key it is the same, and nothing is posted', async () => {
    const input = purchaseInput();
    const first = await record(input);
    const postings = world.accounts.postings.size;

    const again = await record(input);

    expect(again).toEqual({ ...first, replayed: true });
    expect(world.accounts.postings.size).toBe(postings);
  });

  test('under another key with the same content, however the member is named, it is the same', async () => {
    const input = purchaseInput();
    const first = await record(input);

    const again = await record({
      ...input,
      idempotencyKey: fresh('key'),
      member: { cardNumber: '1'.repeat(16) },
    });

    expect(again).toEqual({ ...first, replayed: true });
  });

  test('under another key with other content it is a conflict that names the first', async () => {
    const input = purchaseInput();
    const first = await record(input);
    const before = await countOf(world, 'purchases');

    const again = await record({ ...input, idempotencyKey: fresh('key'), at: '2026-06-01T00:00:00Z' });

    expect(again).toMatchObject({
      __typename: 'PurchaseConflict',
      code: 'PURCHASE_CONFLICT',
      purchase: { id: first.purchase.id },
    });
    expect(await countOf(world, 'purchases')).toBe(before);
  });

  test('under its key with other content it is refused', async () => {
    const input = purchaseInput();
    await record(input);
    const before = await countOf(world, 'purchases');

    const again = await record({ ...input, externalRef: fresh('receipt') });

    expect(again).toMatchObject({ __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT' });
    expect(await countOf(world, 'purchases')).toBe(before);
  });

  test('fifty times at once it earns once', async () => {
    const input = purchaseInput();
    const before = earns().length;

    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        record(i % 2 ? input : { ...input, idempotencyKey: fresh('key') }),
      ),
    );

    expect(new Set(results.map(({ __typename }) => __typename))).toEqual(new Set(['PurchaseRecorded']));
    expect(new Set(results.map(({ purchase }) => purchase.id)).size).toBe(1);
    expect(new Set(results.map(({ purchase }) => purchase.points))).toEqual(new Set([120]));
    expect(results.filter(({ replayed }) => !replayed).length).toBe(1);
    expect(earns().length).toBe(before + 1);
  });

  test('the same reference at another merchant is another purchase', async () => {
    const externalRef = fresh('receipt');
    const one = await buy(world, { externalRef });
    const other = await buy(world, { externalRef, member: { reference: 'a-1' } }, cafe);

    expect(other.id).not.toBe(one.id);
  });
});

const line = { sku: 'A', quantity: 1, amountMinor: 100 };
const refusals: [string, object, object][] = [
  ['a key with a space', { idempotencyKey: 'a b' }, { field: 'input.idempotencyKey' }],
  ['no reference', { externalRef: ' ' }, { field: 'input.externalRef' }],
  ['a reference of 101 characters', { externalRef: 'x'.repeat(101) }, { field: 'input.externalRef' }],
  ['tomorrow', { at: '2026-06-10T10:00:00.001Z' }, { field: 'input.at' }],
  ['nobody', { member: {} }, { field: 'input.member' }],
  [
    'a member named, and an empty text',
    { member: { id: 'mem_ann', reference: '' } },
    { field: 'input.member' },
  ],
  ['a member named twice', { member: { id: 'mem_ann', reference: 'ann' } }, { field: 'input.member' }],
  ['no currency', { currency: 'yuan' }, { field: 'input.currency' }],
  ["another currency than the merchant's", { currency: 'GBP' }, { field: 'input.currency' }],
  ['no lines', { lines: [] }, { field: 'input.lines' }],
  ['2,001 lines', { lines: Array.from({ length: 2_001 }, () => line) }, { field: 'input.lines' }],
  ['a quantity of zero', { lines: [line, { ...line, quantity: 0 }] }, { field: 'input.lines.1.quantity' }],
  ['too many', { lines: [{ ...line, quantity: 10_000_001 }] }, { field: 'input.lines.0.quantity' }],
  ['a negative amount', { lines: [{ ...line, amountMinor: -1 }] }, { field: 'input.lines.0.amountMinor' }],
  [
    'a huge amount',
    { lines: [{ ...line, amountMinor: 100_000_000_001 }] },
    { field: 'input.lines.0.amountMinor' },
  ],
  ['a huge sum', { lines: [line, { ...line, amountMinor: 100_000_000_000 }] }, { field: 'input.lines' }],
  [
    'two lines of one id',
    {
      lines: [
        { ...line, id: 'x' },
        { ...line, id: 'x' },
      ],
    },
    { field: 'input.lines.1.id' },
  ],
  [
    'an id that another line is given',
    { lines: [line, { ...line, id: '1' }] },
    { field: 'input.lines.1.id' },
  ],
];

describe('refuses, and writes nothing', () => {
  test.each(refusals)('%s', async (_, change, expected) => {
    const before = await countOf(world, 'purchases');

    const result = await record(purchaseInput(change));

    expect(result).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT', ...expected });
    expect(await countOf(world, 'purchases')).toBe(before);
    expect(world.accounts.calls.filter(({ operation }) => operation === 'postEarn')).toEqual([]);
  });

  test.each<[string, object, object]>([
    ['an unknown member', { member: { reference: 'zoe' } }, { what: 'MEMBER', id: 'zoe' }],
    ["another merchant's member", { member: { id: 'mem_bob' } }, { what: 'MEMBER', id: 'mem_bob' }],
    ['an unknown programme', { programme: 'NONE' }, { what: 'PROGRAMME', id: 'NONE' }],
  ])('%s', async (_, change, expected) => {
    const before = await countOf(world, 'purchases');

    const result = await record(purchaseInput(change));

    expect(result).toMatchObject({ __typename: 'NotFound', code: 'NOT_FOUND', ...expected });
    expect(await countOf(world, 'purchases')).toBe(before);
  });

  test('of two refusals the first in the documented order is given', async () => {
    const known = purchaseInput();
    await record(known);

    const invalid = await record({ ...known, currency: 'GBP', member: { reference: 'zoe' } });
    const conflict = await record({ ...known, member: { reference: 'zoe' } });
    const missing = await record({ ...known, idempotencyKey: fresh('key'), member: { reference: 'zoe' } });

    expect([invalid.code, conflict.code, missing.code]).toEqual([
      'INVALID_INPUT',
      'IDEMPOTENCY_CONFLICT',
      'NOT_FOUND',
    ]);
  });

  test('what the ledger turns down leaves nothing, and the same request may be sent again', async () => {
    const input = purchaseInput();
    const before = await countOf(world, 'purchases');
    world.accounts.refusal = {
      __typename: 'NotFound',
      code: 'NOT_FOUND',
      message: 'gone',
      what: 'MEMBER',
      id: 'x',
    };

    const refused = await record(input);
    world.accounts.refusal = null;
    const left = await countOf(world, 'purchases');
    const again = await record(input);

    expect(refused).toMatchObject({ __typename: 'NotFound', what: 'MEMBER', id: 'mem_ann' });
    expect(left).toBe(before);
    expect(again).toMatchObject({ __typename: 'PurchaseRecorded', replayed: false });
  });

  test('a programme whose points the merchant may not issue, and says who may', async () => {
    const input = purchaseInput();
    const before = await countOf(world, 'purchases');
    world.accounts.refusal = {
      __typename: 'IssuerNotEligible',
      code: 'ISSUER_NOT_ELIGIBLE',
      message: 'not this one',
      programme: { code: 'SHARED' },
      eligibleIssuers: [{ id: 'mer_cafe' }],
    };

    const refused = await record(input);

    expect(refused).toEqual({
      __typename: 'IssuerNotEligible',
      code: 'ISSUER_NOT_ELIGIBLE',
      message: 'not this one',
      programme: { code: 'SHARED' },
      eligibleIssuers: [{ id: 'mer_cafe' }],
    });
    expect(await countOf(world, 'purchases')).toBe(before);
  });

  test('a reference that the merchant posted directly', async () => {
    const externalRef = fresh('receipt');
    const direct = {
      merchantId: 'mer_pet',
      memberId: 'mem_ann',
      kind: 'EARN',
      points: 1n,
      lines: [],
      externalRef,
    };
    world.accounts.postings.set(fresh('direct'), { id: 'pos_direct', ...direct } as never);

    const result = await record(purchaseInput({ externalRef }));

    expect(result).toMatchObject({ __typename: 'InvalidInput', field: 'input.externalRef' });
  });
});

describe('when the ledger does not answer', () => {
  const failing = async (input: object) => (await world.ask(petShop, purchaseMutation, { input })).errors;

  test.each(['before', 'after'] as const)(
    '%s it posted, the same request goes on and earns once',
    async (when) => {
      const input = purchaseInput();
      const before = earns().length;
      world.accounts[when] = async () => {
        throw new Error('lost');
      };

      const errors = await failing(input);
      world.accounts[when] = async () => {};
      const again = await record(input);

      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['SERVICE_UNAVAILABLE']);
      expect(again).toMatchObject({
        __typename: 'PurchaseRecorded',
        replayed: true,
        purchase: { points: 120 },
      });
      expect(earns().length).toBe(before + 1);
    },
  );

  test('the purchase shows no points until they are posted', async () => {
    const input = purchaseInput();
    world.accounts.before = async () => {
      throw new Error('lost');
    };

    await failing(input);
    const { purchase } = await world.send<{ purchase: object }>(
      petShop,
      `query ($ref: String) { purchase(externalRef: $ref) { points posting { id } lines { points } } }`,
      { ref: input.externalRef },
    );

    expect(purchase).toEqual({ points: 0, posting: null, lines: [{ points: 0 }, { points: 0 }] });
  });
});

describe('a rule with a cap per member', () => {
  const capped = {
    code: 'gift',
    description: '10 points, 35 in all',
    kind: 'FIXED',
    points: 10,
    capPerMember: 35,
  };
  const at = '2019-06-01T00:00:00Z';
  const given = { startsAt: '2019-01-01T00:00:00Z', endsAt: '2027-01-01T00:00:00Z' };
  const counter = async (id: string) =>
    Number(
      (await world.connection.collection('member_caps').findOne({ _id: `${id}:gift:mem_ann` as never }))?.[
        'points'
      ],
    );

  test('gives no more than its cap, however many purchases come at once', async () => {
    const id = await givenCampaign(world, [capped], given);

    const bought = await Promise.all(Array.from({ length: 12 }, () => buy(world, { at })));

    const outcomes = bought.map(({ outcomes: [only] }) => only);
    const granted = outcomes.map((outcome) => outcome.granted).sort((a, b) => a - b);
    expect(granted).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 5, 10, 10, 10]);
    expect(outcomes.filter(({ reason }) => reason === 'MEMBER_CAP_REACHED').length).toBe(8);
    expect(outcomes.filter(({ reason }) => reason === 'CAPPED').length).toBe(1);
    expect(await counter(id)).toBe(35);
  });
});
