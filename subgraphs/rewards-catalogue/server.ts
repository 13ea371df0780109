import { z } from 'zod';
import { callerKey } from '../shared/caller.ts';
import { readConfig, subgraphConfig } from '../shared/config.ts';
import { createLog } from '../shared/log.ts';
import { createMemberIds } from '../shared/member-ids.ts';
import { runProcess } from '../shared/run-process.ts';
import { startRewardsCatalogue } from './start.ts';

const name = 'rewards-catalogue';

await runProcess(name, async () => {
  const shape = subgraphConfig.extend({ ACCOUNTS_URL: z.url() });
  const config = readConfig(shape, process.env);
  const log = createLog(name, config.LOG_LEVEL);
  const server = await startRewardsCatalogue({
    uri: config.MONGODB_URI,
    database: `${config.DATABASE_PREFIX}-${name}`,
    key: callerKey(config.INTERNAL_SECRET),
    memberIds: createMemberIds(config.MEMBER_ID_SECRET),
    host: config.HOST,
    port: config.PORT,
    log,
    accountsUrl: config.ACCOUNTS_URL,
  });
  log.info({ url: server.url }, 'listening');
  return server;
});
