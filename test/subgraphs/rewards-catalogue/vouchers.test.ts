import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { anyone, asMember, asMerchant, auditor, newKey, operator, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.time = null;
  world.accounts.faults.length = 0;
});

const shop = asMerchant('mer_shop');

async function voucher(input: Record<string, unknown> = {}) {
  const rewardId = await world.reward(input);
  const memberId = world.accounts.addMember({ points: 100 });
  const { redemption } = await world.redeem(asMember(memberId), { rewardId });
  return { rewardId, memberId, redemptionId: redemption.id, ...redemption.voucher } as {
    rewardId: string;
    memberId: string;
    redemptionId: string;
    id: string;
    code: string;
    expiresAt: string;
  };
}

const stateOf = async (id: string) => (await world.documents('vouchers')).find(({ _id }) => _id === id).state;

test('a till takes a voucher, typed in any way, and the answer tells for which sale', async () => {
  const { code } = await voucher();

  const answer = await world.consume(shop, {
    code: ` ${code.toLowerCase().replaceAll('-', ' ')}`,
    externalRef: 't-1',
  });

  expect(answer).toMatchObject({
    __typename: 'VoucherConsumed',
    replayed: false,
    voucher: { code, status: 'CONSUMED', consumedRef: 't-1', consumedAt: expect.any(String) },
  });
});

test('of 20 tills at once with sales of their own, exactly one takes it', async () => {
  const { code } = await voucher();

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, till) => world.consume(shop, { code, externalRef: `race-${till}` })),
  );

  expect(answers.filter(({ __typename }) => __typename === 'VoucherConsumed')).toHaveLength(1);
  const refused = answers.filter(({ __typename }) => __typename === 'VoucherNotUsable');
  expect(refused).toHaveLength(19);
  expect(refused.every(({ status, consumedAt }) => status === 'CONSUMED' && consumedAt !== null)).toBe(true);
});

test('the same sale again, under the same key or another, is told that it was taken', async () => {
  const { code } = await voucher();
  const input = { code, externalRef: 't-2', idempotencyKey: newKey() };

  const answers = await Promise.all(Array.from({ length: 10 }, () => world.consume(shop, input)));
  const otherKey = await world.consume(shop, { ...input, idempotencyKey: newKey() });
  const typedOtherwise = await world.consume(shop, { ...input, code: code.toLowerCase() });
  const otherSale = await world.consume(shop, { code, externalRef: 't-3' });

  expect(answers.filter(({ replayed }) => replayed === false)).toHaveLength(1);
  expect(answers.filter(({ replayed }) => replayed === true)).toHaveLength(9);
  expect(otherKey).toMatchObject({ __typename: 'VoucherConsumed', replayed: true });
  expect(typedOtherwise).toMatchObject({ __typename: 'VoucherConsumed', replayed: true });
  expect(otherSale).toMatchObject({
    __typename: 'VoucherNotUsable',
    code: 'VOUCHER_NOT_USABLE',
    status: 'CONSUMED',
  });
});

test('a sale whose reference looks like that of another takes no voucher; spaces at its ends do not matter', async () => {
  const { id, code } = await voucher();

  const odd = await world.consume(shop, { code, externalRef: 't-9\u200b' });
  const untouched = await stateOf(id);
  const taken = await world.consume(shop, { code, externalRef: ' t-9 ' });
  const again = await world.consume(shop, { code, externalRef: 't-9' });

  expect(odd).toMatchObject({ __typename: 'InvalidInput' });
  expect(untouched).toBe('ACTIVE');
  expect([taken, again]).toMatchObject([{ replayed: false }, { replayed: true }]);
});

test('one sale may take several vouchers; one key only one', async () => {
  const [first, second] = [await voucher(), await voucher()];
  const idempotencyKey = newKey();

  const taken = await world.consume(shop, { code: first.code, externalRef: 't-4', idempotencyKey });
  const conflict = await world.consume(shop, { code: second.code, externalRef: 't-4', idempotencyKey });
  const untouched = await stateOf(second.id);
  const also = await world.consume(shop, { code: second.code, externalRef: 't-4' });

  expect(taken.__typename).toBe('VoucherConsumed');
  expect(conflict.__typename).toBe('IdempotencyConflict');
  expect(untouched).toBe('ACTIVE');
  expect(also).toMatchObject({ __typename: 'VoucherConsumed', replayed: false });
});

test('two vouchers at once under one key: one is taken, the other refused', async () => {
  const both = [await voucher(), await voucher()];
  const idempotencyKey = newKey();

  const answers = await Promise.all(
    both.map(({ code }) => world.consume(shop, { code, externalRef: 't-5', idempotencyKey })),
  );

  expect(new Set(answers.map(({ __typename }) => __typename))).toEqual(
    new Set(['IdempotencyConflict', 'VoucherConsumed']),
  );
});

test('an expired voucher is refused from the instant of its expiry', async () => {
  const [early, late] = [
    await voucher({ voucherValidityDays: 1 }),
    await voucher({ voucherValidityDays: 1 }),
  ];

  world.time = new Date(Date.parse(early.expiresAt) - 1);
  const inTime = await world.consume(shop, { code: early.code, externalRef: 't-6' });
  world.time = new Date(late.expiresAt);
  const tooLate = await world.consume(shop, { code: late.code, externalRef: 't-7' });

  expect(inTime.__typename).toBe('VoucherConsumed');
  expect(tooLate).toMatchObject({ __typename: 'VoucherNotUsable', status: 'EXPIRED', consumedAt: null });
  expect(await stateOf(late.id)).toBe('ACTIVE');
});

