import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { checkLedger } from '../../../subgraphs/accounts/ledger/check.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import { countRows, earn, type LedgerWorld, programme, redeem, startLedgerWorld } from './ledger-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
let connection: Connection;

// Faults are made to order, which only the embedded server is sure to allow.
beforeEach(async () => {
  world = await startLedgerWorld({}, async () => {
    const server = await startEmbeddedMongo({ failpoints: true });
    return { uri: server.uri, database: (name) => name, stop: () => server.stop() };
  });
  ledger = await world.ledger();
  connection = await world.connect();
});
afterEach(async () => {
  await heal();
  const { violations } = await checkLedger(connection);
  await world.stop();
  expect(violations).toEqual([]);
});

const fail = (mode: unknown, data: Record<string, unknown>) =>
  connection.db!.admin().command({ configureFailPoint: 'failCommand', mode, data });
const heal = () => connection.db!.admin().command({ configureFailPoint: 'failCommand', mode: 'off' });

test('a commit whose answer is lost is asked for again: one posting, told as new', async () => {
  await fail({ times: 1 }, { failCommands: ['commitTransaction'], closeConnection: true });
  const outcome = await ledger.execute(earn('ann', 100n));

  expect(outcome).toMatchObject({ kind: 'PointsPosted', replayed: false });
  expect(await countRows(world)).toMatchObject({ wallets: 1, lots: 1, postings: 1 });
});

test('a commit that the store carries out and is unsure of is asked for again: one posting, told as new', async () => {
  const writeConcernError = { code: 91, codeName: 'ShutdownInProgress', errmsg: 'shutting down' };
  await fail({ times: 1 }, { failCommands: ['commitTransaction'], writeConcernError });
  const outcome = await ledger.execute(earn('flo', 100n));

  expect(outcome).toMatchObject({ kind: 'PointsPosted', replayed: false });
  expect(await countRows(world)).toMatchObject({ wallets: 1, lots: 1, postings: 1 });
});

test('a write conflict in the middle of a batch makes it run again, and each command is carried out once', async () => {
  const labels = { errorCode: 112, errorLabels: ['TransientTransactionError'] };
  await fail({ times: 2 }, { failCommands: ['insert'], ...labels });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => ledger.execute(earn('bo', 5n))));

  expect(outcomes.filter((outcome) => outcome.kind === 'PointsPosted')).toHaveLength(20);
  expect(await countRows(world)).toMatchObject({ lots: 20, postings: 20 });
  expect((await ledger.wallet('bo', programme)).available).toBe(100n);
});

test('a batch that the store refuses as a whole is tried command by command', async () => {
  await fail({ times: 1 }, { failCommands: ['insert'], errorCode: 8000 });
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => ledger.execute(earn('cy', 5n))));

  expect(outcomes.every((outcome) => outcome.kind === 'PointsPosted')).toBe(true);
  expect(await countRows(world)).toMatchObject({ lots: 8, postings: 8 });
});

test('while the store fails nothing is answered and nothing is written; the same request later is carried out', async () => {
  await ledger.execute(earn('dee', 100n));
  const before = await countRows(world);
  const command = redeem('dee', 30n);
  await fail('alwaysOn', { failCommands: ['insert'], errorCode: 8000 });
  const tried = await Promise.allSettled([ledger.execute(command), ledger.execute(redeem('dee', 10n))]);

  expect(tried.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  await heal();
  expect(await countRows(world)).toEqual(before);
  expect(await ledger.execute(command)).toMatchObject({ kind: 'PointsPosted', replayed: false });
  expect((await ledger.wallet('dee', programme)).available).toBe(70n);
});

test('a process that dies during a commit leaves all of a batch or nothing; what is sent again is carried out once', async () => {
  const dying = await world.ledger();
  const commands = Array.from({ length: 40 }, () => earn('eve', 3n));
  await fail('alwaysOn', { failCommands: ['commitTransaction'], blockConnection: true, blockTimeMS: 150 });
  const lost = Promise.allSettled(commands.map((command) => dying.execute(command)));
  await new Promise((resolve) => setTimeout(resolve, 60));
  await world.crash();
  connection = await world.connect();
  await heal();
  await lost;
  const again = await world.ledger();
  const outcomes = await Promise.all(commands.map((command) => again.execute(command)));

  expect(outcomes.every((outcome) => outcome.kind === 'PointsPosted')).toBe(true);
  expect((await again.wallet('eve', programme)).available).toBe(120n);
  expect(await countRows(world)).toMatchObject({ lots: 40, postings: 40, keys: 40 });
});

test('a stopped ledger has answered what it took and takes nothing more', async () => {
  const underWay = Promise.all([ledger.execute(earn('fay', 1n)), ledger.execute(earn('fay', 2n))]);
  await ledger.stop();

  expect((await underWay).map((outcome) => outcome.kind)).toEqual(['PointsPosted', 'PointsPosted']);
  await expect(ledger.execute(earn('fay', 4n))).rejects.toThrow('stopped');
});
