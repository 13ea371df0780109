import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { createLedger, type Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import { createPriceLookup } from '../../../subgraphs/accounts/merchant/price-lookup.ts';
import { eraseMember } from '../../../subgraphs/accounts/privacy/erase-member.ts';
import {
  type ResumeErasuresPorts,
  resumeErasures,
} from '../../../subgraphs/accounts/privacy/resume-erasures.ts';
import { erasurePorts } from '../../../subgraphs/accounts/privacy-wiring.ts';
import { createProgrammeCatalogue } from '../../../subgraphs/accounts/programme/programme-catalogue.ts';
import { defineStores, type Stores } from '../../../subgraphs/accounts/stores.ts';
import { newId } from '../../../subgraphs/shared/ids.ts';
import { createLog } from '../../../subgraphs/shared/log.ts';
import { connectMongo, inTransaction } from '../../../subgraphs/shared/mongo.ts';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { auditor } from '../../support/callers.ts';
import { act, expectSoundLedger } from '../../support/points.ts';
import { createWebhook } from '../../support/webhooks.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let connection: Connection;
let stores: Stores;
let ledger: Ledger;
let ports: ResumeErasuresPorts;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
  await createWebhook(accounts, pets, 'http://127.0.0.1:9/hooks');
  connection = await connectMongo(accounts.mongo.uri, accounts.database);
  stores = defineStores(connection);
  const { clock } = accounts;
  const catalogue = createProgrammeCatalogue(stores.programmes.versions, clock);
  ledger = createLedger({
    ...{ connection, clock, newId, log: createLog('test', 'fatal'), programmeAt: catalogue.programmeAt },
    priceAt: createPriceLookup(stores.prices.upTo),
    addEvents: stores.outbox.add,
    rosters: stores.households.rosters,
    guardHouseholds: stores.households.guard,
  });
  const transaction = <T>(work: () => Promise<T>) => inTransaction(connection, work);
  ports = erasurePorts({ stores, ledger, inTransaction: transaction, clock, newId });
});

afterAll(async () => {
  await ledger.stop();
  await connection.close();
  await accounts.stop();
});

class Crash extends Error {}

/** Ports that stop all work before or after their n-th use. */
function crashing<P extends object>(real: P, at: number, when: 'before' | 'after') {
  let reached = 0;
  const die = (moment: string): void => {
    if (reached >= at && moment === when) throw new Crash(`${when} ${at}`);
  };
  const wrap =
    (work: (...args: never[]) => Promise<unknown>) =>
    async (...args: never[]) => {
      reached++;
      die('before');
      const result = await work(...args);
      die('after');
      return result;
    };
  const wrapped = Object.entries(real).map(([name, value]) => [
    name,
    typeof value === 'function' ? wrap(value as never) : value,
  ]);
  return { ports: Object.fromEntries(wrapped) as P, uses: () => reached };
}

const everything = () => ({
  ...ports,
  findMember: ({ id }: { id?: string | null | undefined }) => stores.members.byId(id!),
  erasureByRequest: stores.erasures.byRequest,
  beginErasure: stores.erasures.begin,
  legalHoldsOf: stores.legalHolds.ofMember,
  seatOf: stores.seats.of,
  touchMember: stores.members.touch,
});

async function forfeitsOf(id: string): Promise<number[]> {
  const { postings } = await accounts.send<{ postings: { edges: { node: { points: number } }[] } }>(
    auditor,
    'query ($id: ID!) { postings(filter: { memberId: $id, kinds: [FORFEIT] }) { edges { node { points } } } }',
    { id },
  );
  return postings.edges.map(({ node }) => node.points);
}

test.each(['before', 'after'] as const)(
  'a crash %s any step leaves a member whole or is carried on to the end, once',
  async (when) => {
    let erased = 0;
    for (let at = 1; ; at++) {
      const { id } = await registerMember(accounts, pets, `crash-${when}-${at}`);
      await act(accounts, pets.caller, 'issuePoints', { member: { id }, points: 9 });
      const crash = crashing(everything(), at, when);
      const input = { idempotencyKey: randomUUID(), forfeit: [{ programme: 'SHARED', points: 9n }] };
      const died = await eraseMember({ kind: 'MEMBER', memberId: id }, input, crash.ports).then(
        () => false,
        (error: unknown) => {
          if (!(error instanceof Crash)) throw error;
          return true;
        },
      );

      for (let i = 0; i < 3; i++) {
        accounts.clock.advance({ seconds: 61 });
        await resumeErasures(ports);
      }

      const begun = await stores.erasures.of(id);
      const member = await stores.members.byId(id);
      expect([at, begun?.state ?? 'NONE', member === null]).toEqual([
        at,
        begun ? 'ERASED' : 'NONE',
        begun !== null,
      ]);
      expect(await forfeitsOf(id)).toEqual(begun ? [9] : []);
      const told = await connection
        .db!.collection('webhook-deliveries')
        .countDocuments({ eventType: 'jifen.member.erased', memberId: id });
      expect(told).toBe(begun ? 1 : 0);
      if (begun) erased++;
      if (!died) break;
    }
    expect(erased).toBeGreaterThan(5);
    await expectSoundLedger(accounts);
  },
  120_000,
);

test('an erasure that was left behind and cannot be carried on is refused, and the member stays', async () => {
  const { id } = await registerMember(accounts, pets, 'left-behind');
  await act(accounts, pets.caller, 'issuePoints', { member: { id }, points: 9 });
  const now = accounts.clock.now();
  const left = { memberId: id, state: 'CLOSING', requestedAt: now, touchedAt: now, erasedAt: null } as const;
  const request = { caller: `member:${id}`, idempotencyKey: 'k', inputHash: 'h' };
  await stores.erasures.begin({ ...left, reason: null, forfeit: [] }, request);

  accounts.clock.advance({ seconds: 61 });
  await resumeErasures(ports);

  expect(await stores.erasures.of(id)).toMatchObject({ state: 'REFUSED' });
  expect(await stores.erasures.byRequest(request.caller, 'k')).toBeNull();
  expect(await stores.members.byId(id)).not.toBeNull();
  expect(await forfeitsOf(id)).toEqual([]);
});
