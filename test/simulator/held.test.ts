import { afterAll, beforeAll, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';
import type { Play } from './acting.ts';
import { type Fault, noFault } from './faults.ts';
import { openPlay, playStep } from './play.ts';
import type { Step } from './steps.ts';
import { type Moment, openWire } from './wire.ts';
import { startWorld, type World } from './world.ts';
import { handedOnAtOnce, noteWrite, nothingWritten } from './written.ts';

const startAt = Date.UTC(2026, 0, 30, 8);

let mongo: TestMongo;

beforeAll(async () => {
  mongo = await startTestMongo();
});
afterAll(() => mongo.stop());

async function playing(work: (play: Play, world: World) => Promise<void>): Promise<void> {
  const world = await startWorld(mongo, startAt);
  try {
    await work(await openPlay(world), world);
  } finally {
    await world.stop();
  }
}

const earn = (points: number, fault: Fault = noFault): Step => ({
  ...{ act: 'earn', member: 0, merchant: 0, points, fault },
});
const days: Step = { act: 'wait', hours: 72, until: 'THEN', reader: null };

/** Late enough that it is the commit. */
const beforeCommit: Moment = { write: 100, when: 'before' };

test.each<[Moment, number]>([
  [beforeCommit, 0],
  [{ write: 100, when: 'after' }, 1],
])('what is done while a request is held at %j finds %i postings', (moment, found) =>
  playing(async (play, world) => {
    let seen = -1;
    const { provoke } = world;
    world.provoke = () =>
      world.hold(moment, async () => {
        seen = await world.records.countPostings();
      });
    await playStep(play, earn(10));
    world.provoke = provoke;

    expect(seen).toBe(found);
    expect(await world.records.countPostings()).toBe(1);
  }),
);

const sweeps = (moment: Moment): Fault => ({ kind: 'MEANWHILE', work: 'SWEEP', ...moment });

test('while a payment waits to be committed the other process sweeps what is due in its wallet, and all is as in turn', () =>
  playing(async (play) => {
    for (const step of [earn(10), earn(20), days]) await playStep(play, step);
    for (const write of [1, 2, 3, 100])
      for (const when of ['before', 'after'] as const)
        await playStep(play, {
          ...{ act: 'pay', member: 0, merchant: 1, points: 2, fault: sweeps({ write, when }) },
        });

    expect(play.model.available(play.model.wallet(play.cast.players[0]!.id))).toBe(14);
  }));

test('before the call that takes the points of a redemption a sweeper takes it up, and it is redeemed once', () =>
  playing(async (play) => {
    for (const step of [earn(100), days]) await playStep(play, step);
    const fault: Fault = { kind: 'LINK', call: 2, what: 'SWEPT', steps: 1 };
    await playStep(play, { act: 'redeem', member: 0, reward: 0, pooled: false, fault });

    expect(play.redeemed).toHaveLength(1);
    expect(play.cast.prizes[0]!.stock).toBe(29);
  }));

/** Which of two payments of all there is gets it, the first being held there. */
async function winnerOf(play: Play, world: World, past: Moment): Promise<number> {
  const { ask } = world;
  const answers: string[] = [];
  world.ask = async (name, caller, operation, variables) => {
    const { input } = variables as { input: { idempotencyKey: string } };
    const place = answers.push(input.idempotencyKey) - 1;
    const data = await ask(name, caller, operation, variables);
    answers[place] = data?.result?.__typename;
    return data;
  };
  await playStep(play, { act: 'race', member: 0, merchant: 0, count: 2, past });
  world.ask = ask;
  return answers.indexOf('PointsPosted');
}

test.each<[string, Moment, number]>([
  ['the second, where the first has written nothing yet', { write: 1, when: 'before' }, 1],
  ['the first, where it has written all', beforeCommit, 0],
])('of two payments of all there is it is always %s, that gets it', (_, moment, winner) =>
  playing(async (play, world) => {
    const winners: number[] = [];
    for (let time = 0; time < 3; time++) {
      for (const step of [earn(10), days]) await playStep(play, step);
      winners.push(await winnerOf(play, world, moment));
    }

    expect(winners).toEqual([winner, winner, winner]);
  }),
);

test('what is told of a step and handed on in the middle of it is checked all the same', () =>
  playing(async (play) => {
    const fault: Fault = { kind: 'MEANWHILE', work: 'DELIVER', write: 100, when: 'after' };
    await playStep(play, earn(10, fault));

    expect(await play.world.records.undelivered()).toBe(0);
    expect(play.checked.posted).toHaveLength(1);
  }));

/** The database of accounts in the one world that there is. */
async function inAccounts(change: (database: mongoose.mongo.Db) => Promise<unknown>): Promise<void> {
  const connection = await mongoose.createConnection(mongo.uri).asPromise();
  const { databases } = await connection.getClient().db().admin().listDatabases();
  const name = databases.map((one) => one.name).find((one) => /^test-.*-a$/.test(one))!;
  await change(connection.getClient().db(name));
  await connection.close();
}

test.each<[string, (database: mongoose.mongo.Db) => Promise<unknown>]>([
  ['no posting is lost', (database) => database.collection('ledger-postings').deleteOne({})],
  [
    'no posting is ever changed',
    (database) => database.collection('ledger-postings').updateOne({}, { $set: { reason: 'other' } }),
  ],
])('%s, or the next step says so', (invariant, change) =>
  playing(async (play) => {
    await playStep(play, earn(10));
    await inAccounts(change);

    await expect(playStep(play, earn(5))).rejects.toThrow(invariant);
  }),
);

test('of what passes a wire it is noted which lots and keys, and what rewrites a journal', async () => {
  const written = nothingWritten();
  const wire = await openWire(mongo.uri, (write) => noteWrite(written, 'accounts', write));
  const connection = await mongoose.createConnection(wire.uri).asPromise();
  const of = (name: string) =>
    connection.getClient().db(mongo.database('written')).collection<{ _id: string }>(name);
  await of('ledger-lots').insertMany([{ _id: 'a' }, { _id: 'b' }]);
  await of('ledger-lots').bulkWrite([
    { updateOne: { filter: { _id: 'c' }, update: { $set: { x: 1 } } } },
    { updateMany: { filter: { _id: { $in: ['d', 'e'] } }, update: { $set: { x: 1 } } } },
  ]);
  await of('ledger-keys').insertOne({ _id: 'k' });
  await of('outbox').insertMany([{ _id: 'told' }, { _id: 'waiting' }]);
  await of('outbox').deleteMany({ _id: { $in: ['told'] } });
  await of('ledger-postings').insertOne({ _id: 'p' });

  expect([...written.lots].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect([...written.keys]).toEqual(['k']);
  expect(handedOnAtOnce(written)).toEqual([{ _id: 'told' }]);
  expect(written.rewrites).toEqual([]);

  await of('ledger-postings').updateOne({ _id: 'p' }, { $set: { x: 1 } });
  await of('ledger-seals').deleteOne({ _id: 's' });

  expect(written.rewrites).toEqual(['update of ledger-postings', 'delete of ledger-seals']);
  await connection.close();
  wire.cut();
});
