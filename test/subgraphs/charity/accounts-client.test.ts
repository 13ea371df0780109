import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { describe, expect, test } from '@jest/globals';
import { parse, validate } from 'graphql';
import { readSubgraphSchema } from '../../../schema/subgraphs.ts';
import { accountsOperations, createAccountsPort } from '../../../subgraphs/charity/accounts-client.ts';
import type { Donation } from '../../../subgraphs/charity/donation/donation.ts';
import { createServiceClient } from '../../../subgraphs/shared/service-client.ts';
import {
  donateMutation,
  freshKey,
  givenCause,
  key,
  memberCaller,
  startCharityWorld,
} from './charity-world.ts';

const donation: Donation = {
  id: 'don_1',
  causeId: 'cau_1',
  causeName: 'Harbour Cats',
  memberId: 'mem_1',
  locale: 'en',
  merchantIds: [],
  actor: { kind: 'MEMBER', memberId: 'mem_1' },
  points: 100n,
  programme: 'SHARED',
  status: 'PENDING',
  at: new Date('2026-11-22T08:00:00Z'),
  matches: [],
  receiptNumber: null,
  postingId: null,
  refusal: null,
  inputHash: 'hash',
  attemptId: null,
  attemptUntil: null,
  doubtUntil: null,
};

/** Accounts that always answers so, and what it was asked. */
function answering(postDonation: object) {
  const asked: unknown[] = [];
  const client = {
    send: async <T>(_: string, variables: object, actor?: object) => {
      asked.push({ variables, actor });
      return { postDonation } as T;
    },
    close: async () => {},
  };
  const port = createAccountsPort(client, async () => 'animal rescue');
  return { port, asked };
}

test.each(Object.entries(accountsOperations))('%s is an operation that accounts has', (_, operation) => {
  const schema = buildSubgraphSchema({ typeDefs: readSubgraphSchema('accounts') });

  expect(validate(schema, parse(operation))).toEqual([]);
});

describe('taking points', () => {
  test("goes under the donation's own key, on behalf of whoever gave", async () => {
    const { port, asked } = answering({ __typename: 'PointsPosted', posting: { id: 'pos_1' } });

    expect(await port.takePoints(donation)).toEqual({ kind: 'Posted', postingId: 'pos_1' });
    expect(asked).toEqual([
      {
        actor: donation.actor,
        variables: {
          input: {
            idempotencyKey: 'donation:don_1',
            memberId: 'mem_1',
            causeId: 'cau_1',
            programme: 'SHARED',
            points: 100n,
            reason: 'Donation don_1',
            note: { name: 'Harbour Cats', categories: ['animal rescue'], goods: [] },
          },
        },
      },
    ]);
  });

  test.each([
    [
      { __typename: 'NotEnoughPoints', available: 1, shortBy: 99, availableFrom: '2026-12-01T00:00:00.000Z' },
      {
        kind: 'NotEnoughPoints',
        available: 1n,
        shortBy: 99n,
        availableFrom: new Date('2026-12-01T00:00:00Z'),
      },
    ],
    [
      { __typename: 'NotFound', what: 'PROGRAMME', id: 'GREEN' },
      { kind: 'NotFound', what: 'PROGRAMME', id: 'GREEN' },
    ],
    [
      { __typename: 'InvalidInput', field: 'input.points', expected: 'fewer' },
      { kind: 'InvalidInput', field: 'input.points', expected: 'fewer' },
    ],
  ])('gives the refusal %j', async (answer, refusal) => {
    expect(await answering(answer).port.takePoints(donation)).toEqual(refusal);
  });

  test('takes a conflict over the own key, or an answer of another shape, for a fault', async () => {
    const conflict = answering({ __typename: 'IdempotencyConflict', message: 'used' });
    const strange = answering({ __typename: 'PointsPosted' });

    await expect(conflict.port.takePoints(donation)).rejects.toThrow('accounts: used');
    await expect(strange.port.takePoints(donation)).rejects.toThrow();
  });

  test('tells a request that was never received from one whose answer is missing', async () => {
    const server = createServer((request) => request.socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const client = createServiceClient({ service: 'charity', url, key });
    const port = createAccountsPort(client);

    await expect(port.takePoints(donation)).rejects.toThrow();
    await new Promise((resolve) => server.close(resolve));
    expect(await port.takePoints(donation)).toEqual({ kind: 'Unreachable' });
    await client.close();
  });
});

test('without accounts a donation is answered as not settled, and nothing is written', async () => {
  const world = await startCharityWorld();
  const causeId = await givenCause(world);
  await world.accounts.stop();

  const input = { idempotencyKey: freshKey(), causeId, points: 1 };
  const { errors } = await world.send(memberCaller('mem_1'), donateMutation, { input });

  expect(errors!.map((error) => error.extensions)).toEqual([{ code: 'SERVICE_UNAVAILABLE' }]);
  const { data } = await world.send(
    memberCaller('mem_1'),
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Member { donations { edges { cursor } } } } }',
    { of: [{ __typename: 'Member', id: 'mem_1', registeredBy: [] }] },
  );
  expect(data._entities[0].donations.edges).toEqual([]);
  await world.charity.stop();
  await world.mongo.stop();
});
