import type { Document } from 'bson';
import mongoose, { type mongo } from 'mongoose';
import type { Operation } from './collection-operations.ts';
import type { TestSession } from './entities.ts';

/** The steps that act on a database. */
export const databaseOperations: Readonly<Record<string, Operation<mongo.Db>>> = {
  aggregate: (db, { pipeline, ...options }) => db.aggregate(pipeline, options).toArray(),
  createCollection: (db, { collection, ...options }) => db.createCollection(collection, options),
  dropCollection: (db, { collection, ...options }) => db.dropCollection(collection, options),
  listCollections: (db, { filter, ...options }) => db.listCollections(filter, options).toArray(),
  // The driver has no method for names alone; this is what its documentation says to do.
  listCollectionNames: (db, { filter, ...options }) =>
    db.listCollections(filter, { ...options, nameOnly: true }).toArray(),
  modifyCollection: (db, { collection, session, ...options }) =>
    db.command({ collMod: collection, ...options }, { session }),
  runCommand: (db, { command, commandName: _name, ...options }) => db.command(command, options),
  runCursorCommand: (db, { command, commandName: _name, ...options }) =>
    db.runCursorCommand(command, options).toArray(),
};

/** The steps that act on a client. */
export const clientOperations: Readonly<Record<string, Operation<mongo.MongoClient>>> = {
  clientBulkWrite: (client, { models, ...options }) => client.bulkWrite(models.map(bulkModel), options),
  close: (client) => client.close(),
  listDatabases: async (client, options) => (await client.db().admin().listDatabases(options)).databases,
  listDatabaseNames: async (client, options) =>
    (
      await client
        .db()
        .admin()
        .listDatabases({ ...options, nameOnly: true })
    ).databases.map(({ name }) => name),
};

/** Test files write `{ insertOne: { … } }` for what the driver calls `{ name: 'insertOne', … }`. */
function bulkModel(model: Document): mongo.AnyClientBulkWriteModel<Document> {
  const [name, details] = Object.entries(model)[0] as [string, Document];
  return { name, ...details } as mongo.AnyClientBulkWriteModel<Document>;
}

/** The steps that act on a session, but `withTransaction`, which has steps of its own. */
export const sessionOperations: Readonly<Record<string, Operation<TestSession>>> = {
  abortTransaction: ({ session }) => session.abortTransaction(),
  commitTransaction: ({ session }) => session.commitTransaction(),
  endSession: ({ session }) => session.endSession(),
  getSnapshotTime: async ({ session }) => snapshotTimeOf(session),
  startTransaction: async ({ session }, options) => session.startTransaction(options),
};

/** The driver keeps the time in a property that its types do not show. */
function snapshotTimeOf(session: mongo.ClientSession): unknown {
  if (session.snapshotEnabled) return (session as Document)['snapshotTime'];
  throw new mongoose.mongo.MongoInvalidArgumentError('the session has no snapshot time');
}

/** The steps that act on a bucket of files. */
export const bucketOperations: Readonly<Record<string, Operation<mongo.GridFSBucket>>> = {
  delete: (bucket, { id, ...options }) => bucket.delete(id, options),
  download: (bucket, { id, ...options }) => contentOf(bucket.openDownloadStream(id, options)),
  downloadByName: (bucket, { filename, ...options }) =>
    contentOf(bucket.openDownloadStreamByName(filename, options)),
};

async function contentOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** Opens a change stream and waits until the server has answered, as a step must. */
export async function openChangeStream(
  target: mongo.MongoClient | mongo.Db | mongo.Collection,
  { pipeline, ...options }: Document,
): Promise<mongo.ChangeStream> {
  const stream = target.watch(pipeline, options);
  await stream.tryNext();
  return stream;
}

/** The steps that act on a change stream. */
export const changeStreamOperations: Readonly<Record<string, Operation<mongo.ChangeStream>>> = {
  close: (stream) => stream.close(),
  iterateOnce: (stream) => stream.tryNext(),
  iterateUntilDocumentOrError: (stream) => stream.next(),
};
