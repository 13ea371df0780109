import { z } from 'zod';
import { callerKey } from '../shared/caller.ts';
import { readConfig, subgraphConfig } from '../shared/config.ts';
import { createLog } from '../shared/log.ts';
import { createMemberIds } from '../shared/member-ids.ts';
import { runProcess } from '../shared/run-process.ts';
import { startCampaigns } from './start.ts';

const settings = subgraphConfig.extend({ ACCOUNTS_URL: z.url() });

await runProcess('campaigns', async () => {
  const config = readConfig(settings, process.env);
  const log = createLog('campaigns', config.LOG_LEVEL);
  const server = await startCampaigns({
    uri: config.MONGODB_URI,
    database: `${config.DATABASE_PREFIX}-campaigns`,
    key: callerKey(config.INTERNAL_SECRET),
    memberIds: createMemberIds(config.MEMBER_ID_SECRET),
    host: config.HOST,
    port: config.PORT,
    accountsUrl: config.ACCOUNTS_URL,
    log,
  });
  log.info({ url: server.url }, 'campaigns is ready');
  return server;
});
