import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { databaseFolder, startDatabase } from '../gateway/launch/database.ts';
import { readRunning } from '../gateway/launch/running.ts';
import { StartError, subgraphConfig } from '../subgraphs/shared/config.ts';
import { connectMongo } from '../subgraphs/shared/mongo.ts';
import type { Running } from '../subgraphs/shared/run-process.ts';

/** What a tool that looks at a store reads from the environment. */
export const storeConfig = subgraphConfig
  .pick({ MONGODB_URI: true, DATABASE_PREFIX: true })
  .partial({ MONGODB_URI: true });

/** A store that a tool looks at. */
export interface Store extends Running {
  readonly uri: string;
}

const nothingToStop = async () => {};

/** True if a database answers there. */
async function answers(uri: string): Promise<boolean> {
  try {
    await (await connectMongo(uri, 'admin', 1_000)).close();
    return true;
  } catch {
    return false;
  }
}

/** The store to look at: the one named, the one that runs here, or the one that lies here. */
export async function openStore(named: string | undefined, folder: string): Promise<Store> {
  if (named) return { uri: named, stop: nothingToStop };
  const running = readRunning(folder);
  if (running && (await answers(running.databaseUri)))
    return { uri: running.databaseUri, stop: nothingToStop };
  if (!existsSync(databaseFolder(folder)))
    throw new StartError(`there is no store in ${resolve(folder)}: run npm start, or set MONGODB_URI`);
  return startDatabase(folder);
}
