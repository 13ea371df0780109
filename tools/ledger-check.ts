// npm run ledger:check: verifies every invariant of the ledger on a store and lists what breaks them.
import { checkAccounts } from '../subgraphs/accounts/check-accounts.ts';
import type { LedgerCheck } from '../subgraphs/accounts/ledger/check.ts';
import { describeCheck } from '../subgraphs/accounts/ledger/describe-check.ts';
import { createProofStores } from '../subgraphs/accounts/proof/proof-stores.ts';
import { readConfig, StartError } from '../subgraphs/shared/config.ts';
import { connectMongo } from '../subgraphs/shared/mongo.ts';
import { openStore, storeConfig } from './open-store.ts';
import { printable } from './printable.ts';

const usage = `npm run ledger:check

Verifies every invariant of the ledger and its seals and lists what breaks them, one line each. Changes nothing; a system at work can be
checked. Looks at MONGODB_URI (and DATABASE_PREFIX) or, without it, at the embedded database of DATA_FOLDER (./data),
whether npm start is using it or not. Exit status: 0 in order, 1 not in order, 2 it could not be checked.`;

/** What was found, with ids and messages as they may stand on a screen: merchants' references are in them. */
const shown = (check: LedgerCheck): LedgerCheck => ({
  ...check,
  violations: check.violations.map(({ invariant, id, message }) => ({
    invariant,
    id: printable(id),
    message: printable(message),
  })),
});

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return 0;
  }
  const { MONGODB_URI, DATABASE_PREFIX } = readConfig(storeConfig, process.env);
  const store = await openStore(MONGODB_URI, process.env['DATA_FOLDER'] ?? 'data');
  try {
    const connection = await connectMongo(store.uri, `${DATABASE_PREFIX}-accounts`);
    const check = await checkAccounts(connection, createProofStores(connection));
    await connection.close();
    console.log(describeCheck(shown(check)));
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
