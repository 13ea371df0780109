import type { CallerKey } from '../subgraphs/shared/caller.ts';
import { StartError } from '../subgraphs/shared/config.ts';
import type { Log } from '../subgraphs/shared/log.ts';
import { createMemberIds } from '../subgraphs/shared/member-ids.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayOptions } from './start.ts';
import type { OidcProvider } from './token/verifier.ts';

/** An OpenID Connect provider needs all three of its settings, or none. */
function toOidc(config: GatewayConfig): OidcProvider | null {
  const { OIDC_ISSUER: issuer, OIDC_JWKS_URL: jwksUrl, OIDC_AUDIENCE: audience } = config;
  if (issuer && jwksUrl && audience) {
    if (issuer === config.TOKEN_ISSUER)
      throw new StartError('bad configuration: OIDC_ISSUER must differ from TOKEN_ISSUER');
    return { issuer, jwksUrl, audience, claims: config.OIDC_CLAIMS, kinds: config.OIDC_KINDS };
  }
  if (issuer || jwksUrl || audience)
    throw new StartError('bad configuration: OIDC_ISSUER, OIDC_JWKS_URL and OIDC_AUDIENCE go together');
  return null;
}

/** What the environment says, as the gateway takes it. */
export function toGatewayOptions(config: GatewayConfig, key: CallerKey, log: Log): GatewayOptions {
  const oidc = toOidc(config);
  return {
    host: config.HOST,
    port: config.PORT,
    log,
    key,
    memberIds: createMemberIds(config.MEMBER_ID_SECRET),
    signingKey: config.TOKEN_SIGNING_KEY,
    tokenIssuer: config.TOKEN_ISSUER,
    subgraphs: {
      accounts: config.ACCOUNTS_URL,
      'rewards-catalogue': config.REWARDS_CATALOGUE_URL,
      campaigns: config.CAMPAIGNS_URL,
      charity: config.CHARITY_URL,
    },
    ...(oidc ? { oidc } : {}),
    introspection: config.INTROSPECTION,
    graphiql: config.GRAPHIQL,
    limits: {
      bodyBytes: config.LIMIT_BODY_BYTES,
      tokens: config.LIMIT_TOKENS,
      depth: config.LIMIT_DEPTH,
      aliases: config.LIMIT_ALIASES,
      cost: config.LIMIT_COST,
      seconds: config.LIMIT_SECONDS,
    },
    trustedProxies: config.TRUSTED_PROXIES,
  };
}
