import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CharityWorld,
  freshKey,
  givenCause,
  givenPledge,
  merchantCaller,
  nobody,
  openCauseMutation,
  operator,
  pledgeMutation,
  startCharityWorld,
} from './charity-world.ts';

let world: CharityWorld;

beforeAll(async () => {
  world = await startCharityWorld();
});
afterAll(() => world.stop());

const cause = () => ({
  idempotencyKey: freshKey(),
  name: ' Harbour Cats ',
  description: 'Feeds the cats of the harbour.',
  kind: 'animal rescue',
  charityName: 'Harbour Animal Aid',
  charityRegistrationNumber: 'EXAMPLE-1',
});

const pledge = (causeId: string) => ({
  idempotencyKey: freshKey(),
  causeId,
  goods: 'pet food',
  unit: 'g',
  pointsPerStep: 1_000,
  quantityPerStep: 1_000,
  limitQuantity: 500_000,
  agreementRef: 'agreement 12',
});

const open = async (input: object) =>
  (await world.send(operator, openCauseMutation, { input })).data.openCause;
const pledged = async (input: object, merchantId = 'mer_pets') =>
  (await world.send(merchantCaller(merchantId), pledgeMutation, { input })).data.pledgeMatching;

async function causeNames(first: number, after?: string) {
  const { data } = await world.send(
    nobody,
    'query ($first: Int, $after: String) { causes(first: $first, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } }',
    { first, after },
  );
  return {
    ids: data.causes.edges.map((edge: { node: { id: string } }) => edge.node.id),
    ...data.causes.pageInfo,
  };
}

describe('a cause', () => {
  test('is opened with nothing given yet, and anyone can read it', async () => {
    const { cause: opened, __typename } = await open(cause());

    expect(__typename).toBe('CauseOpened');
    expect(opened).toMatchObject({ name: 'Harbour Cats', pointsDonated: 0, donationCount: 0 });
    const read = await world.send(
      nobody,
      'query ($id: ID!) { cause(id: $id) { name kind charityName charityRegistrationNumber matched { quantity } pledges { id } } }',
      { id: opened.id },
    );
    expect(read.data.cause).toEqual({
      name: 'Harbour Cats',
      kind: 'animal rescue',
      charityName: 'Harbour Animal Aid',
      charityRegistrationNumber: 'EXAMPLE-1',
      matched: [],
      pledges: [],
    });
  });

  test('is opened once by the same request, also 10 times at once', async () => {
    const input = cause();

    const answers = await Promise.all(Array.from({ length: 10 }, () => open(input)));

    expect(new Set(answers.map((answer) => answer.cause.id)).size).toBe(1);
  });

  test('under a used key with other terms is refused', async () => {
    const input = cause();
    await open(input);

    expect(await open({ ...input, name: 'Other' })).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('without a registered charity is refused and not opened', async () => {
    const before = await causeNames(100);

    const answer = await open({ ...cause(), charityRegistrationNumber: ' ' });

    expect(answer).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'input.charityRegistrationNumber',
      expected: '1 to 60 characters on one line',
    });
    expect(await causeNames(100)).toEqual(before);
  });

  test('that is not there is null', async () => {
    const { data } = await world.send(nobody, '{ cause(id: "cau_none") { id } }');

    expect(data.cause).toBeNull();
  });

  test('list is paged newest first without a gap or a repeat', async () => {
    for (let n = 0; n < 5; n++) await givenCause(world);
    const all = (await causeNames(100)).ids;

    const paged: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await causeNames(2, after);
      paged.push(...page.ids);
      if (!page.hasNextPage) break;
      after = page.endCursor;
    }

    expect(paged).toEqual(all);
    expect([...all]).toHaveLength(new Set(all).size);
  });

  test.each([0, 101, -1])('list refuses a page of %d', async (first) => {
    const { errors } = await world.send(
      nobody,
      'query ($first: Int) { causes(first: $first) { edges { cursor } } }',
      {
        first,
      },
    );

    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('a pledge', () => {
  test('states what is promised and what is left', async () => {
    const causeId = await givenCause(world);

    expect(await pledged(pledge(causeId))).toMatchObject({
      __typename: 'MatchingPledged',
      pledge: {
        goods: 'pet food',
        unit: 'g',
        limitQuantity: 500_000,
        reservedQuantity: 0,
        remainingQuantity: 500_000,
        agreementRef: 'agreement 12',
        merchant: { id: 'mer_pets' },
        cause: { id: causeId },
      },
    });
  });

  test('needs the reference of a signed agreement (Charity Law Art. 37)', async () => {
    const causeId = await givenCause(world);

    expect(await pledged({ ...pledge(causeId), agreementRef: '' })).toMatchObject({
      code: 'INVALID_INPUT',
      field: 'input.agreementRef',
    });
    const { data } = await world.send(nobody, 'query ($id: ID!) { cause(id: $id) { pledges { id } } }', {
      id: causeId,
    });
    expect(data.cause.pledges).toEqual([]);
  });

  test('to an unknown cause is refused; an invalid one before that', async () => {
    expect(await pledged(pledge('cau_none'))).toMatchObject({
      code: 'NOT_FOUND',
      what: 'CAUSE',
      id: 'cau_none',
    });
    expect(await pledged({ ...pledge('cau_none'), limitQuantity: 0 })).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  test('is made once by the same request; another input under its key is refused, even to an unknown cause', async () => {
    const input = pledge(await givenCause(world));

    const first = await pledged(input);
    const answers = await Promise.all(Array.from({ length: 10 }, () => pledged(input)));

    expect(new Set(answers.map((answer) => answer.pledge.id))).toEqual(new Set([first.pledge.id]));
    expect(await pledged({ ...input, causeId: 'cau_none' })).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await pledged(input, 'mer_books')).not.toMatchObject({ pledge: { id: first.pledge.id } });
  });

  test("is among its cause's, oldest first, and its merchant's, newest first", async () => {
    const causeId = await givenCause(world);
    const first = await givenPledge(world, causeId, {}, 'mer_toys');
    const second = await givenPledge(world, causeId, {}, 'mer_toys');

    const { data } = await world.send(
      nobody,
      `query ($id: ID!, $of: [_Any!]!) { cause(id: $id) { pledges { id } }
       _entities(representations: $of) { ... on Merchant { pledges { id } } ... on Pledge { goods cause { id } }
       ... on Cause { name } } }`,
      {
        id: causeId,
        of: [
          { __typename: 'Merchant', id: 'mer_toys' },
          { __typename: 'Pledge', id: first },
          { __typename: 'Cause', id: causeId },
          { __typename: 'Merchant', id: 'mer_none' },
          { __typename: 'Pledge', id: 'ple_none' },
        ],
      },
    );

    expect(data.cause.pledges).toEqual([{ id: first }, { id: second }]);
    expect(data._entities).toEqual([
      { pledges: [{ id: second }, { id: first }] },
      { goods: 'pet food', cause: { id: causeId } },
      { name: 'Harbour Cats' },
      { pledges: [] },
      null,
    ]);
  });
});
