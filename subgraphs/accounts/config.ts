import { z } from 'zod';
import { subgraphConfig } from '../shared/config.ts';
import { signingKeySetting } from '../shared/signing/signing-key.ts';

/** Whether webhooks may point at this machine, over http too: for development only. */
export const webhookLoopbackSetting = z.stringbool().default(false);

/** What the process of accounts reads from the environment. */
export const accountsConfig = subgraphConfig.extend({
  WEBHOOK_ALLOW_LOOPBACK: webhookLoopbackSetting,
  /** Signs seals and statements: a private Ed25519 JWK. */
  RECORDS_SIGNING_KEY: signingKeySetting,
  /** GraphQL endpoints of the subgraphs that are told of events. */
  REWARDS_CATALOGUE_URL: z.url('must be a URL'),
  CAMPAIGNS_URL: z.url('must be a URL'),
  CHARITY_URL: z.url('must be a URL'),
});
