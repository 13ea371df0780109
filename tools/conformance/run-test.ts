import type { Document } from 'bson';
import mongoose, { type mongo } from 'mongoose';
import { closeEntities, createEntities, entity, noEntities } from './entities.ts';
import { assertEvents } from './expected-events.ts';
import { show } from './matching.ts';
import { Mismatch, type Outcome, outcomeOf } from './outcome.ts';
import { runOperation, scopeOf } from './run-operation.ts';
import type { RunnerTarget } from './runner-operations.ts';
import type { SpecFile, SpecTest } from './spec-file.ts';

/** The server that tests run on. */
export interface Host {
  readonly uri: string;
  readonly internal: mongo.MongoClient;
}

/** Runs one test from the file's initial data to the data it should leave. */
export async function runTest(host: Host, file: SpecFile, test: SpecTest): Promise<Outcome> {
  const target: RunnerTarget = { ...host, entities: noEntities(), armed: new Set() };
  try {
    await prepareData(host.internal, file.initialData ?? []);
    await createEntities(target.entities, host.uri, file.createEntities ?? []);
    try {
      for (const operation of test.operations) await runOperation(target, operation);
    } finally {
      for (const { stopObserving } of target.entities.clients.values()) stopObserving();
      for (const name of target.armed)
        await host.internal.db('admin').command({ configureFailPoint: name, mode: 'off' });
    }
    for (const { session } of target.entities.sessions.values()) await session.endSession();
    const allowed = new Set<string>();
    checkEvents(target, test, allowed);
    for (const collection of test.outcome ?? []) await checkOutcome(host.internal, collection);
    return { kind: 'passed', allowed: [...allowed] };
  } catch (error) {
    // What a failed test left open must not hold up the next.
    await host.internal.db('admin').command({ killAllSessions: [] });
    return outcomeOf(error);
  } finally {
    await closeEntities(target.entities);
  }
}

async function prepareData(client: mongo.MongoClient, collections: readonly Document[]): Promise<void> {
  for (const { databaseName, collectionName, documents, createOptions } of collections) {
    const db = client.db(databaseName, { writeConcern: { w: 'majority' } });
    await db.collection(collectionName).drop();
    if (documents.length === 0 || createOptions) await db.createCollection(collectionName, createOptions);
    if (documents.length > 0) await db.collection(collectionName).insertMany(documents);
  }
}

function checkEvents({ entities }: RunnerTarget, test: SpecTest, allowed: Set<string>): void {
  for (const expectation of test.expectEvents ?? []) {
    const { events } = entity(entities.clients, expectation['client']);
    assertEvents(expectation, events, scopeOf(entities), allowed);
  }
}

/** Here nothing is left open: the documents must be these, field by field. */
async function checkOutcome(client: mongo.MongoClient, expected: Document): Promise<void> {
  const { databaseName, collectionName, documents } = expected;
  const seen = await client
    .db(databaseName)
    .collection(collectionName, { readConcern: new mongoose.mongo.ReadConcern('local') })
    .find({}, { sort: { _id: 1 } })
    .toArray();
  if (show(seen) !== show(documents))
    throw new Mismatch(`the data left: ${show(documents)} expected, ${show(seen)} seen`);
}
