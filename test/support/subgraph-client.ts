import { Agent, request } from 'undici';
import { type Caller, type CallerKey, callerHeader, signCaller } from '../../subgraphs/shared/caller.ts';

/** An answer as it came over HTTP. */
export interface HttpAnswer<T = Record<string, unknown>> {
  readonly status: number;
  readonly data: T | null | undefined;
  readonly errors: readonly {
    message: string;
    path?: (string | number)[];
    extensions: { code: string; errorId?: string };
  }[];
}

/** Sends operations to one subgraph. */
export interface SubgraphClient {
  readonly url: string;
  /** The whole answer to an operation of a caller. */
  ask<T = Record<string, unknown>>(
    caller: Caller,
    operation: string,
    variables?: object,
  ): Promise<HttpAnswer<T>>;
  /** The data of an operation; throws where there are errors. */
  send<T>(caller: Caller, operation: string, variables?: object): Promise<T>;
  /** The answer to an operation with these headers and no others. */
  askWith(headers: Record<string, string>, operation: string, variables?: object): Promise<HttpAnswer>;
}

// Kept alive like a real caller's, and plainer than fetch, which costs more than many an answer.
const connections = new Agent({ keepAliveTimeout: 4_000 });

const encode = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

/** A client of the subgraph at `url` that signs callers with `key`. */
export function subgraphClient(url: string, key: CallerKey): SubgraphClient {
  const askWith = async <T>(
    headers: Record<string, string>,
    query: string,
    variables: object = {},
  ): Promise<HttpAnswer<T>> => {
    const { statusCode, body } = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }, encode),
      dispatcher: connections,
    });
    const { data, errors = [] } = (await body.json()) as Partial<HttpAnswer<T>>;
    return { status: statusCode, data, errors };
  };
  const ask = async <T>(caller: Caller, query: string, variables: object = {}): Promise<HttpAnswer<T>> =>
    askWith<T>({ [callerHeader]: await signCaller(caller, key) }, query, variables);
  const send = async <T>(caller: Caller, query: string, variables: object = {}): Promise<T> => {
    const { data, errors } = await ask<T>(caller, query, variables);
    if (errors.length > 0 || !data) throw new Error(JSON.stringify(errors));
    return data;
  };
  return { url, ask, send, askWith };
}
