import { AsyncLocalStorage } from 'node:async_hooks';
import mongoose, {
  type ClientSession,
  type Connection,
  type IndexDefinition,
  type IndexOptions,
  type Model,
  Schema,
  type SchemaDefinition,
} from 'mongoose';
import { StartError } from './config.ts';

mongoose.set('strictQuery', 'throw');

const sessions = new AsyncLocalStorage<ClientSession>();

/** The session of the transaction this code runs in, or null: pass it to every read and write of a store. */
export const currentSession = (): ClientSession | null => sessions.getStore() ?? null;

/** A connection string as it may be shown: without user and password. */
const shown = (uri: string): string => uri.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '');

/**
 * Connects to one subgraph's database. Long integers are read as `bigint`. Throws a StartError when the server cannot be
 * reached within `timeoutMs` or does not let us in.
 */
export async function connectMongo(uri: string, database: string, timeoutMs = 10_000): Promise<Connection> {
  const connection = mongoose.createConnection(uri, {
    dbName: database,
    autoIndex: false,
    autoCreate: false,
    useBigInt64: true,
    maxPoolSize: 32,
    serverSelectionTimeoutMS: timeoutMs,
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.close();
    throw new StartError(`cannot use MongoDB at ${shown(uri)}: ${(error as Error).message}`);
  }
}

/**
 * Runs `work` in one transaction on a snapshot and gives its result after the commit. The driver may run `work`
 * again after a write conflict, so it must do nothing outside the database. Never nested.
 */
export async function inTransaction<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  if (currentSession()) throw new Error('a transaction inside a transaction');
  const session = await connection.startSession();
  try {
    return await session.withTransaction(() => sessions.run(session, work), {
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
    });
  } finally {
    await session.endSession();
  }
}

/** What a store declares of its collection. */
export interface CollectionDefinition {
  readonly name: string;
  readonly fields: SchemaDefinition;
  readonly indexes: readonly (readonly [IndexDefinition, IndexOptions?])[];
}

/**
 * Makes the model of one collection. Unknown fields are refused on write and in queries; nothing is added that the
 * store did not declare. `_id` is what `fields` says.
 */
export function defineCollection<T>(connection: Connection, definition: CollectionDefinition): Model<T> {
  const schema = new Schema(definition.fields, {
    strict: 'throw',
    versionKey: false,
    autoIndex: false,
    autoCreate: false,
    minimize: false,
  });
  for (const [keys, options] of definition.indexes) schema.index(keys, options);
  return connection.model(definition.name, schema, definition.name) as unknown as Model<T>;
}

/**
 * Creates the collections and indexes of all models of a connection, two commands each. Safe to run again, and from many
 * processes.
 */
export async function buildIndexes(connection: Connection): Promise<void> {
  const build = async (model: Model<unknown>): Promise<void> => {
    await model.createCollection();
    const wanted = model.schema.indexes().map(([key, options]) => ({ ...options, key }));
    if (wanted.length > 0)
      await model.collection.createIndexes(wanted as Parameters<typeof model.collection.createIndexes>[0]);
  };
  await Promise.all(Object.values(connection.models).map(build));
}

/** True for MongoDB's duplicate-key error, on the named index if one is given. */
export function isDuplicateKey(error: unknown, index?: string): boolean {
  const found = error as { code?: unknown; message?: string };
  return found?.code === 11000 && (index === undefined || (found.message ?? '').includes(`index: ${index} `));
}
