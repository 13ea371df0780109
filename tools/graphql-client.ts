import { Pool } from 'undici';

/** The endpoint answered with errors, or not at all after several tries. */
export class EndpointError extends Error {
  override name = 'EndpointError';
}

/** Sends operations to a public Jifen endpoint, as a storefront or till does. */
export interface GraphqlClient {
  /** Sends one operation. Tries again, unchanged, where it is not known whether it arrived. */
  send<T>(token: string | null, query: string, variables?: Record<string, unknown>): Promise<T>;
  /** Posts a form to the token endpoint and gives the access token. */
  token(form: Record<string, string>): Promise<{ access_token: string; expires_in: number }>;
  /** Requests sent so far, tries included. */
  requests(): number;
  close(): Promise<void>;
}

const attempts = 6;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { message: string; extensions?: { code?: string } }[];
}

/** Whether sending the very same request again may help. Every mutation that is sent is idempotent. */
const passing = (answer: Answer): boolean =>
  answer.errors?.some((error) => error.extensions?.code === 'INTERNAL_SERVER_ERROR') ?? false;

/** A client of the gateway at an origin such as `http://127.0.0.1:4000`. */
export function createGraphqlClient(origin: string, connections = 32): GraphqlClient {
  const pool = new Pool(origin, { connections, headersTimeout: 60_000 });
  let count = 0;
  const post = async (path: string, type: string, token: string | null, body: string): Promise<unknown> => {
    count++;
    const headers = { 'content-type': type, ...(token ? { authorization: `Bearer ${token}` } : {}) };
    const response = await pool.request({ method: 'POST', path, headers, body });
    return response.body.json();
  };
  const send = async <T>(
    token: string | null,
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<T> => {
    const body = JSON.stringify({ query, variables });
    let last = '';
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await pause(50 * 2 ** attempt);
      const answer = (await post('/graphql', 'application/json', token, body).catch(
        (error: Error) => error,
      )) as Answer | Error;
      if (answer instanceof Error) last = answer.message;
      else if (!answer.errors?.length) return answer.data as T;
      else if (passing(answer)) last = answer.errors[0]!.message;
      else throw new EndpointError(answer.errors.map((error) => error.message).join('; '));
    }
    throw new EndpointError(`${origin}: ${last}`);
  };
  const token: GraphqlClient['token'] = async (form) => {
    const answer = await post(
      '/token',
      'application/x-www-form-urlencoded',
      null,
      new URLSearchParams(form).toString(),
    );
    const found = answer as {
      access_token?: string;
      expires_in: number;
      error?: string;
      error_description?: string;
    };
    if (!found.access_token)
      throw new EndpointError(`${origin}/token: ${found.error_description ?? found.error ?? 'no token'}`);
    return { access_token: found.access_token, expires_in: found.expires_in };
  };
  return { send, token, requests: () => count, close: () => pool.close() };
}
