import { Pool } from 'undici';
import { type Caller, type CallerKey, callerHeader, type OutsideCaller, signCaller } from './caller.ts';

/** The other subgraph could not be reached or failed: whether it acted is not known, so the step must be sent again. */
export class ServiceUnavailable extends Error {
  override name = 'ServiceUnavailable';
}

const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** Whether a request failed before anything of it was sent, so that it certainly did nothing and never will. */
export const wasNeverSent = (error: unknown): boolean =>
  error instanceof ServiceUnavailable &&
  neverConnected.has((error.cause as { code?: string } | undefined)?.code ?? '');

/** Asks another subgraph over GraphQL with the service credential. */
export interface ServiceClient {
  /** Sends one operation, acting for `actor` if given. Throws ServiceUnavailable on any failure, GraphQL errors included. */
  send<T>(operation: string, variables: Record<string, unknown>, actor?: OutsideCaller): Promise<T>;
  close(): Promise<void>;
}

const encode = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

/** A client of the subgraph at `url` (`http://host:port/graphql`) for the named service. */
export function createServiceClient(options: {
  service: string;
  url: string;
  key: CallerKey;
  timeoutMs?: number;
}): ServiceClient {
  const { service, url, key, timeoutMs = 10_000 } = options;
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 64, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  const send = async <T>(
    operation: string,
    variables: Record<string, unknown>,
    actor?: OutsideCaller,
  ): Promise<T> => {
    const caller: Caller = actor
      ? { kind: 'SERVICE', service, onBehalfOf: actor }
      : { kind: 'SERVICE', service };
    const answer = await post(
      pool,
      pathname,
      await signCaller(caller, key),
      JSON.stringify({ query: operation, variables }, encode),
    );
    if (answer.errors?.length || !answer.data)
      throw new ServiceUnavailable(`${url}: ${JSON.stringify(answer.errors)}`);
    return answer.data as T;
  };
  return { send, close: () => pool.close() };
}

async function post(
  pool: Pool,
  path: string,
  header: string,
  body: string,
): Promise<{ data?: unknown; errors?: unknown[] }> {
  try {
    const headers = { 'content-type': 'application/json', [callerHeader]: header };
    const response = await pool.request({ method: 'POST', path, headers, body });
    return (await response.body.json()) as { data?: unknown; errors?: unknown[] };
  } catch (error) {
    throw new ServiceUnavailable(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
