import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';
import type { Play } from './acting.ts';
import { type Fault, noFault } from './faults.ts';
import { endPlay, openPlay, playStep } from './play.ts';
import type { Step } from './steps.ts';
import { startWorld, type World } from './world.ts';

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

async function playAll(play: Play, ...steps: readonly Step[]): Promise<void> {
  for (const step of steps) await playStep(play, step);
}

const earn = (points: number, fault: Fault = noFault): Step => ({
  ...{ act: 'earn', member: 0, merchant: 0, points, fault },
});
const pay = (points: number, fault: Fault = noFault): Step => ({
  ...{ act: 'pay', member: 0, merchant: 1, points, fault },
});
const redeem = (fault: Fault): Step => ({ act: 'redeem', member: 0, reward: 0, pooled: false, fault });
/** Until what was earned is unlocked. */
const days: Step = { act: 'wait', hours: 72, until: 'THEN', reader: null };

const availableTo = ({ model, cast }: Play): number => model.available(model.wallet(cast.players[0]!.id));
const heldOf = ({ model, cast }: Play): number =>
  model.wallet(cast.players[0]!.id).lots.reduce((sum, lot) => sum + lot.held, 0);

test('a request that nobody sends again is carried out when it arrives, on what is there then', () =>
  playing(async (play) => {
    await playAll(play, pay(70, { kind: 'HELD_UP', steps: 3, again: null }), earn(100), days);

    expect(play.onTheWay).toHaveLength(1);
    expect(availableTo(play)).toBe(100);

    await playStep(play, days);

    expect(play.onTheWay).toHaveLength(0);
    expect(availableTo(play)).toBe(30);
    expect(play.posted.map(({ model }) => model.what)).toEqual(['earn', 'spend']);
  }));

test('a request whose resend was refused is carried out when it arrives, if it can be then', () =>
  playing(async (play) => {
    await playAll(play, pay(70, { kind: 'HELD_UP', steps: 4, again: 0 }), earn(100), days);

    expect(availableTo(play)).toBe(100);

    await endPlay(play);

    expect(availableTo(play)).toBe(30);
  }));

test('a request that arrives after its resend has no second effect, and the other way round', () =>
  playing(async (play) => {
    await playAll(
      play,
      earn(10, { kind: 'HELD_UP', steps: 1, again: 0 }),
      earn(5, { kind: 'HELD_UP', steps: 1, again: 3 }),
    );
    await endPlay(play);

    expect(play.posted.map(({ model }) => model.what)).toEqual(['earn', 'earn']);
    expect(await play.world.records.countPostings()).toBe(2);
  }));

test('accounts that carries a late request out once more is found out', () =>
  playing(async (play, world) => {
    await playStep(play, earn(10, { kind: 'HELD_UP', steps: 1, again: 0 }));
    const ask = world.ask;
    world.ask = (name, caller, operation, variables) => {
      const { input } = variables as { input: Record<string, unknown> };
      const forgotten = { input: { ...input, idempotencyKey: 'another', externalRef: 'another' } };
      return ask(name, caller, operation, forgotten);
    };

    await expect(playStep(play, days)).rejects.toThrow('effect of a request sent again');
  }));

test('a call of the catalogue that was held up changes nothing when it arrives after its resend', () =>
  playing(async (play) => {
    const heldUp: Fault = { kind: 'LINK', call: 1, what: 'HELD_UP', steps: 1 };
    await playAll(play, earn(100), days, redeem(heldUp));

    expect(play.onTheWay).toHaveLength(1);
    expect([availableTo(play), heldOf(play)]).toEqual([40, 0]);

    await playStep(play, days);

    expect(play.onTheWay).toHaveLength(0);
    expect([availableTo(play), heldOf(play)]).toEqual([40, 0]);
  }));

test('a call that was refused and whose copy arrives late holds points for nobody, until they time out', () =>
  playing(async (play, world) => {
    const copied: Fault = { kind: 'LINK', call: 1, what: 'COPIED', steps: 3 };
    await playAll(play, redeem(copied), earn(100), days);

    expect(play.redeemed).toHaveLength(0);

    await playStep(play, { act: 'wait', hours: 0, until: 'THEN', reader: null });

    expect([availableTo(play), heldOf(play)]).toEqual([40, 60]);

    await playAll(play, days, { act: 'sweep', dies: null });

    expect([availableTo(play), heldOf(play)]).toEqual([100, 0]);
    expect(await world.records.openHolds([`wal_${play.cast.players[0]!.id}_SHARED`])).toEqual([]);
  }));

test('accounts that answers a late call otherwise than before is found out', () =>
  playing(async (play, world) => {
    await playAll(play, earn(100), days, redeem({ kind: 'LINK', call: 1, what: 'COPIED', steps: 1 }));
    const arrive = world.arrive;
    world.arrive = async (call) => {
      const { before } = await arrive(call);
      return { before, now: { holdPoints: { __typename: 'PointsHeld', hold: { id: 'hol_another' } } } };
    };

    await expect(playStep(play, days)).rejects.toThrow('answer to holdPoints that came late');
  }));
