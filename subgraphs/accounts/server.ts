import { callerKey } from '../shared/caller.ts';
import { readConfig, subgraphConfig } from '../shared/config.ts';
import { createLog } from '../shared/log.ts';
import { runProcess } from '../shared/run-process.ts';
import { startAccounts } from './start.ts';

await runProcess('accounts', async () => {
  const config = readConfig(subgraphConfig, process.env);
  const log = createLog('accounts', config.LOG_LEVEL);
  const server = await startAccounts({
    uri: config.MONGODB_URI,
    database: `${config.DATABASE_PREFIX}-accounts`,
    key: callerKey(config.INTERNAL_SECRET),
    host: config.HOST,
    port: config.PORT,
    log,
  });
  log.info({ url: server.url }, 'listening');
  return server;
});
