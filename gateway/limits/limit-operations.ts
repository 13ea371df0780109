import type { ApolloServerPlugin, GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import type { Limits } from '../config.ts';
import type { GatewayContext } from '../context.ts';
import { operationSize } from './operation-size.ts';

const refuse = (code: string, message: string) =>
  new GraphQLError(message, { extensions: { code, http: { status: 400 } } });

type Resolved = Pick<
  GraphQLRequestContextDidResolveOperation<GatewayContext>,
  'schema' | 'document' | 'operation' | 'request'
>;

function check({ schema, document, operation, request }: Resolved, limits: Limits): void {
  if (!operation) return;
  // One fault is enough to refuse, and collecting those of a long list takes minutes.
  const variables = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {}, {
    maxErrors: 1,
  });
  if (variables.errors?.[0]) throw refuse('BAD_USER_INPUT', variables.errors[0].message);
  const size = operationSize(schema, document, operation, variables.coerced ?? {});
  for (const measure of ['depth', 'aliases', 'cost'] as const) {
    if (size[measure] > limits[measure])
      throw refuse(
        'OPERATION_TOO_LARGE',
        `The operation's ${measure} is ${size[measure]}; at most ${limits[measure]} is allowed.`,
      );
  }
}

/**
 * Refuses an operation that is too deep, has too many aliases or may answer too much, and variables that do not fit,
 * before anything is planned or fetched.
 */
export const limitOperations = (limits: Limits): ApolloServerPlugin<GatewayContext> => ({
  requestDidStart: async () => ({ didResolveOperation: async (resolved) => check(resolved, limits) }),
});
