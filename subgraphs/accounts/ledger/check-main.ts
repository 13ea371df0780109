import { readConfig, StartError, subgraphConfig } from '../../shared/config.ts';
import { connectMongo } from '../../shared/mongo.ts';
import { checkLedger } from './check.ts';
import { describeCheck } from './describe-check.ts';

async function main(): Promise<void> {
  const shape = subgraphConfig.pick({ MONGODB_URI: true, DATABASE_PREFIX: true });
  const { MONGODB_URI, DATABASE_PREFIX } = readConfig(shape, process.env);
  const connection = await connectMongo(MONGODB_URI, `${DATABASE_PREFIX}-accounts`);
  try {
    const check = await checkLedger(connection);
    console.log(describeCheck(check));
    process.exitCode = check.ok ? 0 : 1;
  } finally {
    await connection.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof StartError ? error.message : error);
  process.exitCode = 2;
});
