import { createServer, type Server } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { SubgraphName } from '../schema/subgraphs.ts';
import { type CallerKey, type OutsideCaller, signCaller } from '../subgraphs/shared/caller.ts';
import { checkAnswers } from '../subgraphs/shared/check-answer.ts';
import { maskErrors } from '../subgraphs/shared/errors.ts';
import { newId } from '../subgraphs/shared/ids.ts';
import type { Log } from '../subgraphs/shared/log.ts';
import type { MemberIds } from '../subgraphs/shared/member-ids.ts';
import { refuseIllFormed } from '../subgraphs/shared/refuse-ill-formed.ts';
import { createServiceClient, type ServiceClient } from '../subgraphs/shared/service-client.ts';
import type { SigningKey } from '../subgraphs/shared/signing/signing-key.ts';
import { listen, type RunningServer } from '../subgraphs/shared/subgraph-server.ts';
import { authenticate, type Callers } from './authenticate.ts';
import { type Limits, usualLimits } from './config.ts';
import type { GatewayContext } from './context.ts';
import { exportRoutes } from './export/export-route.ts';
import type { Execute } from './export/read-export.ts';
import type { Demo } from './graphiql/demo.ts';
import { graphiqlRoutes } from './graphiql/routes.ts';
import { liveRoute, readyRoute } from './health.ts';
import { limitNesting } from './limits/limit-nesting.ts';
import { limitOperations } from './limits/limit-operations.ts';
import { proofRoutes } from './proof/routes.ts';
import { documentsOf } from './statements/statement-client.ts';
import { statementRoutes } from './statements/statement-route.ts';
import { createSupergraph, type Supergraph } from './supergraph/supergraph.ts';
import { accountsPort } from './token/accounts-client.ts';
import { createFailureLimit } from './token/failure-limit.ts';
import type { TokenPorts } from './token/grant-token.ts';
import { createTokenIssuer, type TokenIssuer } from './token/issuer.ts';
import { tokenRoute } from './token/token-route.ts';
import { createTokenVerifier, type OidcProvider } from './token/verifier.ts';

/** What the gateway is started with. */
export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** Signs callers for the subgraphs. */
  readonly key: CallerKey;
  /** How merchants know members. */
  readonly memberIds: MemberIds;
  /** Signs tokens. */
  readonly signingKey: SigningKey;
  readonly tokenIssuer: string;
  /** GraphQL endpoint of each subgraph. */
  readonly subgraphs: Readonly<Record<SubgraphName, string>>;
  readonly oidc?: OidcProvider;
  readonly introspection: boolean;
  readonly graphiql: boolean;
  /** What GraphiQL offers on a demo store; its tokens go to whoever opens it on the machine itself. */
  readonly demo?: () => Demo | null;
  readonly limits?: Limits;
  /** How many proxies stand before the gateway and name the client's address; 0 for none. */
  readonly trustedProxies?: number;
}

/** A request that cannot be read, e.g. too large or not JSON, is told so as GraphQL tells errors. */
const unreadable =
  (log: Log): ErrorRequestHandler =>
  (error: { status?: number; type?: string }, _request, response, _next) => {
    const status = error.status ?? 500;
    if (status >= 500) log.error({ err: error }, 'unexpected error before GraphQL');
    const message =
      status >= 500 ? 'Unexpected error.' : `The request cannot be read: ${error.type ?? status}.`;
    response.status(status).json({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
  };

async function startApollo(
  options: GatewayOptions,
  supergraph: Supergraph,
  server: Server,
): Promise<ApolloServer<GatewayContext>> {
  const limits = options.limits ?? usualLimits;
  const apollo = new ApolloServer<GatewayContext>({
    gateway: supergraph.gateway,
    introspection: options.introspection,
    formatError: maskErrors(options.log),
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.tokens },
    plugins: [
      ApolloServerPluginDrainHttpServer({ httpServer: server, stopGracePeriodMillis: 3_000 }),
      ApolloServerPluginLandingPageDisabled(),
      refuseIllFormed,
      limitOperations(limits),
      checkAnswers,
    ],
  });
  await apollo.start();
  return apollo;
}

/** What an operation carries to the subgraphs; `end` is called when it is over. */
function contextOf(caller: OutsideCaller, { limits = usualLimits, key }: GatewayOptions) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limits.seconds * 1000);
  let signed: Promise<string> | undefined;
  const signedCaller = () => {
    signed ??= signCaller(caller, key);
    return signed;
  };
  const context: GatewayContext = { caller, requestId: newId('req'), signedCaller, deadline: late.signal };
  return { context, end: () => clearTimeout(timer) };
}

