import type { OutsideCaller } from '../../subgraphs/shared/caller.ts';
import type { FailureLimit } from './failure-limit.ts';
import { memberTokenSeconds, merchantTokenSeconds, type TokenIssuer } from './issuer.ts';
import { accessTokenType, type TokenError, type TokenRequest } from './token-request.ts';

/** A merchant's client, once its secret was checked. */
export interface KnownClient {
  readonly merchantId: string;
  readonly scopes: readonly string[];
}

type Merchant = Extract<OutsideCaller, { kind: 'MERCHANT' }>;

/** What granting a token asks of others. */
export interface TokenPorts {
  /** The client whose id and secret these are, or null. */
  authenticateClient(clientId: string, clientSecret: string): Promise<KnownClient | null>;
  /** Id of the member that the merchant knows under this reference, or null. */
  resolveMember(reference: string, merchant: Merchant): Promise<string | null>;
  readonly failures: FailureLimit;
  readonly issuer: TokenIssuer;
}

/** A granted token as RFC 6749 §5.1 and RFC 8693 §2.2.1 answer it. */
export interface TokenGranted {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly scope?: string;
  readonly issued_token_type?: string;
}

const refuse = (error: TokenError['error'], description: string): TokenError => ({ error, description });

const signed = async (
  ports: TokenPorts,
  caller: Parameters<TokenIssuer['sign']>[0],
  seconds: number,
): Promise<TokenGranted> => ({
  access_token: await ports.issuer.sign(caller, seconds),
  token_type: 'Bearer',
  expires_in: seconds,
});

async function grantMerchantToken(
  merchant: Merchant,
  requested: readonly string[] | null,
  ports: TokenPorts,
): Promise<TokenGranted | TokenError> {
  const foreign = requested?.find((scope) => !merchant.scopes.includes(scope));
  if (foreign !== undefined) return refuse('invalid_scope', `The client does not have the scope ${foreign}.`);
  const scopes = requested?.length ? [...new Set(requested)] : merchant.scopes;
  const token = await signed(ports, { ...merchant, scopes }, merchantTokenSeconds);
  return { ...token, scope: scopes.join(' ') };
}

async function grantMemberToken(
  merchant: Merchant,
  reference: string,
  ports: TokenPorts,
): Promise<TokenGranted | TokenError> {
  if (!merchant.scopes.includes('MEMBERS'))
    return refuse('unauthorized_client', 'Minting a session for a member needs the scope MEMBERS.');
  const memberId = await ports.resolveMember(reference, merchant);
  if (!memberId) return refuse('invalid_grant', 'No member is registered under this reference.');
  const caller = { kind: 'MEMBER', memberId, merchantId: merchant.merchantId } as const;
  return { ...(await signed(ports, caller, memberTokenSeconds)), issued_token_type: accessTokenType };
}

/**
 * Grants what a client asks for, or says why not. `address` is where the request came from: too many failures of one
 * client from one address are refused unseen, so that guessing is slow and nobody can lock a merchant out from elsewhere.
 */
export async function grantToken(
  request: TokenRequest,
  address: string,
  ports: TokenPorts,
): Promise<TokenGranted | TokenError> {
  const who = `${request.clientId} ${address}`;
  if (ports.failures.exceeded(who)) return refuse('slow_down', 'Too many failures: wait a minute.');
  const client = await ports.authenticateClient(request.clientId, request.clientSecret);
  if (!client) {
    ports.failures.record(who);
    return refuse('invalid_client', 'The client is unknown or its secret is wrong.');
  }
  const { merchantId, scopes } = client;
  const merchant: Merchant = {
    kind: 'MERCHANT',
    merchantId,
    clientId: request.clientId,
    scopes: [...scopes],
  };
  return request.grant.kind === 'CLIENT_CREDENTIALS'
    ? grantMerchantToken(merchant, request.grant.scopes, ports)
    : grantMemberToken(merchant, request.grant.reference, ports);
}
