import { actorOf } from '../../shared/caller.ts';
import { notFound } from '../../shared/refusal.ts';
import type { Context } from '../context.ts';
import { mayKnow } from '../membership/find-member.ts';
import type { MutationResolvers } from '../resolver-types.ts';
import type { Ledger } from './ledger.ts';
import { answerCommon, answerPosted } from './ledger-answers.ts';
import { requestOf } from './movement-resolvers.ts';
import { answerNotRestorable } from './policy-answers.ts';
import type { OwnedLot } from './read-reminders.ts';
import { partOf } from './wallet-resolvers.ts';

/**
 * A lot that a caller may know of: the member's own, in its wallet or in a pool, or of what is in the wallet of a merchant's
 * member what the merchant may learn of it.
 */
async function knownLot(lotId: string, ledger: Ledger, context: Context): Promise<OwnedLot | null> {
  const lot = await ledger.lot(lotId);
  const member = lot && (await context.directory.member(lot.memberId));
  if (!member || !mayKnow(actorOf(context.caller), member)) return null;
  if (lot.householdId !== null && context.caller.kind === 'MERCHANT') return null;
  const issuerId = await partOf(lot.memberId, context);
  return issuerId === null || issuerId === lot.issuerId ? lot : null;
}

/** The mutation by which points that expired are given back. */
export const restoreResolvers = (ledger: Ledger) =>
  ({
    restoreLot: async (_, { input }, context) => {
      const { caller, directory } = context;
      const lot = await knownLot(input.lotId, ledger, context);
      const { id: lotId = input.lotId, walletId = '', memberId = '', programme = '' } = lot ?? {};
      const householdId = lot?.householdId ?? null;
      const outcome = await ledger.execute({
        kind: 'RESTORE',
        ...requestOf(caller, input),
        missing: lot ? null : notFound('LOT' as const, input.lotId),
        ...{ lotId, walletId, householdId, memberId, programme },
        merchantId: caller.kind === 'MERCHANT' ? caller.merchantId : null,
      });
      switch (outcome.kind) {
        case 'PointsPosted':
          return answerPosted(outcome, directory);
        case 'NotRestorable':
          return answerNotRestorable(outcome);
        case 'InvalidInput':
        case 'IdempotencyConflict':
        case 'NotFound':
          return answerCommon(outcome);
      }
    },
  }) satisfies MutationResolvers;
