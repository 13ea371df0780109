import { expect } from '@jest/globals';
import mongoose from 'mongoose';
import { startRewardsCatalogue } from '../../../subgraphs/rewards-catalogue/start.ts';
import { createLog } from '../../../subgraphs/shared/log.ts';
import { type CrashPlan, startCrashingCatalogue } from '../../support/crashing.ts';
import { plainMemberIds } from '../../support/member-ids.ts';
import { until } from '../../support/until.ts';
import { asMember, dataOf, key, newKey, publishedReward, secret, send } from './world.ts';

/** What the suite runs against: a database server, and an accounts subgraph that trusts `secret` of world.ts. */
export interface CrashWorld {
  readonly uri: string;
  readonly database: string;
  readonly accountsUrl: string;
  /** The merchant that offers the rewards. */
  readonly merchantId: string;
  /** Registers a member with so many spendable points; gives its id. */
  newMember(points: number): Promise<string>;
}

/** One crash: where the process died, and for whom it was working. */
interface Case {
  readonly name: string;
  readonly rewardId: string;
  readonly memberId: string;
  readonly input: { readonly idempotencyKey: string; readonly rewardId: string };
  readonly cancel?: {
    readonly idempotencyKey: string;
    readonly redemptionId: string;
    readonly reason: string;
  };
}

const price = 100;
const wallet = 500;
const stock = 3;

const redeemOperation = `mutation ($input: RedeemRewardInput!) { redeemReward(input: $input) { __typename
  ... on RewardRedeemed { redemption { id status voucher { status } } } ... on Refusal { message } } }`;
const cancelOperation = `mutation ($input: CancelRedemptionInput!) { cancelRedemption(input: $input) { __typename
  ... on RedemptionCancelled { redemption { id status voucher { status } } } ... on Refusal { message } } }`;

/** Runs `work` with a catalogue that does not crash; with `sweepEveryMs` it takes up at once what others left. */
async function withCatalogue<T>(
  { uri, database, accountsUrl }: CrashWorld,
  sweepEveryMs: number,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const log = createLog('test', 'fatal');
  const common = {
    uri,
    database,
    accountsUrl,
    key,
    memberIds: plainMemberIds,
    log,
    host: '127.0.0.1',
    port: 0,
  };
  const catalogue = await startRewardsCatalogue({ ...common, sweepEveryMs, resumeAfterMs: -1_000 });
  try {
    return await work(catalogue.url);
  } finally {
    await catalogue.stop();
  }
}

const never = 3_600_000;

const redeem = async (url: string, { memberId, input }: Case) =>
  dataOf(await send(url, asMember(memberId), redeemOperation, { input })).redeemReward;
const cancel = async (url: string, { memberId, cancel: input }: Case) =>
  dataOf(await send(url, asMember(memberId), cancelOperation, { input })).cancelRedemption;

/** Points of a member as accounts tells them. */
async function balanceOf(world: CrashWorld, memberId: string): Promise<{ available: number; held: number }> {
  const query = 'query ($id: ID!) { member(id: $id) { wallet { available held } } }';
  const service = { kind: 'SERVICE', service: 'rewards-catalogue' } as const;
  return dataOf(await send(world.accountsUrl, service, query, { id: memberId })).member.wallet;
}

/** Everything the catalogue keeps about a case. */
async function stateOf(world: CrashWorld, { rewardId }: Case) {
  const connection = await mongoose.createConnection(world.uri, { dbName: world.database }).asPromise();
  try {
    const all = (name: string, filter: object) => connection.db!.collection(name).find(filter).toArray();
    const [reward] = await all('rewards', { _id: rewardId });
    const redemptions = await all('redemptions', { rewardId });
    const vouchers = await all('vouchers', { rewardId });
    return {
      stock: reward!['stock'],
      taken: reward!['taken'],
      redemptions: redemptions.map(({ status, step, reserved }) => ({ status, step, reserved })),
      vouchers: vouchers.map(({ state }) => state),
    };
  } finally {
    await connection.close();
  }
}

type Fresh = (name: string) => Promise<Case>;
type Operation = (url: string, subject: Case) => Promise<unknown>;

interface Plan extends CrashPlan {
  readonly name: string;
}

/** Before every point, and after those whose effect is there before their answer is: calls of accounts and commits. */
const plansFor = (names: readonly string[]): Plan[] =>
  names.flatMap((name, index) => {
    const at = index + 1;
    const before = { name: `before ${at} ${name}`, at, when: 'before' as const };
    const after = { name: `after ${at} ${name}`, at, when: 'after' as const };
    return name === 'transaction' || name.startsWith('accounts.') ? [before, after] : [before];
  });

/**
 * Does `work` once without a crash to learn its points, then once for each plan; when all have stopped at their points
 * the process kills itself. Gives the cases.
 */
async function crashEverywhere(world: CrashWorld, fresh: Fresh, work: Operation): Promise<Case[]> {
  const { uri, database, accountsUrl } = world;
  const child = await startCrashingCatalogue({ uri, database, accountsUrl, secret });
  const rehearsal = await fresh('no crash');
  const { url, reached } = await child.serve({ at: 0, when: 'before' });
  await work(url, rehearsal);
  const cases = [rehearsal];
  for (const plan of plansFor(reached)) {
    const subject = await fresh(plan.name);
    const server = await child.serve(plan);
    // The answer never comes, because the process dies before.
    work(server.url, subject).catch(() => null);
    await server.stopped;
    cases.push(subject);
  }
  expect(await child.die()).toBe('SIGKILL');
  return cases;
}

