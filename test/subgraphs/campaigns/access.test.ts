import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import {
  adviser,
  asMember,
  asMerchant,
  asService,
  auditor,
  charity,
  everyScope,
  nobody,
  operator,
} from '../../support/callers.ts';
import {
  buy,
  type CampaignsWorld,
  cafe,
  campaignInput,
  createMutation,
  fresh,
  givenCampaign,
  perYuan,
  petShop,
  publishMutation,
  purchaseInput,
  purchaseMutation,
  returnMutation,
  startCampaignsWorld,
} from './campaigns-world.ts';

let world: CampaignsWorld;
let petPurchase: string;
let cafePurchase: string;

beforeAll(async () => {
  world = await startCampaignsWorld();
  await givenCampaign(world, [perYuan]);
  petPurchase = (await buy(world, { externalRef: 'receipt-1' })).id;
  cafePurchase = (await buy(world, { member: { reference: 'a-1' } }, cafe)).id;
  await buy(world, { member: { reference: 'bob' } }, cafe);
});
afterAll(() => world.stop());

const callers: Record<string, Caller> = {
  nobody,
  ann: asMember('mem_ann'),
  bob: asMember('mem_bob'),
  petShop,
  cafe,
  operator,
  auditor,
  adviser,
  charity,
  service: asService(),
};

const codeOf = async (caller: Caller, operation: string, variables: object = {}) => {
  const { errors } = await world.ask(caller, operation, variables);
  return errors[0]?.extensions.code ?? 'OK';
};

/** What every caller gets; those that are not named get FORBIDDEN. */
async function table(operation: string, variables: object, expected: Record<string, string>): Promise<void> {
  const codes: Record<string, string> = {};
  for (const [name, caller] of Object.entries(callers))
    codes[name] = await codeOf(caller, operation, variables);
  const forbidden = Object.fromEntries(Object.keys(callers).map((name) => [name, 'FORBIDDEN']));
  expect(codes).toEqual({ ...forbidden, nobody: 'UNAUTHENTICATED', ...expected });
}

describe('mutations', () => {
  test('recordPurchase and recordReturn are for merchants', async () => {
    await table(purchaseMutation, { input: purchaseInput() }, { petShop: 'OK', cafe: 'OK' });
    const input = { idempotencyKey: fresh('key'), purchaseId: 'pur_none', externalRef: fresh('return') };
    await table(returnMutation, { input }, { petShop: 'OK', cafe: 'OK' });
  });

  test('createCampaign and publishCampaign are for merchants and the operator', async () => {
    const may = { petShop: 'OK', cafe: 'OK', operator: 'OK' };
    await table(createMutation, { input: campaignInput() }, may);
    await table(publishMutation, { input: { campaignId: 'cam_none' } }, may);
  });

  test.each([
    ['PURCHASES', purchaseMutation, purchaseInput()],
    ['PURCHASES', returnMutation, { idempotencyKey: 'k', purchaseId: 'pur_none', externalRef: 'r' }],
    ['MANAGE', createMutation, campaignInput()],
    ['MANAGE', publishMutation, { campaignId: 'cam_none' }],
  ])('need the scope %s', async (scope, mutation, input) => {
    const others = everyScope.filter((one) => one !== scope);

    expect(await codeOf(asMerchant('mer_pet', others), mutation, { input })).toBe('FORBIDDEN');
    expect(await codeOf(asMerchant('mer_pet', [scope]), mutation, { input })).not.toBe('FORBIDDEN');
  });
});

describe('queries', () => {
  test('campaigns are public', async () => {
    const all = Object.fromEntries(Object.keys(callers).map((name) => [name, 'OK']));
    await table(
      `{ campaigns { edges { node { id name rules { code condition } terms { contact } } } } }`,
      {},
      all,
    );
    await table(`{ campaign(id: "cam_none") { id } }`, {}, all);
  });

  test('a purchase is asked for by members, merchants, the operator and auditors', async () => {
    const may = { ann: 'OK', bob: 'OK', petShop: 'OK', cafe: 'OK', operator: 'OK', auditor: 'OK' };
    await table(`query ($id: ID) { purchase(id: $id) { id } }`, { id: petPurchase }, may);
    expect(await codeOf(asMerchant('mer_pet', ['PURCHASES']), `{ purchase(id: "x") { id } }`)).toBe(
      'FORBIDDEN',
    );
  });

  test('and is seen by its member, its merchant, the operator and auditors; to others it does not exist', async () => {
    const seen: string[] = [];
    for (const name of ['ann', 'bob', 'petShop', 'cafe', 'operator', 'auditor']) {
      const query = `query ($id: ID) { purchase(id: $id) { id member { id } merchant { id } outcomes { ruleCode } } }`;
      const { purchase } = await world.send<{ purchase: object | null }>(callers[name]!, query, {
        id: petPurchase,
      });
      if (purchase) seen.push(name);
    }

    expect(seen).toEqual(['ann', 'petShop', 'operator', 'auditor']);
  });

  test("a merchant's reference is its own", async () => {
    const query = `{ purchase(externalRef: "receipt-1") { id } }`;

    expect(await world.send(petShop, query)).toEqual({ purchase: { id: petPurchase } });
    expect(await world.send(cafe, query)).toEqual({ purchase: null });
    expect(await codeOf(operator, query)).toBe('BAD_USER_INPUT');
    expect(await codeOf(petShop, '{ purchase { id } }')).toBe('BAD_USER_INPUT');
    expect(await codeOf(petShop, '{ purchase(id: "a", externalRef: "b") { id } }')).toBe('BAD_USER_INPUT');
  });
});

