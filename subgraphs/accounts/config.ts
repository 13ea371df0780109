import { z } from 'zod';
import { subgraphConfig } from '../shared/config.ts';

/** Whether webhooks may point at this machine, over http too: for development only. */
export const webhookLoopbackSetting = z.stringbool().default(false);

/** What accounts' process reads from the environment. */
export const accountsConfig = subgraphConfig.extend({ WEBHOOK_ALLOW_LOOPBACK: webhookLoopbackSetting });
