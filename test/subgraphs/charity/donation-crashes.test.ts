import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { pino } from 'pino';
import { newCause } from '../../../subgraphs/charity/cause/cause.ts';
import type { Ports } from '../../../subgraphs/charity/context.ts';
import { advanceDonation } from '../../../subgraphs/charity/donation/advance-donation.ts';
import { donatePoints } from '../../../subgraphs/charity/donation/donate-points.ts';
import { timing } from '../../../subgraphs/charity/donation/donation.ts';
import {
  type AccountsPort,
  DonationUnsettled,
  type TakenPoints,
} from '../../../subgraphs/charity/donation/donation-ports.ts';
import { resumeDonations } from '../../../subgraphs/charity/donation/resume-donations.ts';
import { newPledge } from '../../../subgraphs/charity/matching/pledge.ts';
import { createPorts } from '../../../subgraphs/charity/ports.ts';
import { newId } from '../../../subgraphs/shared/ids.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { until } from '../../support/until.ts';

let mongo: TestMongo;
let connection: Connection;
let ports: Ports;
let now: Date;
let balance: bigint;
let posted: Map<string, string>;

const limit = 500;
const anna = { kind: 'MEMBER', memberId: 'mem_1' } as const;
const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

/** Keeps one balance, and each donation's posting under its id. */
const accounts: AccountsPort = {
  resolveMember: async () => ({ id: 'mem_1', locale: 'en', registeredBy: ['mer_1'] }),
  takePoints: async ({ id, points }): Promise<TakenPoints> => {
    const earlier = posted.get(id);
    if (earlier) return { kind: 'Posted', postingId: earlier };
    if (balance < points)
      return { kind: 'NotEnoughPoints', available: balance, shortBy: points - balance, availableFrom: null };
    balance -= points;
    posted.set(id, `pos_${id}`);
    return { kind: 'Posted', postingId: `pos_${id}` };
  },
};

beforeAll(async () => {
  mongo = await startTestMongo();
});
afterAll(() => mongo.stop());

let causeId: string;
let pledgeId: string;

beforeEach(async () => {
  await connection.collection('donations').deleteMany({});
  now = new Date('2026-11-22T08:00:00Z');
  balance = 1_000n;
  posted = new Map();
});

beforeAll(async () => {
  connection = await connectMongo(mongo.uri, mongo.database('crashes'));
  ports = createPorts({
    connection,
    accounts,
    log: pino({ level: 'silent' }),
    clock: { now: () => now },
  });
  await buildIndexes(connection);
});
afterAll(() => connection.close());

const request = () => ({ caller: 'setup', key: newId('key'), inputHash: 'none' });

beforeEach(async () => {
  const terms = {
    name: 'Cats',
    description: 'd',
    kind: 'k',
    charityName: 'c',
    charityRegistrationNumber: '1',
  };
  const cause = newCause(newId('cau'), terms, now);
  await ports.causes.insert(cause, request());
  causeId = cause.id;
  const pledge = newPledge(
    newId('ple'),
    'mer_1',
    {
      causeId,
      goods: 'pet food',
      unit: 'g',
      pointsPerStep: 1n,
      quantityPerStep: 1,
      limitQuantity: limit,
      agreementRef: 'a',
    },
    now,
  );
  await ports.pledges.insert(pledge, request());
  pledgeId = pledge.id;
});

class Crash extends Error {}

/**
 * Ports of a process that dies before (or after) its nth call of any port, or the first of that name: that call and all
 * that follow throw. A transaction counts as a call of its own; after its commit is after it.
 */
function mortal(step: number | string, when: 'before' | 'after'): { ports: Ports; died: () => boolean } {
  let calls = 0;
  let dead = false;
  const wrap =
    (name: string, work: (...args: unknown[]) => Promise<unknown>) =>
    async (...args: unknown[]) => {
      if (dead) throw new Crash('dead');
      const mine = ++calls === step || name === step;
      if (mine && when === 'before') {
        dead = true;
        throw new Crash('died before');
      }
      const result = await work(...args);
      if (mine) dead = true;
      if (dead) throw new Crash('died after');
      return result;
    };
  const wrapAll = <T extends object>(port: T): T =>
    Object.fromEntries(Object.entries(port).map(([name, work]) => [name, wrap(name, work)])) as T;
  return {
    ports: {
      ...ports,
      accounts: wrapAll(ports.accounts),
      causes: wrapAll(ports.causes),
      pledges: wrapAll(ports.pledges),
      donations: wrapAll(ports.donations),
      receipts: wrapAll(ports.receipts),
      transaction: wrap(
        'transaction',
        ports.transaction as (...args: unknown[]) => Promise<unknown>,
      ) as Ports['transaction'],
    },
    died: () => dead,
  };
}

