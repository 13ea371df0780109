import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { Pool } from 'undici';
import { callerHeader } from '../../subgraphs/shared/caller.ts';
import type { GatewayContext } from '../context.ts';

/** Header that carries the request's id to the subgraphs. */
export const requestIdHeader = 'x-request-id';

/** A subgraph as the gateway asks it. */
export interface SubgraphSource extends GraphQLDataSource<GatewayContext> {
  close(): Promise<void>;
}

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

type Request = GraphQLDataSourceProcessOptions<GatewayContext>['request'];

const tooLate = () =>
  new GraphQLError(
    'The request took too long. If it was to change something, send it again with the same key.',
    {
      extensions: { code: 'TIMEOUT' },
    },
  );

/** Made into real errors, so that what a subgraph means to say outside is told from faults by its type. */
const toError = (error: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(error.message, { path: error.path, extensions: error.extensions });

async function post(pool: Pool, path: string, request: Request, context: GatewayContext): Promise<Answer> {
  const { query, variables, operationName } = request;
  const headers = {
    'content-type': 'application/json',
    [callerHeader]: await context.signedCaller(),
    [requestIdHeader]: context.requestId,
  };
  const body = JSON.stringify({ query, variables, operationName });
  const response = await pool.request({ method: 'POST', path, headers, body, signal: context.deadline });
  if (response.statusCode === 200) return (await response.body.json()) as Answer;
  throw new Error(`status ${response.statusCode}: ${(await response.body.text()).slice(0, 500)}`);
}

/**
 * A data source over kept-alive connections. Whatever is not an answer of status 200 is a fault of ours, which the
 * edge masks: the gateway has checked the operation and its variables before.
 */
export function createSubgraphSource(name: string, url: string): SubgraphSource {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 128, keepAliveTimeout: 30_000 });
  const process = async (options: GraphQLDataSourceProcessOptions<GatewayContext>) => {
    const context = options.context as GatewayContext;
    try {
      const { data, errors } = await post(pool, pathname, options.request, context);
      return errors?.length ? { data: data ?? null, errors: errors.map(toError) } : { data: data ?? null };
    } catch (error) {
      if (context.deadline.aborted) throw tooLate();
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };
  return { process, close: () => pool.close() };
}
