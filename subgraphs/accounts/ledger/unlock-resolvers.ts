import type { MutationResolvers } from '../resolver-types.ts';
import type { Ledger } from './ledger.ts';
import { answerCommon, answerPosted } from './ledger-answers.ts';
import { requestOf } from './movement-resolvers.ts';
import { answerNotUnlockable } from './policy-answers.ts';

/** The mutation by which an issuer reports what points wait for. */
export const unlockResolvers = (ledger: Ledger) =>
  ({
    unlockPoints: async (_, { input }, { caller, directory }) => {
      const { postingId, externalRef, event } = input;
      const outcome = await ledger.execute({
        kind: 'UNLOCK',
        ...requestOf(caller, input),
        postingId,
        externalRef,
        event,
        merchantId: caller.kind === 'MERCHANT' ? caller.merchantId : null,
      });
      switch (outcome.kind) {
        case 'PointsPosted':
          return answerPosted(outcome, directory);
        case 'NotUnlockable':
          return answerNotUnlockable(outcome);
        case 'InvalidInput':
        case 'IdempotencyConflict':
        case 'NotFound':
          return answerCommon(outcome);
      }
    },
  }) satisfies MutationResolvers;