/** What a request carries to the subgraphs, made when GraphQL begins. */
function makeContext(options: GatewayOptions, callers: Callers) {
  return async ({ req, res }: { req: Request; res: Response }): Promise<GatewayContext> => {
    const { context, end } = contextOf(callers.callerOf(req), options);
    res.once('close', end);
    return context;
  };
}

/** Sends an operation of our own as a caller, by the way that all operations go. */
const executeIn =
  (apollo: ApolloServer<GatewayContext>, options: GatewayOptions): Execute =>
  async (query, variables, caller) => {
    const { context, end } = contextOf(caller, options);
    try {
      const { body } = await apollo.executeOperation({ query, variables }, { contextValue: context });
      if (body.kind !== 'single' || body.singleResult.errors?.length || !body.singleResult.data)
        throw new Error(JSON.stringify(body));
      return body.singleResult.data;
    } finally {
      end();
    }
  };

function addRoutes(
  app: Express,
  options: GatewayOptions,
  parts: {
    apollo: ApolloServer<GatewayContext>;
    supergraph: Supergraph;
    issuer: TokenIssuer;
    ports: TokenPorts;
    accounts: ServiceClient;
  },
): void {
  const { apollo, supergraph, issuer, ports, accounts } = parts;
  const { log } = options;
  app.get('/health/live', liveRoute);
  app.get('/health/ready', readyRoute(supergraph.loaded, options.subgraphs));
  app.get('/.well-known/jwks.json', (_, response) => {
    response.setHeader('Cache-Control', 'public, max-age=300');
    response.json(issuer.jwks);
  });
  app.use(proofRoutes(accounts, log));
  app.post('/token', express.urlencoded({ extended: false, limit: '10kb' }), tokenRoute(ports, log));
  if (options.graphiql) app.use(graphiqlRoutes(issuer, options.demo ?? (() => null)));
  const callers = authenticate(createTokenVerifier(issuer, options.memberIds, options.oidc));
  app.use(exportRoutes({ callers, execute: executeIn(apollo, options), log }));
  const { key, memberIds } = options;
  app.use(statementRoutes({ callers, memberIds, key, read: documentsOf(accounts), log }));
  app.use(
    '/graphql',
    callers.handler,
    express.json({ limit: (options.limits ?? usualLimits).bodyBytes }),
    limitNesting(options.limits ?? usualLimits),
    expressMiddleware(apollo, { context: makeContext(options, callers) }),
  );
  app.use((_, response) => void response.status(404).json({ error: 'not found' }));
  app.use(unreadable(log));
}

/** Starts the gateway: `/graphql`, `/token`, the key set, health and, if wanted, GraphiQL. */
export async function startGateway(options: GatewayOptions): Promise<RunningServer> {
  const { host, log, key, subgraphs } = options;
  const app = express()
    .disable('x-powered-by')
    .set('trust proxy', options.trustedProxies ?? 0);
  const server = createServer(app);
  const supergraph = createSupergraph(subgraphs, log);
  const apollo = await startApollo(options, supergraph, server);
  const issuer = await createTokenIssuer(options.signingKey, options.tokenIssuer, options.memberIds);
  const accounts = createServiceClient({ service: 'gateway', url: subgraphs.accounts, key });
  const failures = createFailureLimit({ failures: 10, windowMs: 60_000 });
  const ports = { ...accountsPort(accounts), failures, issuer };
  addRoutes(app, options, { apollo, supergraph, issuer, ports, accounts });
  const stop = async () => {
    await apollo.stop();
    await Promise.all([supergraph.close(), accounts.close()]);
  };
  try {
    const port = await listen(server, host, options.port);
    return { url: `http://${host}:${port}/graphql`, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
