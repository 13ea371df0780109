import { callerKey } from '../subgraphs/shared/caller.ts';
import { readConfig } from '../subgraphs/shared/config.ts';
import { createLog } from '../subgraphs/shared/log.ts';
import { runProcess } from '../subgraphs/shared/run-process.ts';
import { gatewayConfig } from './config.ts';
import { toGatewayOptions } from './options.ts';
import { startGateway } from './start.ts';

await runProcess('gateway', async () => {
  const config = readConfig(gatewayConfig, process.env);
  const log = createLog('gateway', config.LOG_LEVEL);
  const running = await startGateway(toGatewayOptions(config, callerKey(config.INTERNAL_SECRET), log));
  log.info({ url: running.url }, 'listening');
  return running;
});
