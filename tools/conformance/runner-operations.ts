import type { Document } from 'bson';
import type { mongo } from 'mongoose';
import { createEntities, type Entities, entity, type TestSession } from './entities.ts';
import { show } from './matching.ts';
import { Mismatch } from './outcome.ts';

/** What the steps of the runner itself work with. */
export interface RunnerTarget {
  readonly uri: string;
  /** The runner's own client, which no test observes. */
  readonly internal: mongo.MongoClient;
  readonly entities: Entities;
  /** The fail points to be switched off after the test. */
  readonly armed: Set<string>;
}

/** The steps that act on no entity: arming fail points, and looking at what the driver and the server hold. */
export const runnerOperations: Readonly<
  Record<string, (target: RunnerTarget, args: Document) => Promise<void>>
> = {
  createEntities: ({ entities, uri }, { entities: descriptions }) =>
    createEntities(entities, uri, descriptions),
  failPoint: async ({ entities, armed }, { client, failPoint }) => {
    armed.add(failPoint.configureFailPoint);
    await entity(entities.clients, client).client.db('admin').command(failPoint);
  },
  assertSessionTransactionState: async ({ entities }, { session, state }) =>
    expectThat(stateOf(entity(entities.sessions, session)), state, 'the state of the transaction'),
  assertSessionPinned: async ({ entities }, { session }) =>
    expectThat(entity(entities.sessions, session).session.isPinned, true, 'the session is pinned'),
  assertSessionUnpinned: async ({ entities }, { session }) =>
    expectThat(entity(entities.sessions, session).session.isPinned, false, 'the session is pinned'),
  assertSessionDirty: async ({ entities }, { session }) =>
    expectThat(isDirty(entity(entities.sessions, session)), true, 'the session is dirty'),
  assertSessionNotDirty: async ({ entities }, { session }) =>
    expectThat(isDirty(entity(entities.sessions, session)), false, 'the session is dirty'),
  assertSameLsidOnLastTwoCommands: async ({ entities }, { client }) =>
    expectThat(lastTwoLsidsEqual(entities, client), true, 'the last two commands had one lsid'),
  assertDifferentLsidOnLastTwoCommands: async ({ entities }, { client }) =>
    expectThat(lastTwoLsidsEqual(entities, client), false, 'the last two commands had one lsid'),
  assertCollectionExists: async ({ internal }, args) =>
    expectThat(await collectionExists(internal, args), true, 'the collection exists'),
  assertCollectionNotExists: async ({ internal }, args) =>
    expectThat(await collectionExists(internal, args), false, 'the collection exists'),
  assertIndexExists: async ({ internal }, args) =>
    expectThat(await indexExists(internal, args), true, 'the index exists'),
  assertIndexNotExists: async ({ internal }, args) =>
    expectThat(await indexExists(internal, args), false, 'the index exists'),
};

function expectThat(seen: unknown, wanted: unknown, what: string): void {
  if (seen !== wanted) throw new Mismatch(`${what}: ${show(wanted)} expected, ${show(seen)} seen`);
}

/** The driver's own words for the states, in those of test files. */
const STATES: Readonly<Record<string, string>> = {
  NO_TRANSACTION: 'none',
  STARTING_TRANSACTION: 'starting',
  TRANSACTION_IN_PROGRESS: 'in_progress',
  TRANSACTION_COMMITTED: 'committed',
  TRANSACTION_COMMITTED_EMPTY: 'committed',
  TRANSACTION_ABORTED: 'aborted',
};

function stateOf({ session }: TestSession): string | undefined {
  const { state } = (session as unknown as { transaction: { state: string } }).transaction;
  return STATES[state];
}

function isDirty({ session }: TestSession): boolean {
  return (session as unknown as { serverSession: { isDirty: boolean } }).serverSession.isDirty;
}

function lastTwoLsidsEqual(entities: Entities, client: string): boolean {
  const [before, last] = entity(entities.clients, client).sentLsids.slice(-2);
  return last !== undefined && show(before) === show(last);
}

async function collectionExists(client: mongo.MongoClient, args: Document): Promise<boolean> {
  const { databaseName, collectionName } = args;
  const found = await client.db(databaseName).listCollections({ name: collectionName }).toArray();
  return found.length > 0;
}

async function indexExists(client: mongo.MongoClient, args: Document): Promise<boolean> {
  const { databaseName, collectionName, indexName } = args;
  if (!(await collectionExists(client, args))) return false;
  const indexes = await client.db(databaseName).collection(collectionName).listIndexes().toArray();
  return indexes.some(({ name }) => name === indexName);
}