const give = (with_: Ports, idempotencyKey: string, points = 200n) =>
  donatePoints(with_, anna, { idempotencyKey, causeId, points });

const noFaults = (id: string, error: unknown) => {
  throw new Error(`${id}: ${String(error)}`);
};

async function everything() {
  const donations = await connection.collection('donations').find({ causeId }).toArray();
  const cause = await ports.causes.find(causeId);
  const [pledge] = await ports.pledges.findMany([pledgeId]);
  return {
    statuses: donations.map((each) => each['status']),
    taken: 1_000n - balance,
    reserved: limit - pledge!.remainingQuantity,
    confirmed: pledge!.confirmedQuantity,
    donated: cause!.pointsDonated,
    count: cause!.donationCount,
  };
}

const nothing = { taken: 0n, reserved: 0, confirmed: 0, donated: 0n, count: 0 };
const given = { taken: 200n, reserved: 200, confirmed: 200, donated: 200n, count: 1 };

describe('a process that dies at any step of a donation', () => {
  test.each(['before', 'after'] as const)(
    '(%s the step) leaves it whole after the sweep, once',
    async (when) => {
      let steps = 0;
      for (let n = 1; ; n++) {
        const life = mortal(n, when);
        const key = newId('key');
        const outcome = await give(life.ports, key).catch((error: unknown) => error);
        if (!life.died()) break;
        steps = n;
        expect(outcome).toBeInstanceOf(Crash);

        later(timing.leaseMs + timing.untouchedMs + 1);
        await resumeDonations(ports, noFaults);

        const found = await everything();
        expect(found).toEqual(
          found.statuses.length === 0 ? { ...nothing, statuses: [] } : { ...given, statuses: ['CONFIRMED'] },
        );
        const again = await give(ports, key);
        expect(again).toMatchObject({ kind: 'PointsDonated', replayed: found.statuses.length === 1 });
        expect(await everything()).toEqual({ ...given, statuses: ['CONFIRMED'] });
        await reset();
      }
      expect(steps).toBeGreaterThanOrEqual(14);
    },
  );

  test.each(['before', 'after'] as const)(
    '(%s the step) and is refused gives everything back',
    async (when) => {
      for (let n = 1; ; n++) {
        balance = 150n;
        const life = mortal(n, when);
        const key = newId('key');
        await give(life.ports, key).catch(() => {});
        if (!life.died()) break;

        later(timing.leaseMs + timing.untouchedMs + 1);
        await resumeDonations(ports, noFaults);
        later(timing.doubtMs);
        await resumeDonations(ports, noFaults);

        const { statuses, ...rest } = await everything();
        expect(rest).toEqual({ ...nothing, taken: 850n });
        expect(statuses.every((status) => status === 'FAILED')).toBe(true);
        expect(await give(ports, key)).toMatchObject({
          kind: 'NotEnoughPoints',
          available: 150n,
          shortBy: 50n,
        });
        await reset();
      }
    },
  );

  test('is carried on by the same request without waiting for the sweep', async () => {
    const life = mortal('takePoints', 'before');
    const key = newId('key');
    await give(life.ports, key).catch(() => {});
    expect(await everything()).toMatchObject({ statuses: ['PENDING'], reserved: 200, confirmed: 0 });

    later(timing.leaseMs);
    const outcome = await give(ports, key);

    expect(outcome).toMatchObject({ kind: 'PointsDonated', replayed: true });
    expect(await everything()).toEqual({ ...given, statuses: ['CONFIRMED'] });
  });
});

async function reset() {
  balance = 1_000n;
  posted.clear();
  await connection.collection('donations').deleteMany({ causeId });
  await connection
    .collection<{ _id: string }>('causes')
    .updateOne({ _id: causeId }, { $set: { pointsDonated: 0n, donationCount: 0 } });
  await connection
    .collection<{ _id: string }>('pledges')
    .updateOne({ _id: pledgeId }, { $set: { remainingQuantity: limit, confirmedQuantity: 0 } });
}

