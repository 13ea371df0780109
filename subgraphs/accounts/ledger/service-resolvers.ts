import type { Caller } from '../../shared/caller.ts';
import { answerHouseholdLimit, answerNotInHousehold } from '../../shared/pool-answers.ts';
import { notFound } from '../../shared/refusal.ts';
import type { Directory } from '../directory.ts';
import type { MutationResolvers } from '../resolver-types.ts';
import type { HoldResolved } from './command.ts';
import type { Ledger } from './ledger.ts';
import {
  answerAlreadyPosted,
  answerAlreadyResolved,
  answerCommon,
  answerNotEnough,
  answerPosted,
} from './ledger-answers.ts';
import { poolOf, requestOf, selected } from './movement-resolvers.ts';
import { answerIssuerNotEligible } from './policy-answers.ts';

/** Members and merchants that another subgraph names must exist; the ledger refuses what is missing in its order. */
async function missingOf(
  input: { readonly memberId: string; readonly merchantId?: string },
  directory: Directory,
) {
  const member = await directory.member(input.memberId);
  if (!member) return selected(undefined, { id: input.memberId }).missing;
  if (input.merchantId === undefined || (await directory.merchant(input.merchantId))) return null;
  return notFound('MERCHANT' as const, input.merchantId);
}

/** What makes a service's request the same: all of it but the note, which only describes and may read otherwise later. */
function serviceRequestOf(
  caller: Caller,
  input: { readonly idempotencyKey: string; readonly note?: unknown },
) {
  const identity: { readonly idempotencyKey: string } = Object.assign({}, input, { note: undefined });
  return requestOf(caller, identity);
}

const answerResolved = ({ hold, replayed }: HoldResolved) => ({
  __typename: 'HoldResolved' as const,
  hold,
  replayed,
});

/** Mutations by which the other subgraphs' sagas move points. */
export const serviceResolvers = (ledger: Ledger) =>
  ({
    postEarn: async (_, { input }, { caller, directory }) => {
      const missing = await missingOf(input, directory);
      const outcome = await ledger.execute({
        ...input,
        ...serviceRequestOf(caller, input),
        kind: 'EARN',
        missing,
      });
      if (outcome.kind === 'PointsPosted') return answerPosted(outcome, directory);
      if (outcome.kind === 'IssuerNotEligible') return answerIssuerNotEligible(outcome, directory);
      return outcome.kind === 'AlreadyPosted' ? answerAlreadyPosted(outcome) : answerCommon(outcome);
    },
    holdPoints: async (_, { input }, { caller, directory }) => {
      const missing = await missingOf(input, directory);
      const pool = await poolOf(input, input.memberId, directory);
      const request = requestOf(caller, input);
      const outcome = await ledger.execute({ ...input, ...request, ...pool, kind: 'HOLD', missing });
      if (outcome.kind === 'PointsHeld') {
        const { kind: __typename, hold, replayed } = outcome;
        return { __typename, hold, replayed };
      }
      if (outcome.kind === 'NotInHousehold') return answerNotInHousehold();
      if (outcome.kind === 'HouseholdLimitExceeded') return answerHouseholdLimit(outcome);
      return outcome.kind === 'NotEnoughPoints' ? answerNotEnough(outcome) : answerCommon(outcome);
    },
    capturePoints: async (_, { input }, { caller }) => {
      const { holdId, points, note } = input;
      const request = serviceRequestOf(caller, input);
      const outcome = await ledger.execute({ kind: 'CAPTURE', ...request, holdId, points, note });
      if (outcome.kind === 'HoldResolved') return answerResolved(outcome);
      return outcome.kind === 'HoldAlreadyResolved' ? answerAlreadyResolved(outcome) : answerCommon(outcome);
    },
    voidHold: async (_, { input }, { caller }) => {
      const { holdId, reason } = input;
      const outcome = await ledger.execute({ kind: 'VOID', ...requestOf(caller, input), holdId, reason });
      if (outcome.kind === 'HoldResolved') return answerResolved(outcome);
      return outcome.kind === 'HoldAlreadyResolved' ? answerAlreadyResolved(outcome) : answerCommon(outcome);
    },
    postDonation: async (_, { input }, { caller, directory }) => {
      const missing = await missingOf({ memberId: input.memberId }, directory);
      const outcome = await ledger.execute({
        ...input,
        ...serviceRequestOf(caller, input),
        kind: 'DONATE',
        missing,
      });
      if (outcome.kind === 'PointsPosted') return answerPosted(outcome, directory);
      return outcome.kind === 'NotEnoughPoints' ? answerNotEnough(outcome) : answerCommon(outcome);
    },
  }) satisfies MutationResolvers;
