import { actorOf, type Caller } from '../../shared/caller.ts';
import type { Directory } from '../directory.ts';
import { mayKnow } from '../membership/find-member.ts';
import type { MutationResolvers } from '../resolver-types.ts';
import type { Ledger } from './ledger.ts';
import { answerCommon, answerPosted } from './ledger-answers.ts';
import { requestOf } from './movement-resolvers.ts';
import { answerNotRestorable } from './policy-answers.ts';
import type { OwnedLot } from './read-reminders.ts';

/** A lot that a caller may know of: of the member itself, or of a member that the merchant registered. */
async function knownLot(
  lotId: string,
  ledger: Ledger,
  caller: Caller,
  directory: Directory,
): Promise<OwnedLot | null> {
  const lot = await ledger.lot(lotId);
  const member = lot && (await directory.member(lot.memberId));
  return member && mayKnow(actorOf(caller), member) ? lot : null;
}

/** The mutation by which points that expired are given back. */
export const restoreResolvers = (ledger: Ledger) =>
  ({
    restoreLot: async (_, { input }, { caller, directory }) => {
      const lot = await knownLot(input.lotId, ledger, caller, directory);
      const { id: lotId = input.lotId, walletId = '', memberId = '', programme = '' } = lot ?? {};
      const outcome = await ledger.execute({
        kind: 'RESTORE',
        ...requestOf(caller, input),
        missing: lot ? null : { what: 'LOT', id: input.lotId },
        ...{ lotId, walletId, memberId, programme },
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
