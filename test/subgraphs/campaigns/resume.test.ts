import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import {
  buy,
  type CampaignsWorld,
  fresh,
  givenCampaign,
  perYuan,
  petShop,
  purchaseInput,
  purchaseMutation,
  returnMutation,
  startCampaignsWorld,
} from './campaigns-world.ts';

let world: CampaignsWorld;
beforeEach(async () => {
  world = await startCampaignsWorld({ sweepEveryMs: 50 });
  await givenCampaign(world, [perYuan]);
});
afterEach(() => world.stop());

const lost = async () => {
  throw new Error('lost');
};
const send = async (mutation: string, input: object) =>
  (await world.ask(petShop, mutation, { input })).errors.length;
const pending = (collection: string) =>
  world.connection.collection(collection).countDocuments({ state: 'PENDING' });

test.each(['before', 'after'] as const)(
  'a purchase whose answer was lost %s the posting is finished by the sweeper, once',
  async (when) => {
    world.accounts[when] = lost;
    expect(await send(purchaseMutation, purchaseInput())).toBe(1);
    world.accounts[when] = async () => {};

    world.clock.advance({ seconds: 6 });
    await until(async () => (await pending('purchases')) === 0);

    const [purchase] = await world.connection.collection('purchases').find().toArray();
    expect(purchase).toMatchObject({ state: 'RECORDED', postingId: 'pos_1' });
    expect(world.accounts.postings.size).toBe(1);
  },
);

test.each(['before', 'after'] as const)(
  'a return whose answer was lost %s the reversal is finished by the sweeper, once',
  async (when) => {
    const purchase = await buy(world);
    world.accounts[when] = lost;
    const input = { idempotencyKey: fresh('key'), purchaseId: purchase.id, externalRef: fresh('return') };
    expect(await send(returnMutation, input)).toBe(1);
    world.accounts[when] = async () => {};

    world.clock.advance({ seconds: 6 });
    await until(async () => (await pending('purchase_returns')) === 0);

    const [record] = await world.connection.collection('purchase_returns').find().toArray();
    expect(record).toMatchObject({ state: 'RECORDED', postingId: 'pos_2' });
    expect(world.accounts.postings.size).toBe(2);
  },
);

test('a purchase is left to the request that made it for five seconds', async () => {
  world.accounts.before = lost;
  await send(purchaseMutation, purchaseInput());
  world.accounts.before = async () => {};
  const calls = world.accounts.calls.length;

  world.clock.advance({ seconds: 4 });
  await new Promise((resolve) => setTimeout(resolve, 300));

  expect(world.accounts.calls.length).toBe(calls);
  expect(await pending('purchases')).toBe(1);
});

const noMember = { __typename: 'NotFound', code: 'NOT_FOUND', message: 'x', what: 'MEMBER', id: 'x' };

/** Waits until the ledger was asked `times` more, and whoever asked has heard. */
async function asked(times: number): Promise<void> {
  const before = world.accounts.calls.length;
  await until(async () => world.accounts.calls.length >= before + times);
  await new Promise((resolve) => setTimeout(resolve, 100));
}

test('what the ledger turns down is withdrawn by the sweeper once no lost attempt can arrive any more', async () => {
  world.accounts.before = lost;
  await send(purchaseMutation, purchaseInput());
  world.accounts.before = async () => {};
  world.accounts.refusal = noMember;

  world.clock.advance({ seconds: 60 });
  await asked(1);
  expect(await pending('purchases')).toBe(1);

  world.clock.advance({ seconds: 11 });
  await until(async () => (await pending('purchases')) === 0);
  expect(await world.connection.collection('purchases').countDocuments()).toBe(0);
  expect(world.accounts.postings.size).toBe(0);
});

test('a refusal proves nothing while an attempt is held up on its way: if that arrives, the return has what it took', async () => {
  const purchase = await buy(world);
  const input = { idempotencyKey: fresh('key'), purchaseId: purchase.id, externalRef: fresh('return') };
  let arrive = (): void => {};
  world.accounts.before = () => new Promise((resolve) => (arrive = resolve));
  const first = world.ask(petShop, returnMutation, { input });
  await until(async () => world.accounts.calls.some(({ operation }) => operation === 'reversePosting'));
  world.accounts.before = async () => {};
  world.accounts.refusal = {
    __typename: 'NotReversible',
    code: 'NOT_REVERSIBLE',
    message: 'x',
    remaining: 0,
  };

  const again = await world.ask(petShop, returnMutation, { input });
  expect(again.errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
  expect(await pending('purchase_returns')).toBe(1);

  world.accounts.refusal = null;
  arrive();
  await first;

  const [kept] = await world.connection.collection('purchases').find().toArray();
  expect(kept).toMatchObject({ pointsReturned: 70n });
  const [record] = await world.connection.collection('purchase_returns').find().toArray();
  expect(record).toMatchObject({ state: 'RECORDED', postingId: 'pos_2' });
  expect(record).not.toHaveProperty('attempts');
  expect(world.accounts.postings.size).toBe(2);
});

test('two processes on one store and the till together earn once', async () => {
  const other = await world.startAnother();
  const input = purchaseInput();
  world.accounts.before = lost;
  await send(purchaseMutation, input);
  world.accounts.before = async () => {};
  world.clock.advance({ seconds: 6 });

  const all = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      (i % 2 ? other : world).send<{ recordPurchase: { __typename: string } }>(petShop, purchaseMutation, {
        input,
      }),
    ),
  );
  await until(async () => (await pending('purchases')) === 0);

  expect(all.map(({ recordPurchase }) => recordPurchase.__typename)).toEqual(
    Array(10).fill('PurchaseRecorded'),
  );
  expect(world.accounts.postings.size).toBe(1);
});
