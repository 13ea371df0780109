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
  returnMutation,
  startCampaignsWorld,
} from './campaigns-world.ts';

let world: CampaignsWorld;

beforeAll(async () => {
  world = await startCampaignsWorld();
  await givenCampaign(world, [perYuan]);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.accounts.calls.length = 0;
  world.accounts.before = async () => {};
  world.accounts.after = async () => {};
  world.accounts.refusal = null;
});

const give = (input: object, by = petShop) => mutate(world, by, returnMutation, input);
const returnInput = (purchaseId: string, change: object = {}) => ({
  idempotencyKey: fresh('key'),
  purchaseId,
  externalRef: fresh('return'),
  ...change,
});
const reversals = () => [...world.accounts.postings.values()].filter(({ kind }) => kind === 'REVERSE');
const reversedOf = (postingId: string) =>
  reversals()
    .filter(({ reverses }) => reverses === postingId)
    .reduce((sum, { points }) => sum + points, 0n);

describe('a return', () => {
  test('whose reference looks like that of another is refused, and takes nothing back', async () => {
    const purchase = await buy(world);
    const input = returnInput(purchase.id, { externalRef: 'odd-return' });
    const odd = await give({ ...input, externalRef: 'odd-return ' });

    expect(odd).toMatchObject({ __typename: 'InvalidInput', field: 'input.externalRef' });
    expect(reversedOf(purchase.posting.id)).toBe(0n);
    expect(await give(input)).toMatchObject({ __typename: 'ReturnRecorded', replayed: false });
    expect(await give(input)).toMatchObject({ __typename: 'ReturnRecorded', replayed: true });
  });

  test('of the whole purchase takes back everything it earned', async () => {
    const purchase = await buy(world);
    const input = returnInput(purchase.id);

    const result = await give(input);

    expect(result).toMatchObject({
      __typename: 'ReturnRecorded',
      replayed: false,
      member: { id: 'mem_ann' },
      purchase: {
        id: purchase.id,
        points: 70,
        pointsReturned: 70,
        lines: [
          { id: 'food', returnedQuantity: 3, pointsReturned: 50 },
          { id: 'toy', returnedQuantity: 1, pointsReturned: 20 },
        ],
      },
      return: {
        externalRef: input.externalRef,
        points: 70,
        lines: [
          { lineId: 'food', quantity: 3, points: 50 },
          { lineId: 'toy', quantity: 1, points: 20 },
        ],
      },
    });
    const posting = reversals().find(({ externalRef }) => externalRef === input.externalRef)!;
    expect(result.return.posting).toEqual({ id: posting.id });
    expect(result.purchase.returns).toEqual([result.return]);
    expect(posting).toMatchObject({ reverses: purchase.posting.id, points: 70n });
  });

  test('of one unit after the other takes back the floor of the share each time, and all in the end', async () => {
    const purchase = await buy(world);
    const one = { lines: [{ id: 'food', quantity: 1 }] };

    const points = [];
    for (let i = 0; i < 3; i++) points.push((await give(returnInput(purchase.id, one))).return.points);

    expect(points).toEqual([16, 17, 17]);
    expect(reversedOf(purchase.posting.id)).toBe(50n);
  });

  test('names the purchase by its reference as well', async () => {
    const purchase = await buy(world);

    const result = await give({
      idempotencyKey: fresh('key'),
      purchaseExternalRef: purchase.externalRef,
      externalRef: fresh('return'),
    });

    expect(result).toMatchObject({ __typename: 'ReturnRecorded', purchase: { id: purchase.id } });
  });

  test('of lines that earned nothing posts nothing', async () => {
    const purchase = await buy(world, { lines: [{ sku: 'PIN', quantity: 2, amountMinor: 10 }] });
    const before = world.accounts.postings.size;

    const result = await give(returnInput(purchase.id));

    expect(result).toMatchObject({ __typename: 'ReturnRecorded', return: { points: 0, posting: null } });
    expect(world.accounts.postings.size).toBe(before);
  });
});

