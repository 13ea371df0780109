import { readScopes } from './claims.ts';

/** Errors of the token endpoint (RFC 6749 §5.2, RFC 8693 §2.2.2); `slow_down` after too many failures. */
export type TokenErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'slow_down';

/** A request for a token that was turned down. */
export interface TokenError {
  readonly error: TokenErrorCode;
  readonly description: string;
}

/** What a client asks for. */
export interface TokenRequest {
  readonly clientId: string;
  readonly clientSecret: string;
  /** True if the credential came in the Authorization header. */
  readonly basic: boolean;
  readonly grant:
    | { readonly kind: 'CLIENT_CREDENTIALS'; readonly scopes: readonly string[] | null }
    | { readonly kind: 'MEMBER_SESSION'; readonly reference: string };
}

/** A form with every field at most once, as RFC 6749 §3.2 demands. */
export type Form = Readonly<Record<string, unknown>>;

/** RFC 8693: give one token for another. */
export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Says that the subject token is a merchant's own reference of a member. */
export const memberReferenceType = 'urn:jifen:params:oauth:token-type:member-reference';

/** Says that a token is an access token (RFC 8693 §3). */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

const refuse = (error: TokenErrorCode, description: string): TokenError => ({ error, description });

const field = (form: Form, name: string): string | null => {
  const value = form[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly basic: boolean;
}

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function readBasic(header: string): Client | TokenError {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header)?.[1];
  const [id, ...secret] = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':');
  if (!id || secret.length === 0) return refuse('invalid_client', 'The Basic credential cannot be read.');
  try {
    const decode = (part: string) => decodeURIComponent(part.replaceAll('+', ' '));
    return { clientId: decode(id), clientSecret: decode(secret.join(':')), basic: true };
  } catch {
    return refuse('invalid_client', 'The Basic credential is not form-encoded.');
  }
}

function readClient(form: Form, authorization: string | undefined): Client | TokenError {
  const clientId = field(form, 'client_id');
  const clientSecret = field(form, 'client_secret');
  if (authorization) {
    if (clientSecret) return refuse('invalid_request', 'Give the client credential once only.');
    return readBasic(authorization);
  }
  if (!clientId || !clientSecret) return refuse('invalid_client', 'A client credential is required.');
  return { clientId, clientSecret, basic: false };
}

function readGrant(form: Form): TokenRequest['grant'] | TokenError {
  const grantType = field(form, 'grant_type');
  if (!grantType) return refuse('invalid_request', 'grant_type is required.');
  if (grantType === 'client_credentials') {
    const scope = field(form, 'scope');
    return { kind: 'CLIENT_CREDENTIALS', scopes: scope === null ? null : readScopes(scope) };
  }
  if (grantType !== exchangeGrant)
    return refuse('unsupported_grant_type', `grant_type must be client_credentials or ${exchangeGrant}.`);
  const reference = field(form, 'subject_token');
  if (!reference) return refuse('invalid_request', 'subject_token is required.');
  if (field(form, 'subject_token_type') !== memberReferenceType)
    return refuse('invalid_request', `subject_token_type must be ${memberReferenceType}.`);
  const requested = field(form, 'requested_token_type');
  if (requested !== null && requested !== accessTokenType)
    return refuse('invalid_request', `requested_token_type must be ${accessTokenType}.`);
  return { kind: 'MEMBER_SESSION', reference };
}

/** Reads a token request from its form and its Authorization header. */
export function readTokenRequest(form: Form, authorization: string | undefined): TokenRequest | TokenError {
  const repeated = Object.keys(form).find((name) => Array.isArray(form[name]));
  if (repeated) return refuse('invalid_request', `${repeated} is given more than once.`);
  const client = readClient(form, authorization);
  if ('error' in client) return client;
  const grant = readGrant(form);
  return 'error' in grant ? grant : { ...client, grant };
}
