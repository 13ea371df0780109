import type { Document } from 'bson';
import mongoose, { type mongo } from 'mongoose';
import { driverOptions } from './common-options.ts';
import { connectObserved, type ObservedClient } from './observed-client.ts';
import { NotApplicable } from './outcome.ts';

/** A session of a test; its `lsid` is known even when it has ended. */
export interface TestSession {
  readonly session: mongo.ClientSession;
  readonly lsid: Document;
}

/** What a test has named: the objects that its steps act on, and results it saved. */
export interface Entities {
  readonly clients: Map<string, ObservedClient>;
  readonly databases: Map<string, mongo.Db>;
  readonly collections: Map<string, mongo.Collection>;
  readonly sessions: Map<string, TestSession>;
  readonly buckets: Map<string, mongo.GridFSBucket>;
  readonly changeStreams: Map<string, mongo.ChangeStream>;
  readonly values: Map<string, unknown>;
}

/** No entities yet. */
export function noEntities(): Entities {
  return {
    clients: new Map(),
    databases: new Map(),
    collections: new Map(),
    sessions: new Map(),
    buckets: new Map(),
    changeStreams: new Map(),
    values: new Map(),
  };
}

/** The entity of a name; a test that asks for one that is not there is broken. */
export function entity<T>(entities: ReadonlyMap<string, T>, name: string): T {
  const found = entities.get(name);
  if (found === undefined) throw new Error(`the test has no entity '${name}' of the kind needed`);
  return found;
}

/** Makes the entities that a file or a step describes, in order. */
export async function createEntities(
  entities: Entities,
  uri: string,
  descriptions: readonly Document[],
): Promise<void> {
  for (const description of descriptions) {
    const [kind, details] = Object.entries(description)[0] as [string, Document];
    await createEntity(entities, uri, kind, details);
  }
}

async function createEntity(entities: Entities, uri: string, kind: string, details: Document): Promise<void> {
  const { id } = details;
  switch (kind) {
    case 'client':
      entities.clients.set(id, await connectObserved(uri, details));
      return;
    case 'database': {
      const { client } = entity(entities.clients, details['client']);
      const options = driverOptions(details['databaseOptions']);
      entities.databases.set(id, client.db(details['databaseName'], options));
      return;
    }
    case 'collection': {
      const database = entity(entities.databases, details['database']);
      const options = driverOptions(details['collectionOptions']);
      entities.collections.set(id, database.collection(details['collectionName'], options));
      return;
    }
    case 'session':
      entities.sessions.set(id, startSession(entities, details));
      return;
    case 'bucket': {
      const database = entity(entities.databases, details['database']);
      const options = driverOptions(details['bucketOptions']);
      entities.buckets.set(id, new mongoose.mongo.GridFSBucket(database, options));
      return;
    }
    default:
      throw new NotApplicable(`the runner has no entity '${kind}'`);
  }
}

function startSession(entities: Entities, details: Document): TestSession {
  const { client } = entity(entities.clients, details['client']);
  const { snapshotTime, ...options } = driverOptions(details['sessionOptions']);
  const session = client.startSession(options as mongo.ClientSessionOptions);
  // Version 7.8 of the driver has no such option, but this is where it keeps the time that it sends.
  if (snapshotTime) (session as Document)['snapshotTime'] = entity(entities.values, snapshotTime);
  return { session, lsid: session.id as Document };
}

/** Ends the sessions and closes the clients of a test. */
export async function closeEntities(entities: Entities): Promise<void> {
  for (const stream of entities.changeStreams.values()) await stream.close();
  for (const { session } of entities.sessions.values()) await session.endSession();
  for (const { client } of entities.clients.values()) await client.close();
}