describe('sent again', () => {
  test('under its key it is the same, though everything is returned', async () => {
    const input = returnInput((await buy(world)).id);
    const first = await give(input);
    const before = world.accounts.postings.size;

    const again = await give(input);

    expect(again).toEqual({ ...first, replayed: true });
    expect(world.accounts.postings.size).toBe(before);
  });

  test('under another key with the same content, however the purchase is named, it is the same', async () => {
    const purchase = await buy(world);
    const input = returnInput(purchase.id, { lines: [{ id: 'food', quantity: 1 }] });
    const first = await give(input);

    const { purchaseId: _, ...rest } = input;
    const again = await give({
      ...rest,
      idempotencyKey: fresh('key'),
      purchaseExternalRef: purchase.externalRef,
    });

    expect(again).toEqual({ ...first, replayed: true });
  });

  test('under another key with other content it is a conflict that names the purchase', async () => {
    const purchase = await buy(world);
    const input = returnInput(purchase.id, { lines: [{ id: 'food', quantity: 1 }] });
    await give(input);

    const again = await give({
      ...input,
      idempotencyKey: fresh('key'),
      lines: [{ id: 'food', quantity: 2 }],
    });

    expect(again).toMatchObject({ __typename: 'PurchaseConflict', purchase: { id: purchase.id } });
    expect(reversedOf(purchase.posting.id)).toBe(16n);
  });

  test('under its key with other content it is refused', async () => {
    const purchase = await buy(world);
    const input = returnInput(purchase.id, { lines: [{ id: 'food', quantity: 1 }] });
    await give(input);

    const again = await give({ ...input, lines: [{ id: 'food', quantity: 2 }] });

    expect(again).toMatchObject({ __typename: 'IdempotencyConflict' });
    expect(reversedOf(purchase.posting.id)).toBe(16n);
  });

  test('twenty times at once it takes back once', async () => {
    const purchase = await buy(world);
    const input = returnInput(purchase.id, { lines: [{ id: 'food', quantity: 1 }] });

    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => give(i % 2 ? input : { ...input, idempotencyKey: fresh('key') })),
    );

    expect(new Set(results.map((result) => result.return?.id)).size).toBe(1);
    expect(results.filter(({ replayed }) => !replayed).length).toBe(1);
    expect(reversedOf(purchase.posting.id)).toBe(16n);
  });
});

test('ten returns at once of a line of three: three are recorded, seven have nothing left', async () => {
  const purchase = await buy(world);
  const one = { lines: [{ id: 'food', quantity: 1 }] };

  const results = await Promise.all(Array.from({ length: 10 }, () => give(returnInput(purchase.id, one))));

  expect(results.filter(({ __typename }) => __typename === 'ReturnRecorded').length).toBe(3);
  const refused = results.filter(({ __typename }) => __typename !== 'ReturnRecorded');
  expect(refused).toEqual(
    Array.from({ length: 7 }, () => ({
      __typename: 'NothingToReturn',
      code: 'NOTHING_TO_RETURN',
      message: 'Of line food only 0 can still be returned.',
      lineId: 'food',
      returnable: 0,
    })),
  );
  expect(reversedOf(purchase.posting.id)).toBe(50n);
});

describe('refuses, and writes nothing', () => {
  const refused = async (input: object, by = petShop) => {
    const before = [await countOf(world, 'purchase_returns'), world.accounts.postings.size];
    const result = await give(input, by);
    expect([await countOf(world, 'purchase_returns'), world.accounts.postings.size]).toEqual(before);
    return result;
  };

  test.each<[string, object, string]>([
    ['a key with a space', { idempotencyKey: 'a b' }, 'input.idempotencyKey'],
    ['no reference', { externalRef: '' }, 'input.externalRef'],
    ['tomorrow', { at: '2026-06-11T10:00:00Z' }, 'input.at'],
    ['an instant before the purchase', { at: '2026-06-10T09:59:59Z' }, 'input.at'],
    ['no purchase', { purchaseId: null }, 'input.purchaseId'],
    ['a purchase named twice', { purchaseExternalRef: 'x' }, 'input.purchaseId'],
    ['no lines', { lines: [] }, 'input.lines'],
    ['a quantity of zero', { lines: [{ id: 'food', quantity: 0 }] }, 'input.lines.0.quantity'],
    [
      'a line twice',
      {
        lines: [
          { id: 'food', quantity: 1 },
          { id: 'food', quantity: 1 },
        ],
      },
      'input.lines.1.id',
    ],
  ])('%s', async (_, change, field) => {
    const purchase = await buy(world);

    expect(await refused(returnInput(purchase.id, change))).toMatchObject({
      __typename: 'InvalidInput',
      field,
    });
  });

  test('an unknown purchase, and another merchant’s as if it did not exist', async () => {
    const purchase = await buy(world);

    expect(await refused(returnInput('pur_none'))).toMatchObject({ what: 'PURCHASE', id: 'pur_none' });
    expect(await refused(returnInput(purchase.id), cafe)).toMatchObject({
      what: 'PURCHASE',
      id: purchase.id,
    });
  });

  test('a line that the purchase does not have', async () => {
    const purchase = await buy(world);

    expect(await refused(returnInput(purchase.id, { lines: [{ id: 'hat', quantity: 1 }] }))).toMatchObject({
      __typename: 'NotFound',
      what: 'LINE',
      id: 'hat',
    });
  });

  test('more than is left, before a reference that was used for something else', async () => {
    const purchase = await buy(world);
    const first = returnInput(purchase.id);
    await give(first);

    const result = await refused({
      ...first,
      idempotencyKey: fresh('key'),
      lines: [{ id: 'toy', quantity: 1 }],
    });

    expect(result).toMatchObject({ __typename: 'NothingToReturn', lineId: 'toy', returnable: 0 });
    expect(await refused(returnInput(purchase.id))).toMatchObject({ lineId: null, returnable: 0 });
  });

  test('what the ledger turns down is undone, and can be sent again', async () => {
    const purchase = await buy(world);
    const input = returnInput(purchase.id, { lines: [{ id: 'food', quantity: 2 }] });
    world.accounts.refusal = {
      __typename: 'NotReversible',
      code: 'NOT_REVERSIBLE',
      message: 'no',
      remaining: 0,
    };

    expect(await refused(input)).toMatchObject({ __typename: 'InvalidInput', field: 'input.lines' });
    world.accounts.refusal = null;
    const again = await give(input);

    expect(again).toMatchObject({ replayed: false, purchase: { pointsReturned: 33 } });
    expect(again.purchase.lines[0]).toMatchObject({ returnedQuantity: 2, pointsReturned: 33 });
  });
});

