import { actorOf, type Caller, callerName } from '../../shared/caller.ts';
import { inputHash } from '../../shared/idempotency.ts';
import { answerLimitAtTill, answerNotInHousehold, answerPoolShort } from '../../shared/pool-answers.ts';
import {
  answerInvalidInput,
  type InvalidInput,
  invalidInput,
  memberNotFound,
  type NotFound,
} from '../../shared/refusal.ts';
import type { Context } from '../context.ts';
import type { Directory } from '../directory.ts';
import type { SelectorInput } from '../membership/selector.ts';
import type { IssuePointsInput, MutationResolvers } from '../resolver-types.ts';
import type { PointsPosted } from './command.ts';
import type { Ledger } from './ledger.ts';
import {
  answerAlreadyPosted,
  answerCommon,
  answerNotEnough,
  answerNotReversible,
  answerPosted,
} from './ledger-answers.ts';
import { answerIssuerNotEligible, answerPointsSpent } from './policy-answers.ts';

/** The calling merchant; `@access` lets nobody else in. */
export function callingMerchant(caller: Caller): string {
  if (caller.kind !== 'MERCHANT') throw new Error(`a ${caller.kind} got past @access`);
  return caller.merchantId;
}

/** The calling member; `@access` lets nobody else in. */
export function callingMember(caller: Caller): string {
  if (caller.kind !== 'MEMBER') throw new Error(`a ${caller.kind} got past @access`);
  return caller.memberId;
}

/** Whose request it is and what makes it the same request when it comes again. */
export const requestOf = (caller: Caller, input: { readonly idempotencyKey: string }) => ({
  caller: callerName(caller),
  idempotencyKey: input.idempotencyKey,
  inputHash: inputHash(input),
});

/** A member that a till named. */
export interface Selected {
  readonly memberId: string;
  readonly missing: NotFound<'MEMBER'> | null;
}

/** A member known or missing; the ledger refuses the missing one at its place among the refusals. */
export const selected = (memberId: string | undefined, named: SelectorInput): Selected => ({
  memberId: memberId ?? '',
  missing: memberId === undefined ? memberNotFound(named) : null,
});

/** The member that a till names; a faulty selector is refused before all else. */
export async function select(selector: SelectorInput, context: Context): Promise<Selected | InvalidInput> {
  const fault = context.directory.selectorFault(selector);
  if (fault) return invalidInput(fault.field, fault.expected);
  const member = await context.directory.findMember(selector, actorOf(context.caller));
  return selected(member?.id, selector);
}

/** Where a payment takes its points from: the pool of the member's household if it says so, else its own wallet. */
export async function poolOf(
  { fromHousehold }: { readonly fromHousehold?: boolean | null | undefined },
  memberId: string,
  directory: Directory,
): Promise<{ readonly pool: { readonly householdId: string | null } } | null> {
  return fromHousehold
    ? { pool: { householdId: (await directory.householdOf(memberId))?.id ?? null } }
    : null;
}

/** What was posted, with the wallet of the member who spends: nobody at a till is shown what a household's pool holds. */
export async function withOwnWallet(ledger: Ledger, posted: PointsPosted): Promise<PointsPosted> {
  const { posting, wallet } = posted;
  if (wallet.memberId !== null) return posted;
  return { ...posted, wallet: await ledger.wallet(posting.memberIds[0]!, posting.programme) };
}

/** Issues points of the calling merchant to a member that was looked up before. */
export async function issue(
  ledger: Ledger,
  input: IssuePointsInput,
  member: Selected | InvalidInput,
  context: Context,
) {
  if ('kind' in member) return answerInvalidInput(member);
  const { points, externalRef, reason } = input;
  const outcome = await ledger.execute({
    kind: 'EARN',
    ...requestOf(context.caller, input),
    ...member,
    merchantId: callingMerchant(context.caller),
    programme: input.programme ?? 'SHARED',
    points,
    externalRef,
    reason,
  });
  if (outcome.kind === 'PointsPosted') return answerPosted(outcome, context.directory);
  if (outcome.kind === 'IssuerNotEligible') return answerIssuerNotEligible(outcome, context.directory);
  return outcome.kind === 'AlreadyPosted' ? answerAlreadyPosted(outcome) : answerCommon(outcome);
}

const atTheTill = (ledger: Ledger) =>
  ({
    issuePoints: async (_, { input }, context) =>
      issue(ledger, input, await select(input.member, context), context),
    redeemPoints: async (_, { input }, context) => {
      const member = await select(input.member, context);
      if ('kind' in member) return answerInvalidInput(member);
      const { points, externalRef, reason } = input;
      const outcome = await ledger.execute({
        kind: 'REDEEM',
        ...requestOf(context.caller, input),
        ...member,
        ...(await poolOf(input, member.memberId, context.directory)),
        merchantId: callingMerchant(context.caller),
        programme: input.programme ?? 'SHARED',
        points,
        externalRef,
        reason,
      });
      switch (outcome.kind) {
        case 'PointsPosted':
          return answerPosted(await withOwnWallet(ledger, outcome), context.directory);
        case 'AlreadyPosted':
          return answerAlreadyPosted(outcome);
        case 'NotInHousehold':
          return answerNotInHousehold();
        case 'HouseholdLimitExceeded':
          return answerLimitAtTill(outcome);
        case 'NotEnoughPoints':
          return input.fromHousehold ? answerPoolShort() : answerNotEnough(outcome);
        case 'InvalidInput':
        case 'IdempotencyConflict':
        case 'NotFound':
          return answerCommon(outcome);
      }
    },
  }) satisfies MutationResolvers;

const afterwards = (ledger: Ledger) =>
  ({
    reversePosting: async (_, { input }, { caller, directory }) => {
      const { postingId, lines, points, externalRef, reason } = input;
      const outcome = await ledger.execute({
        kind: 'REVERSE',
        ...requestOf(caller, input),
        postingId,
        lines,
        points,
        externalRef,
        reason,
      });
      if (outcome.kind === 'PointsPosted')
        return answerPosted(await withOwnWallet(ledger, outcome), directory);
      if (outcome.kind === 'AlreadyPosted') return answerAlreadyPosted(outcome);
      if (outcome.kind === 'PointsSpent') return answerPointsSpent(outcome);
      return outcome.kind === 'NotReversible' ? answerNotReversible(outcome) : answerCommon(outcome);
    },
  }) satisfies MutationResolvers;

/** Mutations by which merchants move points. */
export const movementResolvers = (ledger: Ledger) => ({ ...atTheTill(ledger), ...afterwards(ledger) });
