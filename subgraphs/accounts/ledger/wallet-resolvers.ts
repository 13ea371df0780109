import { GraphQLError } from 'graphql';
import { readTimedPage, toConnection } from '../../shared/connection.ts';
import type { Clock } from '../../shared/ids.ts';
import type { Resolvers } from '../resolver-types.ts';
import { knownIssuer, mayKnowIssuer } from './known-issuer.ts';
import type { Ledger } from './ledger.ts';
import { postingPage } from './posting-resolvers.ts';
import { lotPlace, lotPlaceInstants } from './read-wallet.ts';
import { addDays } from './terms.ts';
import { viewWallet } from './views.ts';

const mostDays = 3_660;

function checkDays(withinDays: number): void {
  if (withinDays >= 0 && withinDays <= mostDays) return;
  throw new GraphQLError(`withinDays: must be 0 to ${mostDays}, got ${withinDays}`, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

/** Resolvers of members' wallets and their lots. */
export const walletResolvers = (ledger: Ledger, clock: Clock) =>
  ({
    Member: {
      wallet: async (member, { programme }, { directory }) => {
        const found = await directory.programme(programme ?? 'SHARED');
        return found && viewWallet(await ledger.wallet(member.id, found.code), member);
      },
      wallets: async (member) =>
        (await ledger.wallets(member.id)).map((wallet) => viewWallet(wallet, member)),
      postings: ({ id }, { programme, ...page }, { caller }) =>
        postingPage(
          ledger,
          { memberId: id, programme, merchantId: caller.kind === 'MERCHANT' ? caller.merchantId : null },
          page,
          id,
        ),
    },
    Wallet: {
      programme: async ({ programme }, _, { directory }) => (await directory.programme(programme))!,
      cashEquivalent: async ({ programme, available }, _, { directory }) => {
        const { amountMinor, currency } = (await directory.programme(programme))!.cashEquivalentPerThousand;
        return { amountMinor: (available * amountMinor) / 1000n, currency };
      },
      lots: async ({ id }, args) => {
        const page = readTimedPage(args, lotPlaceInstants);
        return toConnection(await ledger.lots(id, page), page.first, lotPlace);
      },
      expiring: async ({ id }, { withinDays }) => {
        const days = withinDays ?? 90;
        checkDays(days);
        return ledger.expiring(id, addDays(clock.now(), days));
      },
      nextExpiry: ({ id }) => ledger.nextExpiry(id),
    },
    Lot: {
      issuer: ({ issuerId }, _, { caller, directory }) => knownIssuer(issuerId, caller, directory),
      campaignId: ({ issuerId, campaignId }, _, { caller }) =>
        mayKnowIssuer(issuerId, caller) ? campaignId : null,
      awaits: ({ unlocked, unlockEvent, unlocksAt, lapses }) =>
        unlocked || unlockEvent === null
          ? null
          : { event: unlockEvent, until: unlocksAt, otherwise: lapses ? 'LAPSE' : 'UNLOCK' },
      arrearsPolicy: ({ ifSpent }) => ifSpent,
      slidingMonths: ({ slideMonths }) => slideMonths,
    },
  }) satisfies Resolvers;
