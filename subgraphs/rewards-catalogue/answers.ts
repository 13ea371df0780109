import { GraphQLError } from 'graphql';
import { type Page, type PageArguments, readPage } from '../shared/connection.ts';
import { ServiceUnavailable } from '../shared/service-client.ts';
import type { Context, MemberReference } from './context.ts';
import { NotFinishedYet } from './refusal.ts';

/** An error for an argument that breaks a rule. */
export const badArgument = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

/** Checks a connection's arguments, whose cursors hold a value of the order and an id. */
export function readOrderedPage(args: PageArguments, isValue: (text: string) => boolean): Page {
  const page = readPage(args, 2);
  if (page.after && !isValue(page.after[0]!))
    throw badArgument('after: not a cursor that this connection gave');
  return page;
}

/**
 * Does a mutation. Where accounts gave no answer the caller is told that nothing is lost: what was begun is carried on
 * by the same request sent again, and by the sweeper.
 */
export async function mutate<T>(context: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServiceUnavailable || error instanceof NotFinishedYet)) throw error;
    context.log.warn({ err: error }, 'a mutation was not finished');
    throw new GraphQLError(
      'This could not be finished now. Nothing is lost: send the same request again to carry on.',
      { extensions: { code: 'SERVICE_UNAVAILABLE' } },
    );
  } finally {
    context.renewLoaders();
  }
}

/** A member as the caller may see it: null for a merchant that accounts does not know to have registered the member. */
export async function referToMember(context: Context, id: string): Promise<MemberReference | null> {
  if (context.caller.kind !== 'MERCHANT') return { id, registeredBy: [] };
  const known = await context.loaders.member.load(id);
  return known && { id, registeredBy: known.registeredBy };
}
