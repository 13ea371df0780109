import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { newId } from './ids.ts';
import type { Log } from './log.ts';

const internal = 'INTERNAL_SERVER_ERROR';

/** Refuses arguments that the schema's types let through and nothing can be made of. Says what is wrong and what would be right. */
export const badUserInput = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

/**
 * Masks faults: what somebody outside may know (a GraphQLError with a code of its own) passes; anything else is
 * logged under a new id and answered as that id alone. An error that a subgraph masked keeps the subgraph's id.
 */
export function maskErrors(
  log: Log,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  return (formatted, error) => {
    const code = formatted.extensions?.['code'];
    const original = unwrapResolverError(error);
    const known = original instanceof GraphQLError || formatted.extensions?.['errorId'] !== undefined;
    const kept = ['locations', 'path'] as const;
    const place = Object.fromEntries(kept.flatMap((key) => (formatted[key] ? [[key, formatted[key]]] : [])));
    if (known && code !== undefined && code !== internal)
      return { message: formatted.message, ...place, extensions: { code } };
    const errorId = (formatted.extensions?.['errorId'] as string | undefined) ?? newId('err');
    log.error({ errorId, err: original, path: formatted.path }, 'unexpected error');
    return { message: `Unexpected error ${errorId}.`, ...place, extensions: { code: internal, errorId } };
  };
}
