import { checkWithinDays } from '../../shared/argument-rules.ts';
import { type Page, type PageArguments, readTimedPage, toConnection } from '../../shared/connection.ts';
import type { Clock } from '../../shared/ids.ts';
import type { Context } from '../context.ts';
import type { PriceAt } from '../merchant/price-lookup.ts';
import type { Resolvers } from '../resolver-types.ts';
import { unlockingOf } from './enough.ts';
import { knownIssuer, mayKnowIssuer } from './known-issuer.ts';
import type { Ledger } from './ledger.ts';
import { freeOf, type Lot } from './lot.ts';
import { knownOrigins } from './lot-origin.ts';
import { postingPage } from './posting-resolvers.ts';
import { lotPlace, lotPlaceInstants } from './read-wallet.ts';
import { addDays } from './terms.ts';
import { sharePosting, viewPosting, viewWallet } from './views.ts';

/** What the resolvers of wallets need. */
export interface WalletResolverPorts {
  readonly ledger: Ledger;
  /** Writes what has fallen due for a member, in pools too, so that the journal tells of it. */
  readonly settleWallets: (memberId: string) => Promise<void>;
  readonly priceAt: PriceAt;
  readonly clock: Clock;
}

/**
 * The merchant that a caller is, if it may learn of a wallet only what it issued or reserved itself; null for whoever may
 * learn all of it.
 */
export async function partOf(memberId: string, { caller, mayLearn }: Context): Promise<string | null> {
  if (caller.kind !== 'MERCHANT') return null;
  return (await mayLearn(memberId, 'SHARE_BALANCE')) ? null : caller.merchantId;
}

/** A merchant that has no price in a programme neither issues nor honours its points: their number is not its to know. */
async function mayKnowWallet(
  memberId: string,
  programme: string,
  context: Context,
  { priceAt, clock }: WalletResolverPorts,
): Promise<boolean> {
  const merchantId = await partOf(memberId, context);
  return merchantId === null || (await priceAt(merchantId, programme, clock.now())) !== null;
}

async function postingsOf(
  memberId: string,
  { programme, ...page }: PageArguments & { readonly programme?: string | null | undefined },
  { ledger, settleWallets }: WalletResolverPorts,
  { caller, mayLearn }: Context,
) {
  if (!page.after) await settleWallets(memberId);
  if (caller.kind !== 'MERCHANT')
    return postingPage(ledger, { memberId, programme }, page, (posting) => viewPosting(posting, memberId));
  const { merchantId } = caller;
  const seen = (await mayLearn(memberId, 'SHARE_ACTIVITY')) ? { sharedWith: merchantId } : { merchantId };
  const shared = { memberId, programme, ...seen, withoutCases: true, asSpender: true };
  return postingPage(ledger, shared, page, (posting) => sharePosting(posting, memberId, merchantId));
}

const memberFields = (ports: WalletResolverPorts) =>
  ({
    wallet: async (member, { programme }, context) => {
      const found = await context.directory.programme(programme ?? 'SHARED');
      if (!found || !(await mayKnowWallet(member.id, found.code, context, ports))) return null;
      return viewWallet(await ports.ledger.wallet(member.id, found.code), member);
    },
    wallets: async (member, _, context) => {
      const wallets = await ports.ledger.wallets(member.id);
      const known = await Promise.all(
        wallets.map(({ programme }) => mayKnowWallet(member.id, programme, context, ports)),
      );
      return wallets.filter((__, i) => known[i]).map((wallet) => viewWallet(wallet, member));
    },
    postings: ({ id }, args, context) => postingsOf(id, args, ports, context),
  }) satisfies Resolvers['Member'];

const isMerchant = ({ caller }: Context): boolean => caller.kind === 'MERCHANT';

/**
 * A page of the lots of which something is free: all that merchants are shown, so that what a case froze looks like points that are
 * not there, as given and pooled ones do; one more than asked for if there are more.
 */
async function freeLots(
  read: (page: Page) => Promise<readonly Lot[]>,
  { first, after }: Page,
): Promise<Lot[]> {
  const free: Lot[] = [];
  for (let from = after; ; ) {
    const found = await read({ first, after: from });
    free.push(...found.filter((lot) => freeOf(lot) > 0n));
    if (free.length > first || found.length <= first) return free.slice(0, first + 1);
    from = lotPlace(found.at(-1)!);
  }
}

/** Resolvers of members' wallets and their lots. */
export const walletResolvers = (ports: WalletResolverPorts) => {
  const { ledger, clock } = ports;
  const originOf = knownOrigins(ledger);
  return {
    Member: memberFields(ports),
    Wallet: {
      programme: async ({ programme }, _, { directory }) => (await directory.programme(programme))!,
      pending: async ({ id, memberId, pending }, _, context) => {
        const merchantId = pending > 0n ? await partOf(memberId, context) : null;
        return merchantId === null ? pending : (await ledger.ownPart(id, merchantId)).pending;
      },
      held: async ({ id, memberId, held, frozen }, _, context) => {
        const merchantId = held > 0n ? await partOf(memberId, context) : null;
        if (merchantId !== null) return (await ledger.ownPart(id, merchantId)).held;
        return isMerchant(context) ? held - frozen : held;
      },
      cashEquivalent: async ({ programme, available }, _, { directory }) => {
        const { amountMinor, currency } = (await directory.programme(programme))!.cashEquivalentPerThousand;
        return { amountMinor: (available * amountMinor) / 1000n, currency };
      },
      lots: async ({ id, memberId }, args, context) => {
        const page = readTimedPage(args, lotPlaceInstants);
        const shared = await context.mayLearn(memberId, 'SHARE_ACTIVITY');
        const issuerId = await partOf(memberId, context);
        const read = (some: Page) => ledger.lots(id, some, issuerId);
        const lots = await (isMerchant(context) ? freeLots(read, page) : read(page));
        const views = lots.map((lot) => ({ ...lot, memberId, shared }));
        return toConnection(views, page.first, lotPlace);
      },
      expiring: async ({ id, memberId }, { withinDays }, context) => {
        const days = withinDays ?? 90;
        checkWithinDays(days);
        return ledger.expiring(id, addDays(clock.now(), days), await partOf(memberId, context));
      },
      nextExpiry: async ({ id, memberId }, _, context) =>
        ledger.nextExpiry(id, await partOf(memberId, context)),
      unlocking: async (wallet) =>
        wallet.pending === 0n ? [] : unlockingOf(wallet, await ledger.openLots(wallet.id)),
    },
    Lot: {
      remaining: (lot, _, context) => (isMerchant(context) ? freeOf(lot) : lot.remaining),
      held: ({ held }, _, context) => (isMerchant(context) ? 0n : held),
      issuer: ({ issuerId, shared }, _, { caller, directory }) =>
        shared ? directory.merchant(issuerId) : knownIssuer(issuerId, caller, directory),
      campaignId: ({ issuerId, campaignId }, _, { caller }) =>
        mayKnowIssuer(issuerId, caller) ? campaignId : null,
      awaits: ({ unlocked, unlockEvent, unlocksAt, lapses }) =>
        unlocked || unlockEvent === null
          ? null
          : { event: unlockEvent, until: unlocksAt, otherwise: lapses ? 'LAPSE' : 'UNLOCK' },
      originLotId: (lot, _, context) => originOf(lot, context),
      arrearsPolicy: ({ ifSpent }) => ifSpent,
      slidingMonths: ({ slideMonths }) => slideMonths,
    },
  } satisfies Resolvers;
};
