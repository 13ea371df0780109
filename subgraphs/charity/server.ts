// The process of charity.
import { callerKey } from '../shared/caller.ts';
import { readConfig } from '../shared/config.ts';
import { createLog } from '../shared/log.ts';
import { createMemberIds } from '../shared/member-ids.ts';
import { runProcess } from '../shared/run-process.ts';
import { charityConfig } from './config.ts';
import { startCharity } from './start.ts';

await runProcess('charity', async () => {
  const config = readConfig(charityConfig, process.env);
  const log = createLog('charity', config.LOG_LEVEL);
  const running = await startCharity({
    uri: config.MONGODB_URI,
    database: `${config.DATABASE_PREFIX}-charity`,
    key: callerKey(config.INTERNAL_SECRET),
    memberIds: createMemberIds(config.MEMBER_ID_SECRET),
    host: config.HOST,
    port: config.PORT,
    log,
    accountsUrl: config.ACCOUNTS_URL,
  });
  log.info({ url: running.url }, 'charity answers');
  return running;
});
