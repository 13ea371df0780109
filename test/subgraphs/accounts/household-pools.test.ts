import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { registerMember } from '../../support/accounts.ts';
import { asMember, asService, operator } from '../../support/callers.ts';
import { act, walletOf } from '../../support/points.ts';
import { type Fields, type HouseholdWorld, kind, mask, startHouseholdWorld } from './household-world.ts';

let world: HouseholdWorld;
beforeAll(async () => {
  world = await startHouseholdWorld();
});
afterAll(() => world.stop());

test('a family pools points, spends them together, and sees who spent and whose points paid', async () => {
  const { head, adult, child } = await world.family();

  expect(await world.contribute(adult, 300)).toMatchObject({
    __typename: 'PointsContributed',
    replayed: false,
    posting: { kind: 'CONTRIBUTE', change: -300, fromHousehold: true },
    wallet: { available: 700 },
    household: { pool: { available: 300, spendableByYou: 300 } },
  });
  expect(kind(await world.contribute(child, 100))).toBe('PointsContributed');
  const paid = await world.pay(head, 350);

  expect(paid).toMatchObject({ __typename: 'PointsPosted', wallet: { available: 1000 } });
  expect(await world.householdOf(head)).toMatchObject({
    name: 'Home',
    members: [
      { isYou: true, displayName: 'Head', role: 'HEAD', limits: { perRedemption: null, perMonth: null } },
      { isYou: false, displayName: 'Adult', maskedCard: mask(adult), role: 'ADULT' },
      { displayName: null, maskedCard: mask(child), role: 'CHILD', limits: { perMonth: 0 } },
    ],
    pool: {
      available: 50,
      held: 0,
      spendableByYou: 50,
      shares: [{ member: { maskedCard: mask(child) }, available: 50, held: 0 }],
      nextExpiry: { points: 50 },
    },
    spending: {
      edges: [
        {
          node: {
            points: 350,
            reversed: 0,
            merchant: { name: 'Pets' },
            by: { maskedCard: mask(head) },
            parts: [
              { member: { maskedCard: mask(adult) }, points: 300 },
              { member: { maskedCard: mask(child) }, points: 50 },
            ],
          },
        },
      ],
    },
  });
});

test('a merchant is told that a pool paid, and neither whose points nor whose household', async () => {
  const { head, adult } = await world.family();
  await world.contribute(adult, 100);
  const paid = (await world.pay(head, 60)) as { posting: { id: string } };
  const query = `query ($id: ID!) { posting(id: $id) {
    fromHousehold change member { id } entries { account points } allocations { points contributor { maskedCard isYou } } } }`;
  const { id } = paid.posting;

  const merchant = await world.accounts.send<{ posting: Fields }>(world.pets.caller, query, { id });
  const payer = await world.accounts.send<{ posting: Fields }>(asMember(adult.id), query, { id });
  const stranger = await world.accounts.ask(asMember((await world.newMember()).id), query, { id });

  expect(merchant.posting).toEqual({
    fromHousehold: true,
    change: 0,
    member: { id: head.id },
    entries: [
      { account: 'wallet:pool:available', points: -60 },
      { account: `honourer:${world.pets.id}`, points: 60 },
    ],
    allocations: [{ points: -60, contributor: null }],
  });
  expect(payer.posting).toMatchObject({
    member: null,
    change: 0,
    allocations: [{ points: -60, contributor: { maskedCard: mask(adult), isYou: true } }],
  });
  expect(stranger.data).toEqual({ posting: null });
});

