import { createServer, type IncomingHttpHeaders } from 'node:http';
import { pino } from 'pino';
import { request } from 'undici';
import { usualLimits } from '../../gateway/config.ts';
import { type GatewayOptions, startGateway } from '../../gateway/start.ts';
import { createTokenIssuer, newSigningKey, type TokenIssuer } from '../../gateway/token/issuer.ts';
import { readSubgraphSchema, type SubgraphName, subgraphNames } from '../../schema/subgraphs.ts';
import { type Caller, callerKey } from '../../subgraphs/shared/caller.ts';
import { listen, type RunningServer, startSubgraphServer } from '../../subgraphs/shared/subgraph-server.ts';
import { memberIds } from '../support/member-ids.ts';

export const internalKey = callerKey('0123456789abcdef0123456789abcdef');
export const silent = pino({ level: 'silent' });

export type Resolvers = Record<string, Record<string, unknown>>;

/** A gateway before four subgraphs that answer what a test says. */
export interface GatewayWorld {
  readonly origin: string;
  readonly gateway: RunningServer;
  readonly subgraphs: Readonly<Record<SubgraphName, RunningServer>>;
  readonly issuer: TokenIssuer;
  /** Callers that the subgraphs met, in order. */
  readonly met: { readonly subgraph: SubgraphName; readonly caller: Caller }[];
  /** Sends one operation. */
  ask(
    query: string,
    options?: { token?: string; headers?: Record<string, string>; variables?: object },
  ): Promise<Answer>;
  /** Posts a form to the token endpoint. */
  token(form: Record<string, string> | string, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  readonly body: any;
}

async function send(url: string, options: Parameters<typeof request>[1]): Promise<Answer> {
  const response = await request(url, options);
  const text = await response.body.text();
  const json = String(response.headers['content-type']).includes('json');
  return { status: response.statusCode, headers: response.headers, body: json ? JSON.parse(text) : text };
}

/** Resolvers that every fake has, so that lists which a test does not care about are empty. */
const emptyPage = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };
const usual: Record<SubgraphName, Resolvers> = {
  accounts: { Query: { merchants: () => emptyPage } },
  'rewards-catalogue': { Query: { rewards: () => emptyPage } },
  campaigns: { Query: { campaigns: () => emptyPage } },
  charity: { Query: { causes: () => emptyPage } },
};

async function startFakes(
  resolvers: Partial<Record<SubgraphName, Resolvers>>,
  met: GatewayWorld['met'],
): Promise<Record<SubgraphName, RunningServer>> {
  const started = subgraphNames.map(async (name) => {
    const server = await startSubgraphServer({
      typeDefs: readSubgraphSchema(name),
      resolvers: { ...usual[name], ...resolvers[name] },
      createContext: (caller) => {
        met.push({ subgraph: name, caller });
        return { caller };
      },
      ready: async () => {},
      key: internalKey,
      memberIds,
      host: '127.0.0.1',
      port: 0,
      log: silent,
    });
    return [name, server] as const;
  });
  return Object.fromEntries(await Promise.all(started)) as Record<SubgraphName, RunningServer>;
}

/** Starts four fake subgraphs and a gateway before them. */
export async function startGatewayWorld(
  resolvers: Partial<Record<SubgraphName, Resolvers>> = {},
  options: Partial<GatewayOptions> = {},
): Promise<GatewayWorld> {
  const met: GatewayWorld['met'] = [];
  const subgraphs = await startFakes(resolvers, met);
  const signingKey = await newSigningKey();
  const urls = Object.fromEntries(subgraphNames.map((name) => [name, subgraphs[name].url]));
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    log: silent,
    key: internalKey,
    memberIds,
    signingKey,
    tokenIssuer: 'jifen',
    subgraphs: urls as GatewayOptions['subgraphs'],
    introspection: true,
    graphiql: false,
    limits: usualLimits,
    ...options,
  });
  const origin = new URL(gateway.url).origin;
  const ask: GatewayWorld['ask'] = (query, { token, headers, variables } = {}) =>
    send(gateway.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
  const token: GatewayWorld['token'] = (form, headers) =>
    send(`${origin}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    });
  const stop = async () => {
    await gateway.stop();
    await Promise.all(Object.values(subgraphs).map((server) => server.stop()));
  };
  return {
    origin,
    gateway,
    subgraphs,
    issuer: await createTokenIssuer(options.signingKey ?? signingKey, 'jifen', memberIds),
    met,
    ask,
    token,
    get: (path, headers) => send(`${origin}${path}`, headers ? { headers } : {}),
    stop,
  };
}

/** A raw HTTP server that keeps the headers of each request and gives one answer. */
export async function startRawServer(status: number, body: string, delayMs = 0) {
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer((incoming, response) => {
    requests.push(incoming.headers);
    incoming.resume();
    setTimeout(() => response.writeHead(status, { 'content-type': 'application/json' }).end(body), delayMs);
  });
  const port = await listen(server, '127.0.0.1', 0);
  const stop = async () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/graphql`, requests, stop };
}