describe('an attempt whose end nobody saw', () => {
  const lostOnTheWay: AccountsPort = {
    ...accounts,
    takePoints: async () => {
      throw new Error('no answer');
    },
  };

  test('keeps a refusal from counting until it cannot arrive any more', async () => {
    const key = newId('key');
    await expect(give({ ...ports, accounts: lostOnTheWay }, key)).rejects.toThrow('no answer');
    balance = 150n;

    later(timing.doubtMs - 1);
    await expect(give(ports, key)).rejects.toThrow(DonationUnsettled);
    const doubtful = await everything();
    later(1);
    const outcome = await give(ports, key);

    expect(doubtful).toMatchObject({ statuses: ['PENDING'], reserved: 200 });
    expect(outcome).toMatchObject({ kind: 'NotEnoughPoints', shortBy: 50n });
    expect(await everything()).toMatchObject({ statuses: ['FAILED'], reserved: 0, confirmed: 0, count: 0 });
  });

  test('confirms at once when asked again with the points there', async () => {
    const key = newId('key');
    await expect(give({ ...ports, accounts: lostOnTheWay }, key)).rejects.toThrow('no answer');

    expect(await give(ports, key)).toMatchObject({ kind: 'PointsDonated', replayed: true });
    expect(await everything()).toEqual({ ...given, statuses: ['CONFIRMED'] });
  });

  test('that succeeds after all, when the record had failed, is confirmed with what the pledge has left', async () => {
    let arrive: (taken: TakenPoints) => void = () => {};
    const stuck: AccountsPort = {
      ...accounts,
      takePoints: () =>
        new Promise((resolve) => {
          arrive = resolve;
        }),
    };
    const key = newId('key');
    const first = give({ ...ports, accounts: stuck }, key);
    await untilPending();
    balance = 150n;
    later(timing.leaseMs);
    await give(ports, key).catch(() => {});
    later(timing.doubtMs);
    expect(await give(ports, key)).toMatchObject({ kind: 'NotEnoughPoints' });

    balance = 1_000n;
    const [{ _id: id }] = (await connection
      .collection('donations')
      .find({ causeId })
      .toArray()) as unknown as [{ _id: string }];
    arrive(await accounts.takePoints((await ports.donations.find(id))!));

    expect(await first).toMatchObject({ kind: 'PointsDonated', donation: { id, status: 'CONFIRMED' } });
    expect(await everything()).toEqual({ ...given, statuses: ['CONFIRMED'] });
  });

  test('that never left leaves no doubt: the next refusal counts', async () => {
    const key = newId('key');
    const unreachable: AccountsPort = { ...accounts, takePoints: async () => ({ kind: 'Unreachable' }) };
    await expect(give({ ...ports, accounts: unreachable }, key)).rejects.toThrow(DonationUnsettled);
    balance = 150n;

    expect(await give(ports, key)).toMatchObject({ kind: 'NotEnoughPoints' });
    expect(await everything()).toMatchObject({ statuses: ['FAILED'], reserved: 0 });
  });

  async function untilPending() {
    await until(async () => (await connection.collection('donations').countDocuments({ causeId })) > 0);
  }
});

describe('carrying on one donation from many sides at once', () => {
  test('takes the points once and counts them once', async () => {
    const life = mortal('takePoints', 'before');
    await give(life.ports, newId('key')).catch(() => {});
    const [record] = await connection.collection('donations').find({ causeId }).toArray();
    later(timing.leaseMs + timing.untouchedMs + 1);

    await Promise.all([
      ...Array.from({ length: 10 }, () => advanceDonation(ports, String(record!['_id']))),
      ...Array.from({ length: 5 }, () => resumeDonations(ports, noFaults)),
    ]);

    expect(await everything()).toEqual({ ...given, statuses: ['CONFIRMED'] });
  });
});

describe('the sweep', () => {
  test('leaves fresh records to the request that made them', async () => {
    const life = mortal('takePoints', 'before');
    await give(life.ports, newId('key')).catch(() => {});

    later(timing.leaseMs - 1);
    await resumeDonations(ports, noFaults);

    expect(await everything()).toMatchObject({ statuses: ['PENDING'], taken: 0n });
  });

  test('tells of a record that fails again and carries the others on', async () => {
    for (const key of ['one', 'two'])
      await give(mortal('takePoints', 'before').ports, newId(key), 100n).catch(() => {});
    later(timing.leaseMs + timing.untouchedMs + 1);
    let asked = 0;
    const flaky: AccountsPort = {
      ...accounts,
      takePoints: async (donation) => {
        if (++asked === 1) throw new Error('flaky');
        return accounts.takePoints(donation);
      },
    };
    const faults: unknown[] = [];

    await resumeDonations({ ...ports, accounts: flaky }, (_, error) => faults.push(error));

    expect(faults).toEqual([new Error('flaky')]);
    expect(new Set((await everything()).statuses)).toEqual(new Set(['CONFIRMED', 'PENDING']));
  });
});
