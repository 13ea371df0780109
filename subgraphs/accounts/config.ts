import { subgraphConfig } from '../shared/config.ts';
import { signingKeySetting } from '../shared/signing/signing-key.ts';

/** What the process of accounts reads from the environment. */
export const accountsConfig = subgraphConfig.extend({
  /** Signs seals and statements: a private Ed25519 JWK. */
  RECORDS_SIGNING_KEY: signingKeySetting,
});