test('a merchant knows no household by two members who paid with points of the same lots', async () => {
  const { head, adult } = await world.family();
  const member = { cardNumber: adult.cardNumber };
  await registerMember(world.accounts, world.cafe, 'C-1', member);

  await act(world.accounts, world.cafe.caller, 'issuePoints', { member, points: 200 });
  await world.contribute(adult, 1_150);
  await world.contribute(head, 100);
  const query = `query ($id: ID!) { posting(id: $id) { allocations { lotId points settlesArrears issuer { id } } } }`;
  interface Seen {
    posting: { allocations: { lotId: string; points: number; issuer: { id: string } | null }[] };
  }
  const seen = async (posted: Fields, caller = world.pets.caller) => {
    const { id } = posted['posting'] as { id: string };
    return (await world.accounts.send<Seen>(caller, query, { id })).posting.allocations;
  };
  const back = async (posted: Fields) => {
    const { id: postingId } = posted['posting'] as { id: string };
    return act(world.accounts, world.pets.caller, 'reversePosting', {
      postingId,
      points: 50,
      reason: 'back',
    });
  };

  const postings = [await world.pay(adult, 500), await world.pay(head, 100), await world.pay(head, 600)];
  postings.push(await back(postings[0]!), await back(postings[1]!));

  const told = await Promise.all(postings.map((posted) => seen(posted)));
  const own = { id: world.pets.id };
  expect(told.map((parts) => parts.map(({ points, issuer }) => ({ points, issuer })))).toEqual([
    [{ points: -500, issuer: own }],
    [{ points: -100, issuer: own }],
    [
      { points: -450, issuer: own },
      { points: -150, issuer: null },
    ],
    [{ points: 50, issuer: own }],
    [{ points: 50, issuer: own }],
  ]);
  const ids = told.flatMap((parts) => parts.map(({ lotId }) => lotId));
  expect(new Set(ids).size).toBe(ids.length);
  const lots = (await Promise.all(postings.map((posted) => seen(posted, operator)))).flat();
  expect(new Set(lots.map(({ lotId }) => lotId)).size).toBeLessThan(lots.length);
  expect(ids.filter((id) => lots.some(({ lotId }) => lotId === id))).toEqual([]);
});

test('a till cannot tell by what it is refused who is of one household, nor what a head allows', async () => {
  const { head, adult, child } = await world.family();
  await world.contribute(adult, 321);
  const alone = await world.newMember();
  await world.home(alone, 'createHousehold', { name: 'Alone' });
  const too = 99_999_999;

  const [one, other, stranger] = [
    await world.refused(() => world.pay(head, too)),
    await world.refused(() => world.pay(adult, too)),
    await world.refused(() => world.pay(alone, too)),
  ];

  expect(one).toEqual({
    __typename: 'NotEnoughPoints',
    code: 'NOT_ENOUGH_POINTS',
    message: 'The pool does not have the points.',
    ...{ available: null, shortBy: null, availableFrom: null },
  });
  expect([other, stranger]).toEqual([one, one]);
  const monthly = { per: 'MONTH', limit: null, left: null, leftFrom: '2026-02-01T00:00:00.000Z' };
  expect(await world.refused(() => world.pay(child, too))).toEqual({
    __typename: 'HouseholdLimitExceeded',
    code: 'HOUSEHOLD_LIMIT_EXCEEDED',
    message: 'It is more than the member may spend of the pool in what is left of the month.',
    ...monthly,
  });
  await world.home(head, 'setHouseholdLimits', {
    householdMemberId: await world.seatOf(head, child),
    perRedemption: 50,
  });
  expect(await world.refused(() => world.pay(child, too))).toMatchObject({
    message: 'It is more than the member may spend of the pool at once.',
    ...{ per: 'REDEMPTION', limit: null, left: null, leftFrom: null },
  });
  expect(await world.refused(() => world.pay(head, too, { fromHousehold: false }))).toMatchObject({
    available: 1_000,
    shortBy: too - 1_000,
  });
});

