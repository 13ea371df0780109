import DataLoader from 'dataloader';
import type { Caller } from '../../shared/caller.ts';
import { type PageArguments, readTimedPage, toConnection } from '../../shared/connection.ts';
import type { Context } from '../context.ts';
import { mayKnow } from '../membership/find-member.ts';
import type { Resolvers } from '../resolver-types.ts';
import { allocationsFor } from './allocations-for.ts';
import { knownIssuer } from './known-issuer.ts';
import type { Ledger } from './ledger.ts';
import type { Posting } from './posting.ts';
import type { PostingQuery } from './posting-store.ts';
import type { Reversals } from './reversals.ts';
import {
  changeOf,
  type EntryViewer,
  entriesFor,
  type PostingConnection,
  type PostingView,
  settledArrearsOf,
  viewAllocation,
  viewPosting,
} from './views.ts';

/** A page of postings, newest first, as the ones they are about see them unless told. */
export async function postingPage(
  ledger: Ledger,
  query: PostingQuery,
  args: PageArguments,
  view: (posting: Posting) => PostingView = viewPosting,
): Promise<PostingConnection> {
  const page = readTimedPage(args, 1);
  const rows = await ledger.postings(query, page);
  const views = rows.map((posting) => view(posting));
  return toConnection(views, page.first, ({ at, id }) => [at.toISOString(), id]);
}

/** Whether a caller may see a posting; `@owned` says the same of its fields. */
export function maySee(caller: Caller, posting: Posting): boolean {
  if (caller.kind === 'MEMBER') return posting.memberIds.includes(caller.memberId);
  if (caller.kind === 'MERCHANT') return posting.merchantIds.includes(caller.merchantId);
  return true;
}

function entryViewer(caller: Caller, { shared, perspective }: PostingView): EntryViewer {
  if (caller.kind === 'MEMBER') return { memberId: caller.memberId };
  if (shared) return { memberId: perspective };
  return caller.kind === 'MERCHANT' ? 'MERCHANT' : 'ALL';
}

/** A merchant is told that a pool paid, and not whose points they were. */
const mayKnowContributors = ({ kind }: Caller): boolean =>
  kind === 'MEMBER' || kind === 'OPERATOR' || kind === 'AUDITOR';

async function visiblePosting(id: string, ledger: Ledger, caller: Caller): Promise<PostingView | null> {
  const posting = await ledger.posting(id);
  if (!posting || !maySee(caller, posting)) return null;
  return viewPosting(posting, caller.kind === 'MEMBER' ? caller.memberId : undefined);
}

/** Gives each request its own loader of reversals. */
function reversalLoaders(ledger: Ledger) {
  const loaders = new WeakMap<Context, DataLoader<string, Reversals | null>>();
  return (context: Context): DataLoader<string, Reversals | null> => {
    const known = loaders.get(context);
    if (known) return known;
    const loader = new DataLoader<string, Reversals | null>(async (ids) => {
      const reversals = await ledger.reversals(ids);
      return ids.map((id) => reversals.get(id) ?? null);
    });
    loaders.set(context, loader);
    return loader;
  };
}

const nothing: PostingConnection = { edges: [], pageInfo: { hasNextPage: false, endCursor: null } };

/**
 * Resolvers of postings. Before the first page of a member's, what has fallen due for it is written; others' postings are told
 * as they are written.
 */
export function postingResolvers(ledger: Ledger, settleWallets: (memberId: string) => Promise<void>) {
  const reversals = reversalLoaders(ledger);
  return {
    Query: {
      posting: (_, { id }, { caller }) => visiblePosting(id, ledger, caller),
      postings: async (_, { filter, ...page }, { caller }) => {
        if (filter?.memberId && !page.after) await settleWallets(filter.memberId);
        if (caller.kind !== 'MERCHANT') return postingPage(ledger, filter ?? {}, page);
        const { merchantId } = caller;
        // Of another merchant's postings it may see those that are its own too, and there are none.
        if (filter?.merchantId && filter.merchantId !== merchantId) return nothing;
        return postingPage(ledger, { ...filter, merchantId, asSpender: true }, page);
      },
    },
    Posting: {
      __resolveReference: ({ id }, { caller }) => visiblePosting(id, ledger, caller),
      programme: async ({ programme }, _, { directory }) => (await directory.programme(programme))!,
      change: (posting) => changeOf(posting),
      settledArrears: (posting) => settledArrearsOf(posting),
      entries: (posting, _, { caller }) => entriesFor(posting, entryViewer(caller, posting)),
      merchant: ({ merchantId }, _, { directory }) =>
        merchantId === null ? null : directory.merchant(merchantId),
      member: async ({ memberIds, shared, perspective }, _, { caller, directory }) => {
        const member = await directory.member(shared ? perspective : memberIds[0]!);
        return member && mayKnow(caller, member) ? member : null;
      },
      reverses: ({ reverses }, _, { caller }) =>
        reverses === null ? null : visiblePosting(reverses, ledger, caller),
      reversed: async ({ id }, _, context) => (await reversals(context).load(id))?.points ?? 0n,
      lines: async ({ id, kind, lines }, _, context) => {
        if (kind !== 'EARN' || lines.length === 0) return [];
        const found = await reversals(context).load(id);
        return lines.map((line) => ({ ...line, reversed: found?.lines.get(line.id) ?? 0n }));
      },
      fromHousehold: ({ householdId }) => householdId !== undefined,
      allocations: (posting, _, { caller }) =>
        allocationsFor(posting, caller, entryViewer(caller, posting)).map((part) =>
          viewAllocation(part, posting),
        ),
    },
    Allocation: {
      settlesArrears: ({ settles }) => settles,
      contributor: ({ contributor }, _, { caller }) => (mayKnowContributors(caller) ? contributor : null),
      issuer: ({ issuerId }, _, { caller, directory }) => knownIssuer(issuerId, caller, directory),
    },
  } satisfies Resolvers;
}
