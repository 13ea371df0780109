import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type CharityWorld,
  donate,
  donateMutation,
  freshKey,
  givenCause,
  givenPledge,
  memberCaller,
  merchantCaller,
  startCharityWorld,
} from './charity-world.ts';

let world: CharityWorld;

beforeAll(async () => {
  world = await startCharityWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.accounts.before = async () => {};
  world.accounts.after = async () => {};
  world.accounts.addMember({ id: 'mem_1' });
  world.accounts.addMember({ id: 'mem_2', registeredBy: ['mer_books'], references: { mer_books: 'B2' } });
});

const anna = memberCaller('mem_1');

async function causeOf(id: string) {
  const { data } = await world.send(
    { kind: 'PUBLIC' },
    `query ($id: ID!) { cause(id: $id) { pointsDonated donationCount matched { goods unit quantity }
     pledges { id reservedQuantity remainingQuantity } } }`,
    { id },
  );
  return data.cause;
}

async function donationsOf(memberId: string) {
  const { data } = await world.send(
    memberCaller(memberId),
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Member { donations(first: 100) { edges { node { id status } } } } } }`,
    { of: [{ __typename: 'Member', id: memberId, registeredBy: [] }] },
  );
  return data._entities[0].donations.edges.map((edge: { node: { status: string } }) => edge.node.status);
}

describe('a donation', () => {
  test('takes the points, reserves the match and gives a receipt, and the cause counts it', async () => {
    const causeId = await givenCause(world);
    const pledgeId = await givenPledge(world, causeId);

    const answer = await donate(world, anna, { causeId, points: 1_500 });

    expect(answer).toMatchObject({
      __typename: 'PointsDonated',
      replayed: false,
      member: { id: 'mem_1' },
      donation: {
        points: 1_500,
        status: 'CONFIRMED',
        receiptNumber: expect.stringMatching(/^JF-20\d\d-\d{6}$/),
        programme: { code: 'SHARED' },
        cause: { id: causeId },
        matches: [{ quantity: 1_500, pledge: { id: pledgeId, goods: 'pet food' } }],
        impact:
          'You gave 1,500 points to Harbour Cats, and that set aside 1,500 g of pet food for them. Thank you!',
      },
    });
    expect(world.accounts.members.get('mem_1')!.points).toBe(8_500n);
    expect(world.accounts.postings.get(`donation:${answer.donation.id}`)).toEqual({
      id: answer.donation.posting.id,
      memberId: 'mem_1',
      causeId,
      points: 1_500n,
    });
    expect(await causeOf(causeId)).toEqual({
      pointsDonated: 1_500,
      donationCount: 1,
      matched: [{ goods: 'pet food', unit: 'g', quantity: 1_500 }],
      pledges: [{ id: pledgeId, reservedQuantity: 1_500, remainingQuantity: 498_500 }],
    });
  });

  test('goes through without a pledge', async () => {
    const causeId = await givenCause(world);

    const answer = await donate(world, anna, { causeId, points: 10 });

    expect(answer.donation).toMatchObject({
      status: 'CONFIRMED',
      matches: [],
      impact: 'You gave 10 points to Harbour Cats. Thank you for your kindness!',
    });
    expect(await causeOf(causeId)).toEqual({ pointsDonated: 10, donationCount: 1, matched: [], pledges: [] });
  });

  test("speaks the member's language", async () => {
    world.accounts.addMember({ id: 'mem_3', locale: 'zh-CN' });
    const causeId = await givenCause(world, { name: '流浪猫之家' });

    const answer = await donate(world, memberCaller('mem_3'), { causeId, points: 10 });

    expect(answer.donation.impact).toBe('你把 10 积分捐给了「流浪猫之家」，谢谢你的爱心！');
  });

  test('is matched by the oldest pledge first and then by the next', async () => {
    const causeId = await givenCause(world);
    const first = await givenPledge(world, causeId, { limitQuantity: 300 });
    const second = await givenPledge(world, causeId, { goods: 'cat litter' }, 'mer_books');

    const answer = await donate(world, anna, { causeId, points: 1_000 });

    expect(answer.donation.matches).toEqual([
      { quantity: 300, pledge: { id: first, goods: 'pet food' } },
      { quantity: 700, pledge: { id: second, goods: 'cat litter' } },
    ]);
  });

  test('a merchant makes for its member, named in any of the three ways', async () => {
    const causeId = await givenCause(world);
    const { cardNumber } = world.accounts.members.get('mem_1')!;

    for (const member of [{ id: 'mem_1' }, { reference: 'ref-mem_1' }, { cardNumber }]) {
      const answer = await donate(world, merchantCaller('mer_pets'), { causeId, points: 1, member });
      expect(answer).toMatchObject({ __typename: 'PointsDonated', member: { id: 'mem_1' } });
    }
  });

  test('shows what it left, also as the second one of a request', async () => {
    const causeId = await givenCause(world);
    await givenPledge(world, causeId);
    const input = (points: number) => ({ idempotencyKey: freshKey(), causeId, points });
    const shown =
      '... on PointsDonated { donation { cause { pointsDonated pledges { remainingQuantity } } } }';

    const { data } = await world.send(
      anna,
      `mutation ($a: DonatePointsInput!, $b: DonatePointsInput!) {
       a: donatePoints(input: $a) { ${shown} } b: donatePoints(input: $b) { ${shown} } }`,
      { a: input(100), b: input(20) },
    );

    expect([data.a.donation.cause, data.b.donation.cause]).toEqual([
      { pointsDonated: 100, pledges: [{ remainingQuantity: 499_900 }] },
      { pointsDonated: 120, pledges: [{ remainingQuantity: 499_880 }] },
    ]);
  });

  test('asks accounts on behalf of whoever acts', async () => {
    const causeId = await givenCause(world);
    world.accounts.calls.length = 0;

    await donate(world, anna, { causeId, points: 1 });

    const caller = { kind: 'SERVICE', service: 'charity', onBehalfOf: anna };
    expect(world.accounts.calls).toEqual([
      { operation: 'resolveMember', caller },
      { operation: 'postDonation', caller },
    ]);
  });
});

describe('the same request again', () => {
  test('answers what it answered before and takes nothing twice', async () => {
    const causeId = await givenCause(world);
    const pledgeId = await givenPledge(world, causeId);
    const input = { causeId, points: 100, idempotencyKey: freshKey() };

    const first = await donate(world, anna, input);
    const second = await donate(world, anna, input);

    expect(first.replayed).toBe(false);
    expect(second.replayed).toBe(true);
    expect(second.donation).toEqual({ ...first.donation, cause: { id: causeId, pointsDonated: 100 } });
    expect(world.accounts.members.get('mem_1')!.points).toBe(9_900n);
    expect(await causeOf(causeId)).toMatchObject({
      donationCount: 1,
      pledges: [{ id: pledgeId, reservedQuantity: 100 }],
    });
  });

  test('50 times at once makes one donation', async () => {
    const causeId = await givenCause(world);
    const pledgeId = await givenPledge(world, causeId);
    const input = { causeId, points: 100, idempotencyKey: freshKey() };

    const answers = await Promise.all(Array.from({ length: 50 }, () => donate(world, anna, input)));

    expect(new Set(answers.map((answer) => answer.donation.id)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.donation.receiptNumber)).size).toBe(1);
    expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
    expect(world.accounts.members.get('mem_1')!.points).toBe(9_900n);
    expect(await causeOf(causeId)).toEqual({
      pointsDonated: 100,
      donationCount: 1,
      matched: [{ goods: 'pet food', unit: 'g', quantity: 100 }],
      pledges: [{ id: pledgeId, reservedQuantity: 100, remainingQuantity: 499_900 }],
    });
  });

  test('with another input is refused and changes nothing', async () => {
    const causeId = await givenCause(world);
    const idempotencyKey = freshKey();
    await donate(world, anna, { causeId, points: 100, idempotencyKey });

    const answer = await donate(world, anna, { causeId, points: 101, idempotencyKey });

    expect(answer).toMatchObject({ __typename: 'IdempotencyConflict', code: 'IDEMPOTENCY_CONFLICT' });
    expect(world.accounts.members.get('mem_1')!.points).toBe(9_900n);
    expect(await causeOf(causeId)).toMatchObject({ pointsDonated: 100, donationCount: 1 });
  });

  test('of another caller under the same key is another donation', async () => {
    const causeId = await givenCause(world);
    const idempotencyKey = freshKey();

    const mine = await donate(world, anna, { causeId, points: 100, idempotencyKey });
    const yours = await donate(world, memberCaller('mem_2'), { causeId, points: 5, idempotencyKey });

    expect(yours).toMatchObject({ __typename: 'PointsDonated', replayed: false });
    expect(yours.donation.id).not.toBe(mine.donation.id);
  });

  test('after a refusal is tried anew', async () => {
    const causeId = await givenCause(world);
    const member = world.accounts.addMember({ id: 'mem_4', points: 5n });
    const input = { causeId, points: 10, idempotencyKey: freshKey() };

    const refused = await donate(world, memberCaller('mem_4'), input);
    member.points = 50n;
    const given = await donate(world, memberCaller('mem_4'), input);

    expect(refused.__typename).toBe('NotEnoughPoints');
    expect(given).toMatchObject({ __typename: 'PointsDonated', replayed: false });
    expect(member.points).toBe(40n);
  });
});

describe('a refusal', () => {
  const untouched = { pointsDonated: 0, donationCount: 0, matched: [] };

  test('for want of points gives the reservation back', async () => {
    const causeId = await givenCause(world);
    const pledgeId = await givenPledge(world, causeId);
    world.accounts.addMember({ id: 'mem_5', points: 40n });

    const answer = await donate(world, memberCaller('mem_5'), { causeId, points: 100 });

    expect(answer).toEqual({
      __typename: 'NotEnoughPoints',
      code: 'NOT_ENOUGH_POINTS',
      message: 'The wallet is short by 60 points.',
      available: 40,
      shortBy: 60,
      availableFrom: null,
    });
    expect(await causeOf(causeId)).toEqual({
      ...untouched,
      pledges: [{ id: pledgeId, reservedQuantity: 0, remainingQuantity: 500_000 }],
    });
    expect(world.accounts.members.get('mem_5')!.points).toBe(40n);
    expect(await donationsOf('mem_5')).toEqual([]);
  });

  test('for want of points reaches each of 20 that ask at once with one key', async () => {
    const causeId = await givenCause(world);
    await givenPledge(world, causeId);
    world.accounts.addMember({ id: 'mem_6', points: 40n });
    const input = { causeId, points: 100, idempotencyKey: freshKey() };

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => donate(world, memberCaller('mem_6'), input)),
    );

    expect(answers.map((answer) => answer.__typename)).toEqual(Array(20).fill('NotEnoughPoints'));
    expect(await causeOf(causeId)).toMatchObject({ ...untouched, pledges: [{ reservedQuantity: 0 }] });
  });

  test('of an unknown programme gives the reservation back', async () => {
    const causeId = await givenCause(world);
    await givenPledge(world, causeId);

    const answer = await donate(world, anna, { causeId, points: 100, programme: 'GREEN' });

    expect(answer).toMatchObject({ __typename: 'NotFound', what: 'PROGRAMME', id: 'GREEN' });
    expect(await causeOf(causeId)).toMatchObject({ ...untouched, pledges: [{ reservedQuantity: 0 }] });
  });

  test("another merchant's member looks like none at all", async () => {
    const causeId = await givenCause(world);
    const pets = merchantCaller('mer_pets');

    const others = await donate(world, pets, { causeId, points: 1, member: { id: 'mem_2' } });
    const none = await donate(world, pets, { causeId, points: 1, member: { id: 'mem_none' } });
    const foreign = await donate(world, anna, { causeId, points: 1, member: { id: 'mem_2' } });

    expect(others).toEqual({ ...none, id: 'mem_2' });
    expect(foreign).toEqual({ ...none, id: 'mem_2' });
    expect(none).toMatchObject({ __typename: 'NotFound', code: 'NOT_FOUND', what: 'MEMBER', id: 'mem_none' });
    expect(await causeOf(causeId)).toMatchObject(untouched);
  });

  test('follows the order invalid, conflict, cause, member, points', async () => {
    const causeId = await givenCause(world);
    const idempotencyKey = freshKey();
    const poor = memberCaller(world.accounts.addMember({ id: 'mem_7', points: 1n }).id);
    const used = freshKey();
    await donate(world, poor, { causeId, points: 1, idempotencyKey: used });

    const kinds = [
      await donate(world, poor, { causeId: 'none', points: 0, idempotencyKey: used }),
      await donate(world, poor, { causeId: 'none', points: 9, idempotencyKey: used }),
      await donate(world, poor, { causeId: 'none', points: 9, member: { id: 'none' }, idempotencyKey }),
      await donate(world, poor, { causeId, points: 9, member: { id: 'none' }, idempotencyKey }),
      await donate(world, poor, { causeId, points: 9, idempotencyKey }),
    ].map((answer) => [answer.__typename, answer.what]);

    expect(kinds).toEqual([
      ['InvalidInput', undefined],
      ['IdempotencyConflict', undefined],
      ['NotFound', 'CAUSE'],
      ['NotFound', 'MEMBER'],
      ['NotEnoughPoints', undefined],
    ]);
  });

  test.each([0, -1, 100_000_001])('of %d points names the range', async (points) => {
    const causeId = await givenCause(world);

    expect(await donate(world, anna, { causeId, points })).toEqual({
      __typename: 'InvalidInput',
      code: 'INVALID_INPUT',
      message: 'input.points must be 1 to 100,000,000.',
      field: 'input.points',
      expected: '1 to 100,000,000',
    });
  });

  test('of fractional points does not pass the scalar', async () => {
    const causeId = await givenCause(world);

    const answer = await world.send(anna, donateMutation, {
      input: { idempotencyKey: freshKey(), causeId, points: 1.5 },
    });

    expect(answer.errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('many donors at once', () => {
  test('never reserve more than the last kilograms, and receipts have no gap', async () => {
    const causeId = await givenCause(world);
    const first = await givenPledge(world, causeId, { limitQuantity: 1_050 });
    const second = await givenPledge(world, causeId, { limitQuantity: 333 });
    const donors = Array.from({ length: 40 }, (_, place) =>
      memberCaller(world.accounts.addMember({ id: `mem_race_${place}`, points: 100n }).id),
    );

    const answers = await Promise.all(donors.map((donor) => donate(world, donor, { causeId, points: 100 })));

    expect(answers.every((answer) => answer.__typename === 'PointsDonated')).toBe(true);
    const quantities = answers.flatMap((answer) => answer.donation.matches);
    const of = (id: string) =>
      quantities.filter((match) => match.pledge.id === id).reduce((sum, match) => sum + match.quantity, 0);
    expect([of(first), of(second)]).toEqual([1_050, 333]);
    expect(await causeOf(causeId)).toEqual({
      pointsDonated: 4_000,
      donationCount: 40,
      matched: [{ goods: 'pet food', unit: 'g', quantity: 1_383 }],
      pledges: [
        { id: first, reservedQuantity: 1_050, remainingQuantity: 0 },
        { id: second, reservedQuantity: 333, remainingQuantity: 0 },
      ],
    });
    const places = answers
      .map((answer) => Number(answer.donation.receiptNumber.slice(8)))
      .sort((a, b) => a - b);
    expect(places).toEqual(places.map((_, index) => places[0]! + index));
  });
});

describe('while accounts does not answer', () => {
  test('nothing is lost: the same request brings the donation to its end, once', async () => {
    const causeId = await givenCause(world);
    const pledgeId = await givenPledge(world, causeId);
    const input = { causeId, points: 100, idempotencyKey: freshKey() };
    world.accounts.after = async () => {
      throw new Error('the answer is lost');
    };

    const lost = await world.send(anna, donateMutation, { input });
    const waiting = await donationsOf('mem_1');
    world.accounts.after = async () => {};
    const answer = await donate(world, anna, input);

    expect(lost.data).toBeNull();
    expect(lost.errors).toEqual([
      {
        message: 'The donation could not be settled now. Nothing is lost: send the same request again.',
        path: ['donatePoints'],
        locations: expect.anything(),
        extensions: { code: 'SERVICE_UNAVAILABLE' },
      },
    ]);
    expect(waiting[0]).toBe('PENDING');
    expect(answer).toMatchObject({ replayed: true, donation: { status: 'CONFIRMED' } });
    expect(world.accounts.members.get('mem_1')!.points).toBe(9_900n);
    expect(await causeOf(causeId)).toMatchObject({
      donationCount: 1,
      pledges: [{ id: pledgeId, reservedQuantity: 100 }],
    });
  });
});