test('a child spends what its head allows, gives nothing away and plays no games of chance', async () => {
  const { head, adult, child } = await world.family();
  await world.contribute(adult, 500);

  expect(await world.refused(() => world.pay(child, 1))).toMatchObject({
    __typename: 'HouseholdLimitExceeded',
    code: 'HOUSEHOLD_LIMIT_EXCEEDED',
  });
  const householdMemberId = await world.seatOf(head, child);
  const limits = { householdMemberId, perRedemption: 50, perMonth: 80 };
  expect(kind(await world.home(head, 'setHouseholdLimits', limits))).toBe('HouseholdChanged');
  expect(kind(await world.pay(child, 51))).toBe('HouseholdLimitExceeded');
  expect(kind(await world.pay(child, 50))).toBe('PointsPosted');
  expect(kind(await world.pay(child, 31))).toBe('HouseholdLimitExceeded');
  expect(kind(await world.pay(child, 30))).toBe('PointsPosted');

  const give = { toCardNumber: adult.cardNumber, points: 1 };
  expect(
    await world.refused(() => act(world.accounts, asMember(child.id), 'transferPoints', give)),
  ).toMatchObject({
    __typename: 'NotForChildren',
    code: 'NOT_FOR_CHILDREN',
  });
  const entities = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Member { mayPlayGamesOfChance } } }`;
  const of = [child, adult, await world.newMember()].map(({ id }) => ({ __typename: 'Member', id }));
  expect(await world.accounts.send(asService(), entities, { of })).toEqual({
    _entities: [
      { mayPlayGamesOfChance: false },
      { mayPlayGamesOfChance: true },
      { mayPlayGamesOfChance: true },
    ],
  });
});

test('a reversed payment from the pool goes back there, and to the wallet of one who left meanwhile', async () => {
  const { head, adult } = await world.family();
  await world.contribute(adult, 100);
  const paid = (await world.pay(head, 100)) as { posting: { id: string } };
  const reverse = (points: number) =>
    act(world.accounts, world.pets.caller, 'reversePosting', {
      postingId: paid.posting.id,
      points,
      reason: 'returned',
    });

  expect(await reverse(40)).toMatchObject({ __typename: 'PointsPosted', wallet: { available: 1000 } });
  expect(await world.householdOf(head)).toMatchObject({ pool: { available: 40 } });
  await world.home(adult, 'leaveHousehold');
  expect(await world.available(adult)).toBe(940);
  await reverse(60);
  expect(await world.available(adult)).toBe(1000);
  expect(await world.householdOf(head)).toMatchObject({ pool: { available: 0 } });
});

test('a purchase all of whose points are in the pool is taken back from there', async () => {
  const { head, adult } = await world.family();
  await world.home(adult, 'contributeToHousehold', { points: 1_000 });
  await world.home(head, 'contributeToHousehold', { points: 1_000 });
  const earned = await act(world.accounts, world.pets.caller, 'issuePoints', {
    member: { id: head.id },
    points: 70,
  });
  await world.home(head, 'contributeToHousehold', { points: 70 });

  const returned = await act(world.accounts, world.pets.caller, 'reversePosting', {
    postingId: (earned['posting'] as { id: string }).id,
    reason: 'returned',
  });

  expect(returned).toMatchObject({ __typename: 'PointsPosted' });
  expect(await walletOf(world.accounts, head.id)).toMatchObject({ available: 0, arrears: 0 });
  expect(await world.householdOf(head)).toMatchObject({ pool: { available: 2_000 } });
});

test('a hold reserves in the pool within the limits, and refuses who has no household', async () => {
  const { head, adult } = await world.family();
  const stranger = await world.newMember();
  await world.contribute(adult, 100);
  const ask = (memberId: string, points: number) =>
    act(world.accounts, asService(), 'holdPoints', {
      memberId,
      merchantId: world.cafe.id,
      programme: 'SHARED',
      points,
      fromHousehold: true,
    });

  expect(kind(await world.refused(() => ask(stranger.id, 1)))).toBe('NotInHousehold');
  const held = (await ask(head.id, 70)) as { hold: { id: string } };
  expect(await world.refused(() => ask(head.id, 31))).toMatchObject({
    __typename: 'NotEnoughPoints',
    shortBy: 1,
  });
  expect(await world.householdOf(head)).toMatchObject({ pool: { available: 30, held: 70 } });
  await world.home(adult, 'leaveHousehold');
  expect(await world.available(adult)).toBe(930);
  await act(world.accounts, asService(), 'capturePoints', { holdId: held.hold.id, points: 50 });
  expect(await world.available(adult)).toBe(950);
});

test('a statement says what was pooled and what came back, and adds up', async () => {
  const { head, adult } = await world.family();
  await world.contribute(adult, 100);
  await world.pay(head, 30);
  await world.home(adult, 'leaveHousehold');
  const month = world.accounts.clock.now().toISOString().slice(0, 7);
  const query = `query ($id: ID!, $month: String!) { member(id: $id) { statement(month: $month) {
    programmes { opening contributed takenBack other closing } } } }`;

  const { member } = await world.accounts.send<{ member: { statement: { programmes: Fields[] } } }>(
    asMember(adult.id),
    query,
    { id: adult.id, month },
  );

  expect(member.statement.programmes).toEqual([
    { opening: 0, contributed: -100, takenBack: 70, other: 0, closing: 970 },
  ]);
});