test('a void voucher is refused', async () => {
  const { code, memberId, redemptionId } = await voucher();
  await world.cancel(asMember(memberId), { redemptionId, reason: 'no' });

  const answer = await world.consume(shop, { code, externalRef: 't-8' });

  expect(answer).toMatchObject({ __typename: 'VoucherNotUsable', status: 'VOID', consumedAt: null });
});

test('refusals come in order: input, key, not found, not usable', async () => {
  const { code } = await voucher();
  const used = newKey();
  await world.consume(shop, { code, externalRef: 't-9', idempotencyKey: used });
  const wrong = `${code.slice(0, -1)}${code.endsWith('2') ? '3' : '2'}`;
  const unknown = '2222-2222-2222-2222';

  const badKey = await world.consume(shop, { code: wrong, externalRef: '', idempotencyKey: '' });
  const badCode = await world.consume(shop, { code: wrong, externalRef: 't', idempotencyKey: used });
  const badRef = await world.consume(shop, { code, externalRef: ' ', idempotencyKey: used });
  const conflict = await world.consume(shop, { code: unknown, externalRef: 't', idempotencyKey: used });
  const notFound = await world.consume(shop, { code: unknown, externalRef: 't' });

  expect(badKey).toMatchObject({ __typename: 'InvalidInput', field: 'input.idempotencyKey' });
  expect(badCode).toMatchObject({ __typename: 'InvalidInput', field: 'input.code' });
  expect(badRef).toMatchObject({ __typename: 'InvalidInput', field: 'input.externalRef' });
  expect(conflict.__typename).toBe('IdempotencyConflict');
  expect(notFound).toMatchObject({ __typename: 'NotFound', what: 'VOUCHER' });
});

test("another merchant cannot take a voucher, nor learn that there is one, though its member's", async () => {
  const rewardId = await world.reward();
  world.accounts.addMember({ points: 100, registeredBy: ['mer_cafe'], reference: 'v-1' });
  const { redemption } = await world.redeem(asMerchant('mer_cafe'), {
    rewardId,
    member: { reference: 'v-1' },
  });
  const { code, id } = redemption.voucher;

  const answer = await world.consume(asMerchant('mer_cafe'), { code, externalRef: 't-10' });
  const asked = await world.ask(
    asMerchant('mer_cafe'),
    'query ($code: String!) { voucher(code: $code) { id } }',
    { code },
  );

  expect(answer).toMatchObject({ __typename: 'NotFound', what: 'VOUCHER' });
  expect(asked.data).toEqual({ voucher: null });
  expect(await stateOf(id)).toBe('ACTIVE');
});

test('nobody sees a voucher before its redemption is confirmed', async () => {
  const rewardId = await world.reward();
  const memberId = world.accounts.addMember({ points: 100 });
  world.accounts.faults.push({ operation: 'capturePoints', when: 'before', times: 1 });
  await world.ask(
    asMember(memberId),
    'mutation ($input: RedeemRewardInput!) { redeemReward(input: $input) { __typename } }',
    { input: { rewardId, idempotencyKey: newKey() } },
  );
  const hidden = (await world.documents('vouchers')).find((document) => document.rewardId === rewardId);

  const consumed = await world.consume(shop, { code: hidden.code, externalRef: 't-11' });
  const asked = await world.ask(shop, 'query ($code: String!) { voucher(code: $code) { id } }', {
    code: hidden.code,
  });
  const pending = await world.ask(
    asMember(memberId),
    `query ($id: ID!, $representations: [_Any!]!) {
      redemption(id: $id) { status voucher { id } confirmedAt }
      _entities(representations: $representations) { ... on Member { vouchers { id } } ... on Voucher { id } }
    }`,
    {
      id: hidden.redemptionId,
      representations: [
        { __typename: 'Member', id: memberId, registeredBy: [] },
        { __typename: 'Voucher', id: hidden._id },
      ],
    },
  );

  expect(hidden.state).toBe('RESERVED');
  expect(consumed).toMatchObject({ __typename: 'NotFound' });
  expect(asked.data.voucher).toBeNull();
  expect(pending.data).toEqual({
    redemption: { status: 'PENDING', voucher: null, confirmedAt: null },
    _entities: [{ vouchers: [] }, null],
  });
});

test('voucher(code) tells its merchant, the operator and the auditor all about it', async () => {
  const { code, id, rewardId } = await voucher({ voucherValue: { amountMinor: 500, currency: 'CNY' } });
  const query = `query ($code: String!) { voucher(code: $code) {
    id code status reward { id } value { amountMinor currency } consumedAt consumedRef } }`;
  const expected = {
    voucher: {
      id,
      code,
      status: 'ACTIVE',
      reward: { id: rewardId },
      value: { amountMinor: 500, currency: 'CNY' },
      consumedAt: null,
      consumedRef: null,
    },
  };

  for (const caller of [shop, operator, auditor])
    expect((await world.ask(caller, query, { code })).data).toEqual(expected);

  const mistyped = await world.ask(shop, query, { code: 'ABCD' });
  expect(mistyped.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test.each([
  ['anyone', anyone, 'UNAUTHENTICATED'],
  ['a member', asMember('mem_1'), 'FORBIDDEN'],
  ['a merchant without the scope', asMerchant('mer_shop', ['READ']), 'FORBIDDEN'],
])('voucher(code) and consumeVoucher refuse %s', async (_, caller, code) => {
  const query = await world.ask(caller, 'query { voucher(code: "x") { id } }');
  const mutation = await world.ask(
    caller,
    'mutation { consumeVoucher(input: { idempotencyKey: "k", code: "x", externalRef: "r" }) { __typename } }',
  );

  expect(query.errors).toMatchObject([{ extensions: { code } }]);
  expect(mutation.errors).toMatchObject([{ extensions: { code } }]);
});
