import { callerKey } from '../shared/caller.ts';
import { readConfig } from '../shared/config.ts';
import { createLog } from '../shared/log.ts';
import { createMemberIds } from '../shared/member-ids.ts';
import { runProcess } from '../shared/run-process.ts';
import { accountsConfig } from './config.ts';
import { startAccounts } from './start.ts';

await runProcess('accounts', async () => {
  const config = readConfig(accountsConfig, process.env);
  const log = createLog('accounts', config.LOG_LEVEL);
  const urls = new Map([
    ['rewards-catalogue', config.REWARDS_CATALOGUE_URL],
    ['campaigns', config.CAMPAIGNS_URL],
    ['charity', config.CHARITY_URL],
  ]);
  const server = await startAccounts({
    uri: config.MONGODB_URI,
    database: `${config.DATABASE_PREFIX}-accounts`,
    key: callerKey(config.INTERNAL_SECRET),
    memberIds: createMemberIds(config.MEMBER_ID_SECRET),
    host: config.HOST,
    port: config.PORT,
    signingKey: config.RECORDS_SIGNING_KEY,
    log,
    subscriberUrl: (subgraph) => urls.get(subgraph) ?? null,
    webhooks: { allowLoopback: config.WEBHOOK_ALLOW_LOOPBACK },
  });
  log.info({ url: server.url }, 'listening');
  return server;
});
