import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type RequestHandler } from 'express';
import type { DocumentNode } from 'graphql';
import { enforceAccess } from './access.ts';
import { type Caller, type CallerKey, callerHeader, verifyCaller } from './caller.ts';
import { checkAnswers } from './check-answer.ts';
import { StartError } from './config.ts';
import { maskErrors } from './errors.ts';
import { batchType, eventsPath, readWire } from './events/event-wire.ts';
import type { TakeEvents } from './events/subscriber.ts';
import type { Log } from './log.ts';
import type { MemberIds } from './member-ids.ts';
import { pairwiseIds } from './pairwise.ts';
import { refuseIllFormed } from './refuse-ill-formed.ts';
import type { Running } from './run-process.ts';
import { makeSubgraphSchema } from './subgraph-schema.ts';

/** What every resolver's context holds at least. */
export interface BaseContext {
  readonly caller: Caller;
}

/** What a subgraph's server is made of. */
export interface SubgraphServerOptions<C extends BaseContext> {
  readonly typeDefs: DocumentNode;
  readonly resolvers: unknown;
  /** Makes the context of one request; loaders belong to it. */
  readonly createContext: (caller: Caller) => C;
  /** Resolves if the subgraph can do its work (its database answers), else rejects. */
  readonly ready: () => Promise<unknown>;
  /** Acts on events of other subgraphs, at `/events`; there is no such address if left out. */
  readonly takeEvents?: TakeEvents;
  readonly key: CallerKey;
  /** How merchants know members. */
  readonly memberIds: MemberIds;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
}

/** A server that listens. */
export interface RunningServer extends Running {
  /** Its GraphQL endpoint. */
  readonly url: string;
  readonly port: number;
}

/** A server that also has work of its own to do now and then. */
export interface SweepingServer extends RunningServer {
  /** Does that work now, and resolves when it is done. */
  sweep(): Promise<void>;
}

const callers = new WeakMap<object, Caller>();

/** Lets nothing in that does not carry a caller signed with the coalition's internal key. */
const requireCaller =
  (key: CallerKey): RequestHandler =>
  async (request, response, next) => {
    const caller = await verifyCaller(request.header(callerHeader), key);
    if (!caller) {
      response.status(401).json({
        errors: [
          { message: 'A subgraph answers the gateway only.', extensions: { code: 'UNAUTHENTICATED' } },
        ],
      });
      return;
    }
    callers.set(request, caller);
    next();
  };

/** Lets other subgraphs hand their events over. */
function eventsRoute(takeEvents: TakeEvents, log: Log): RequestHandler {
  return async (request, response) => {
    if (callers.get(request)?.kind !== 'SERVICE')
      return void response.status(403).json({ error: 'only a subgraph hands events over' });
    const events = readWire(request.body);
    if (!events) return void response.status(422).json({ error: 'not a batch of events' });
    try {
      response.json(await takeEvents(events));
    } catch (err) {
      log.warn({ err }, 'events could not be taken');
      response.status(503).json({ error: 'cannot take events now' });
    }
  };
}

/** Starts listening. Throws a StartError that says so where the port is taken. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new StartError(`port ${port} on ${host} is taken: stop what uses it or choose another`)
          : error,
      ),
    );
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Starts a subgraph: `/graphql` and `/events` for signed callers, `/health/live` and `/health/ready` for whoever runs it. */
export async function startSubgraphServer<C extends BaseContext>(
  options: SubgraphServerOptions<C>,
): Promise<RunningServer> {
  const { typeDefs, resolvers, createContext, ready, takeEvents, key, memberIds, host, port, log } = options;
  const schema = makeSubgraphSchema(typeDefs, resolvers);
  enforceAccess(pairwiseIds(schema, memberIds));
  const apollo = new ApolloServer<C>({
    schema,
    formatError: maskErrors(log),
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    csrfPrevention: false,
    // Nobody asks for traces, and saying so at each start would only be noise.
    plugins: [ApolloServerPluginInlineTraceDisabled(), refuseIllFormed, checkAnswers],
  });
  await apollo.start();
  const app = express().disable('x-powered-by');
  app.get('/health/live', (_, response) => void response.json({ status: 'up' }));
  app.get('/health/ready', async (_, response) => {
    await ready().then(
      () => response.json({ status: 'ready' }),
      () => response.status(503).json({ status: 'not ready' }),
    );
  });
  const context = async ({ req }: { req: object }) => createContext(callers.get(req)!);
  app.use(
    '/graphql',
    requireCaller(key),
    express.json({ limit: '2mb' }),
    expressMiddleware(apollo, { context }),
  );
  if (takeEvents) {
    const readBatch = express.json({ limit: '16mb', type: batchType });
    app.post(eventsPath, requireCaller(key), readBatch, eventsRoute(takeEvents, log));
  }
  const server = createServer(app);
  const actualPort = await listen(server, host, port);
  const stop = async () => {
    await apollo.stop();
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${host}:${actualPort}/graphql`, port: actualPort, stop };
}
