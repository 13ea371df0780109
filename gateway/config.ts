import { z } from 'zod';
import { portSetting, secretSetting } from '../subgraphs/shared/config.ts';
import { signingKeySetting } from '../subgraphs/shared/signing/signing-key.ts';

const onOff = z.enum(['true', 'false']).transform((value) => value === 'true');
const count = (normal: number) => z.coerce.number().int().min(1).default(normal);
const url = z.string().regex(/^https?:\/\/\S+$/, 'must be an http or https URL');

/** A JSON object in a variable, parsed and checked. */
const json = <T extends z.ZodType>(shape: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .pipe(shape);

const claimNames = z.object({
  kind: z.string().default('jifen_kind'),
  member: z.string().default('jifen_member'),
  merchant: z.string().default('jifen_merchant'),
  subject: z.string().default('sub'),
});

const oidcKind = z.enum(['MEMBER', 'OPERATOR', 'AUDITOR', 'ADVISER', 'CHARITY']);

/** What the gateway reads from the environment. */
export const gatewayConfig = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: portSetting.default(4000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  INTERNAL_SECRET: secretSetting,
  MEMBER_ID_SECRET: secretSetting,
  TOKEN_SIGNING_KEY: signingKeySetting,
  TOKEN_ISSUER: z.string().min(1).default('jifen'),
  ACCOUNTS_URL: url,
  REWARDS_CATALOGUE_URL: url,
  CAMPAIGNS_URL: url,
  CHARITY_URL: url,
  OIDC_ISSUER: z.string().optional(),
  OIDC_JWKS_URL: url.optional(),
  OIDC_AUDIENCE: z.string().optional(),
  OIDC_CLAIMS: json(claimNames).default(claimNames.parse({})),
  OIDC_KINDS: z
    .string()
    .default(oidcKind.options.join(','))
    .transform((text) => text.split(',').map((kind) => kind.trim()))
    .pipe(z.array(oidcKind)),
  INTROSPECTION: onOff.default(false),
  GRAPHIQL: onOff.default(false),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).default(0),
  LIMIT_BODY_BYTES: count(1_000_000),
  LIMIT_TOKENS: count(10_000),
  LIMIT_DEPTH: count(15),
  LIMIT_ALIASES: count(50),
  LIMIT_COST: count(20_000),
  LIMIT_SECONDS: count(20),
});

/** The gateway's settings, checked. */
export type GatewayConfig = z.infer<typeof gatewayConfig>;

/** What a request may ask for at most. */
export interface Limits {
  /** Size of the request's body. */
  readonly bodyBytes: number;
  /** Lexical tokens of the operation's text; larger inputs belong into variables. */
  readonly tokens: number;
  /** Fields inside fields. */
  readonly depth: number;
  /** Fields given another name. */
  readonly aliases: number;
  /** Fields that the answer may hold, lists counted by their `first`. */
  readonly cost: number;
  /** Time until the gateway gives up on its subgraphs. */
  readonly seconds: number;
}

/** The limits where none are configured. */
export const usualLimits: Limits = {
  bodyBytes: 1_000_000,
  tokens: 10_000,
  depth: 15,
  aliases: 50,
  cost: 20_000,
  seconds: 20,
};
