import { GraphQLError } from 'graphql';
import { type Page, type PageArguments, readPage } from '../../shared/connection.ts';

/**
 * Reads a page whose cursor holds so many instants and then an id. Refuses cursors that hold anything else: nobody got
 * them from here.
 */
export function readTimedPage(args: PageArguments, instants: number): Page {
  const page = readPage(args, instants + 1);
  const times = page.after?.slice(0, instants) ?? [];
  if (times.some((time) => Number.isNaN(Date.parse(time))))
    throw new GraphQLError('after: not a cursor that this connection gave', {
      extensions: { code: 'BAD_USER_INPUT' },
    });
  return page;
}