test('points that were spent and may not be owed are a refusal that says how many could go back, and undo the return', async () => {
  const purchase = await buy(world);
  const input = returnInput(purchase.id, { lines: [{ id: 'food', quantity: 2 }] });
  world.accounts.refusal = {
    __typename: 'PointsSpent',
    code: 'POINTS_SPENT',
    message: 'spent',
    reversible: 10n,
    shortBy: 23n,
  };

  const refused = await give(input);
  world.accounts.refusal = null;
  const again = await give(input);

  expect(refused).toEqual({
    __typename: 'PointsSpent',
    code: 'POINTS_SPENT',
    message: 'spent',
    reversible: 10,
    shortBy: 23,
  });
  expect(again).toMatchObject({ replayed: false, purchase: { pointsReturned: 33 } });
});

describe('when the ledger does not answer', () => {
  const failing = async (mutation: string, input: object) =>
    (await world.ask(petShop, mutation, { input })).errors.map(({ extensions }) => extensions.code);

  test.each(['before', 'after'] as const)('%s it reversed, the same request goes on', async (when) => {
    const purchase = await buy(world);
    const input = returnInput(purchase.id);
    world.accounts[when] = async () => {
      throw new Error('lost');
    };

    const codes = await failing(returnMutation, input);
    world.accounts[when] = async () => {};
    const again = await give(input);

    expect(codes).toEqual(['SERVICE_UNAVAILABLE']);
    expect(again).toMatchObject({ __typename: 'ReturnRecorded', replayed: true, return: { points: 70 } });
    expect(reversedOf(purchase.posting.id)).toBe(70n);
  });

  test('a return of a purchase that is not posted yet posts it first', async () => {
    const input = purchaseInput();
    world.accounts.before = async () => {
      throw new Error('lost');
    };
    await failing(purchaseMutation, input);
    world.accounts.before = async () => {};

    const result = await give({
      idempotencyKey: fresh('key'),
      purchaseExternalRef: input.externalRef,
      externalRef: fresh('return'),
    });

    expect(result).toMatchObject({
      __typename: 'ReturnRecorded',
      purchase: { points: 70, pointsReturned: 70 },
    });
    expect(world.accounts.calls.slice(-2).map(({ operation }) => operation)).toEqual([
      'postEarn',
      'reversePosting',
    ]);
  });
});

test("a return gives the rule's part back to the member's cap", async () => {
  const at = '2019-06-01T00:00:00Z';
  const rule = {
    code: 'gift',
    description: '10 each, 15 in all',
    kind: 'FIXED',
    points: 10,
    capPerMember: 15,
  };
  await givenCampaign(world, [rule], { startsAt: '2019-01-01T00:00:00Z', endsAt: '2027-01-01T00:00:00Z' });
  const granted = async () =>
    (await buy(world, { at })).outcomes.find(({ ruleCode }: { ruleCode: string }) => ruleCode === 'gift')
      .granted;

  const first = await buy(world, { at });
  expect(await granted()).toBe(5);
  expect(await granted()).toBe(0);

  await give(returnInput(first.id));
  expect(await granted()).toBe(10);
  expect(await granted()).toBe(0);
});