async function settle(world: CrashWorld, cases: readonly Case[]): Promise<void> {
  for (const subject of cases)
    await until(async () => (await stateOf(world, subject)).redemptions.every(({ step }) => step === null));
}

const bought = {
  stock: stock - 1,
  taken: 1,
  redemptions: [{ status: 'CONFIRMED', step: null, reserved: true }],
  vouchers: ['ACTIVE'],
};
const failed = { status: 'FAILED', step: null, reserved: false };
const untouched = { stock, taken: 0, redemptions: [], vouchers: [] };
const givenBack = {
  stock,
  taken: 0,
  redemptions: [{ status: 'CANCELLED', step: null, reserved: false }],
  vouchers: ['VOID'],
};

/** A reward of its own for each case, so that one case cannot help or hinder another. */
async function newCase(world: CrashWorld, url: string, name: string, points = wallet): Promise<Case> {
  const { merchantId } = world;
  const rewardId = await publishedReward(url, { merchantId, points: price, stock, limitPerMember: 1 });
  const memberId = await world.newMember(points);
  return { name, rewardId, memberId, input: { idempotencyKey: newKey(), rewardId } };
}

/** The whole state of a case, with its name so that a failure tells where the process died. */
const seen = async (world: CrashWorld, subject: Case) => ({
  name: subject.name,
  ...(await stateOf(world, subject)),
  balance: await balanceOf(world, subject.memberId),
});

const paid = { balance: { available: wallet - price, held: 0 } };
const notPaid = { balance: { available: wallet, held: 0 } };

/**
 * Kills the process at every point of a redemption, restarts, sweeps, and checks that each member has either paid and
 * got a usable voucher or neither; then sends each request again. Gives the names of the cases.
 */
export async function checkRedeemCrashes(world: CrashWorld): Promise<string[]> {
  const cases = await withCatalogue(world, never, (url) =>
    crashEverywhere(world, (name) => newCase(world, url, name), redeem),
  );
  await withCatalogue(world, 50, async (url) => {
    await settle(world, cases);
    for (const subject of cases) {
      const nothingWritten = subject.name === 'before 1 redemptions.insert';
      const expected = nothingWritten ? { ...untouched, ...notPaid } : { ...bought, ...paid };
      expect(await seen(world, subject)).toEqual({ name: subject.name, ...expected });
    }
    for (const subject of cases) {
      expect({ name: subject.name, ...(await redeem(url, subject)) }).toMatchObject({
        name: subject.name,
        __typename: 'RewardRedeemed',
        redemption: { status: 'CONFIRMED', voucher: { status: 'ACTIVE' } },
      });
      expect(await seen(world, subject)).toEqual({ name: subject.name, ...bought, ...paid });
    }
  });
  return cases.map(({ name }) => name);
}

/**
 * Kills the process at every point of a redemption that the member cannot pay, restarts, sweeps, and checks that the
 * stock is whole and no voucher is to be had; then sends each request again. Gives the names of the cases.
 */
export async function checkRefusedCrashes(world: CrashWorld): Promise<string[]> {
  const poor = { balance: { available: price - 1, held: 0 } };
  const cases = await withCatalogue(world, never, (url) =>
    crashEverywhere(world, (name) => newCase(world, url, name, price - 1), redeem),
  );
  await withCatalogue(world, 50, async (url) => {
    await settle(world, cases);
    for (const subject of cases) {
      const redemptions = subject.name === 'before 1 redemptions.insert' ? [] : [failed];
      expect(await seen(world, subject)).toEqual({ name: subject.name, ...untouched, redemptions, ...poor });
    }
    for (const subject of cases) {
      const answer = await redeem(url, subject);
      expect({ name: subject.name, ...answer }).toMatchObject({
        name: subject.name,
        __typename: 'NotEnoughPoints',
      });
      expect(await seen(world, subject)).toMatchObject({ stock, taken: 0, vouchers: [], ...poor });
    }
  });
  return cases.map(({ name }) => name);
}

/**
 * Kills the process at every point of a cancellation, restarts, sweeps, and checks that each redemption either stands
 * or is undone in whole; then sends each request again. Gives the names of the cases.
 */
export async function checkCancelCrashes(world: CrashWorld): Promise<string[]> {
  const cases = await withCatalogue(world, never, (url) => {
    const fresh: Fresh = async (name) => {
      const subject = await newCase(world, url, name);
      const { redemption } = await redeem(url, subject);
      const input = { idempotencyKey: newKey(), redemptionId: redemption.id, reason: 'changed my mind' };
      return { ...subject, cancel: input };
    };
    return crashEverywhere(world, fresh, cancel);
  });
  await withCatalogue(world, 50, async (url) => {
    await settle(world, cases);
    for (const subject of cases) {
      const state = await seen(world, subject);
      const stands = state.vouchers[0] === 'ACTIVE';
      const expected = stands ? { ...bought, ...paid } : { ...givenBack, ...notPaid };
      expect(state).toEqual({ name: subject.name, ...expected });
    }
    for (const subject of cases) {
      expect({ name: subject.name, ...(await cancel(url, subject)) }).toMatchObject({
        name: subject.name,
        __typename: 'RedemptionCancelled',
        redemption: { status: 'CANCELLED', voucher: { status: 'VOID' } },
      });
      expect(await seen(world, subject)).toEqual({ name: subject.name, ...givenBack, ...notPaid });
    }
  });
  return cases.map(({ name }) => name);
}
