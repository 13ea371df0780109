// npm run ledger:check: verifies every invariant of the ledger on a store and lists what breaks them.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { databaseFolder, startDatabase } from '../gateway/launch/database.ts';
import { readRunning } from '../gateway/launch/running.ts';
import { checkAccounts } from '../subgraphs/accounts/check-accounts.ts';
import { describeCheck } from '../subgraphs/accounts/ledger/describe-check.ts';
import { createProofStores } from '../subgraphs/accounts/proof/proof-stores.ts';
import { readConfig, StartError, subgraphConfig } from '../subgraphs/shared/config.ts';
import { connectMongo } from '../subgraphs/shared/mongo.ts';
import type { Running } from '../subgraphs/shared/run-process.ts';

const usage = `npm run ledger:check

Verifies every invariant of the ledger and its seals and lists what breaks them, one line each. Changes nothing; a system at work can be
checked. Looks at MONGODB_URI (and DATABASE_PREFIX) or, without it, at the embedded database of DATA_FOLDER (./data),
whether npm start is using it or not. Exit status: 0 in order, 1 not in order, 2 it could not be checked.`;

const config = subgraphConfig
  .pick({ MONGODB_URI: true, DATABASE_PREFIX: true })
  .partial({ MONGODB_URI: true });

interface Store extends Running {
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

/** The store to check: the one named, the one that runs here, or the one that lies here. */
async function openStore(named: string | undefined, folder: string): Promise<Store> {
  if (named) return { uri: named, stop: nothingToStop };
  const running = readRunning(folder);
  if (running && (await answers(running.databaseUri)))
    return { uri: running.databaseUri, stop: nothingToStop };
  if (!existsSync(databaseFolder(folder)))
    throw new StartError(`there is no store in ${resolve(folder)}: run npm start, or set MONGODB_URI`);
  return startDatabase(folder);
}

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return 0;
  }
  const { MONGODB_URI, DATABASE_PREFIX } = readConfig(config, process.env);
  const store = await openStore(MONGODB_URI, process.env['DATA_FOLDER'] ?? 'data');
  try {
    const connection = await connectMongo(store.uri, `${DATABASE_PREFIX}-accounts`);
    const check = await checkAccounts(connection, createProofStores(connection));
    await connection.close();
    console.log(describeCheck(check));
    return check.ok ? 0 : 1;
  } finally {
    await store.stop();
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    console.error(
      `ledger:check: ${error instanceof StartError ? error.message : String((error as Error)?.stack ?? error)}`,
    );
    process.exit(2);
  },
);
