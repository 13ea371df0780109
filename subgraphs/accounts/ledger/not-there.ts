import { GraphQLError } from 'graphql';

/** Refuses a query for something that must exist to be answered. */
export function notThere(argument: string): never {
  throw new GraphQLError(`${argument}: there is no such ${argument}`, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
