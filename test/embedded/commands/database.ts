import { randomUUID } from 'node:crypto';
import mongoose, { type mongo } from 'mongoose';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';

/** A server with a driver connected to it. */
export interface Connected {
  readonly server: EmbeddedMongo;
  readonly client: mongo.MongoClient;
  /** A database that nobody has used before. */
  fresh(): mongo.Db;
  stop(): Promise<void>;
}

/** Starts a server in memory, in test mode, and connects the driver. */
export async function connected(): Promise<Connected> {
  const server = await startEmbeddedMongo({ failpoints: true });
  const client = await new mongoose.mongo.MongoClient(server.uri).connect();
  return {
    server,
    client,
    fresh: () => client.db(`d-${randomUUID().slice(0, 8)}`),
    async stop() {
      await client.close();
      await server.stop();
    },
  };
}

/** What every reply carries beside what the command is asked for. */
const gossip = ['$clusterTime', 'operationTime', 'ok'];

/** The reply to a command without what every reply carries. */
export async function replyTo(db: mongo.Db, command: object): Promise<mongo.Document> {
  const reply = await db.command(command as mongo.Document);
  return Object.fromEntries(Object.entries(reply).filter(([name]) => !gossip.includes(name)));
}

/** The code and its name with which a command is refused as a whole or in its first statement; undefined where it is not. */
export async function refusalOf(db: mongo.Db, command: object): Promise<[number, string?] | undefined> {
  try {
    const [first] = (await db.command(command as mongo.Document))['writeErrors'] ?? [];
    return first && [first.code];
  } catch (error) {
    if (error instanceof mongoose.mongo.MongoServerError)
      return [Number(error.code), String(error['codeName'])];
    throw error;
  }
}