describe('entities', () => {
  const entity = (representation: string, fields: string) =>
    `{ _entities(representations: [${representation}]) { ${fields} } }`;
  const annOf = (registeredBy: string) =>
    `{ __typename: "Member", id: "mem_ann", registeredBy: ${registeredBy} }`;
  const purchases = '... on Member { purchases { edges { node { id } } } }';

  test("a member's purchases are for the member, its merchants, the operator, auditors and services", async () => {
    await table(
      entity(annOf('["mer_pet"]'), purchases),
      {},
      {
        ann: 'OK',
        petShop: 'OK',
        operator: 'OK',
        auditor: 'OK',
        // A service may ask for the connection, but a purchase is not for services.
        service: 'FORBIDDEN',
      },
    );
    await table(
      entity(annOf('["mer_pet"]'), '... on Member { runningCampaigns { id } }'),
      {},
      {
        ann: 'OK',
        petShop: 'OK',
        operator: 'OK',
        auditor: 'OK',
        service: 'OK',
      },
    );
  });

  test('a merchant sees those made with it, the member all, newest first', async () => {
    const idsFor = async (caller: Caller) => {
      const query = entity(annOf('["mer_pet", "mer_cafe"]'), purchases);
      const { _entities } = await world.send<{
        _entities: { purchases: { edges: { node: { id: string } }[] } }[];
      }>(caller, query);
      return _entities[0]!.purchases.edges
        .map(({ node }) => node.id)
        .filter((id) => [petPurchase, cafePurchase].includes(id));
    };

    expect(await idsFor(petShop)).toEqual([petPurchase]);
    expect(await idsFor(cafe)).toEqual([cafePurchase]);
    expect((await idsFor(callers['ann']!)).toSorted()).toEqual([petPurchase, cafePurchase].toSorted());
  });

  test('a member without what accounts knows is closed to merchants', async () => {
    const bare = '{ __typename: "Member", id: "mem_ann" }';

    expect(await codeOf(petShop, entity(bare, '... on Member { id }'))).toBe('FORBIDDEN');
    expect(await codeOf(callers['ann']!, entity(bare, '... on Member { id }'))).toBe('OK');
  });

  test('a purchase by id is null for those who may not see it', async () => {
    const query = entity(`{ __typename: "Purchase", id: "${petPurchase}" }`, '... on Purchase { id points }');

    expect(await world.send(cafe, query)).toEqual({ _entities: [null] });
    expect(await world.send(petShop, query)).toEqual({ _entities: [{ id: petPurchase, points: 70 }] });
  });

  test('who has no signed header is not let in', async () => {
    const { status } = await world.askWith({}, '{ campaigns { edges { cursor } } }');

    expect(status).toBe(401);
  });
});

test("a member's purchases come page by page, newest first", async () => {
  const at = (day: number) => `2026-05-0${day}T00:00:00Z`;
  const member = asMember('mem_bob');
  const ids: string[] = [];
  for (const day of [2, 1, 3])
    ids.push((await buy(world, { member: { reference: 'bob' }, at: at(day) }, cafe)).id);
  const page = async (after: string | null) => {
    const query = `query ($after: String) { _entities(representations: [{ __typename: "Member", id: "mem_bob", registeredBy: [] }]) {
      ... on Member { purchases(first: 2, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } } } }`;
    const { _entities } = await world.send<{
      _entities: [
        {
          purchases: {
            edges: { node: { id: string } }[];
            pageInfo: { hasNextPage: boolean; endCursor: string };
          };
        },
      ];
    }>(member, query, { after });
    return _entities[0].purchases;
  };

  const one = await page(null);
  const two = await page(one.pageInfo.endCursor);

  expect([one, two].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, false]);
  // The first of all is the one of today that the others bought before it.
  const all = [...one.edges, ...two.edges].map(({ node }) => node.id);
  expect(all.slice(1)).toEqual([ids[2], ids[0], ids[1]]);
});
