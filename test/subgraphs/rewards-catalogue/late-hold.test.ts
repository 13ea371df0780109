import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import type { AccountsPort } from '../../../subgraphs/rewards-catalogue/accounts-port.ts';
import { advanceRedemption } from '../../../subgraphs/rewards-catalogue/redemption/advance-redemption.ts';
import { newRedemption } from '../../../subgraphs/rewards-catalogue/redemption/redemption.ts';
import type { Reward } from '../../../subgraphs/rewards-catalogue/reward/reward.ts';
import { createPorts } from '../../../subgraphs/rewards-catalogue/start.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';

let mongo: TestMongo;
let connection: Connection;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('catalogue'));
});

afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const reward: Reward = {
  ...{
    id: 'rew_1',
    merchantId: 'mer_1',
    programme: 'SHARED',
    name: 'A toy',
    description: '',
    category: 'toy',
  },
  ...{
    points: 100n,
    voucherValue: null,
    status: 'PUBLISHED',
    availableFrom: new Date(0),
    availableUntil: null,
  },
  ...{ stock: null, limitPerMember: null, voucherValidityDays: 1 },
  terms: { delivery: 'x', use: 'x', exclusions: 'x', cancellation: 'x' },
};

test('a hold got after another attempt was refused and ended the redemption is released', async () => {
  const refused = { kind: 'NotEnoughPoints', available: 0n, shortBy: 100n, availableFrom: null } as const;
  let late: (answer: { kind: 'Held'; holdId: string }) => void = () => {};
  const answers = [
    Promise.resolve(refused),
    new Promise<{ kind: 'Held'; holdId: string }>((resolve) => {
      late = resolve;
    }),
  ];
  const voided: string[] = [];
  const accounts = {
    holdPoints: () => answers.shift()!,
    voidHold: async (holdId: string) => {
      voided.push(holdId);
      return { kind: 'Released' };
    },
  } as unknown as AccountsPort;
  const ports = createPorts(connection, accounts, {});
  await buildIndexes(connection);
  const record = newRedemption({
    fromHousehold: false,
    ...{ id: 'red_1', reward, memberId: 'mem_1', actor: { kind: 'MEMBER', memberId: 'mem_1' } },
    request: { caller: 'member:mem_1', key: 'k', inputHash: 'h' },
    now: new Date(),
  });
  await ports.redemptions.insert(record);

  const first = await advanceRedemption(ports, record);
  const second = advanceRedemption(ports, { ...record, step: 'HOLD' });
  late({ kind: 'Held', holdId: 'hol_1' });

  expect(first).toMatchObject({ status: 'FAILED', failure: refused, holdId: null });
  expect(await second).toMatchObject({ status: 'FAILED', holdId: null });
  expect(voided).toEqual(['hol_1']);
});
