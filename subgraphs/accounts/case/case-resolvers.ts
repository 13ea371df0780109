import type { Caller } from '../../shared/caller.ts';
import { badUserInput } from '../../shared/errors.ts';
import type { Clock } from '../../shared/ids.ts';
import { answerInvalidInput, invalidInput } from '../../shared/refusal.ts';
import type { Context } from '../context.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { callingMember, requestOf, select } from '../ledger/movement-resolvers.ts';
import { mayKnow } from '../membership/find-member.ts';
import { defaultLocale } from '../membership/member.ts';
import { mergeResolvers } from '../merge-resolvers.ts';
import type { CaseEvidenceInput, MutationResolvers, Resolvers } from '../resolver-types.ts';
import { type Case, frozenNow } from './case.ts';
import { answerActed, answerOpened } from './case-answers.ts';
import type { CaseActInput } from './case-command.ts';
import { casePage } from './case-page.ts';
import { howToAppeal, partyOf } from './case-view.ts';

const readEvidence = (evidence: readonly CaseEvidenceInput[] | null | undefined) =>
  (evidence ?? []).map(({ name, uri, sha256 }) => ({ name, uri: uri ?? null, sha256 }));

/** The merchant behind a call; null for the operator. */
const merchantOf = (caller: Caller): string | null => (caller.kind === 'MERCHANT' ? caller.merchantId : null);

/** Whether a caller may see a case; `@owned` says the same of its fields. */
function maySee(caller: Caller, { memberId, merchantId }: Case): boolean {
  if (caller.kind === 'MEMBER') return caller.memberId === memberId;
  return caller.kind === 'MERCHANT' ? caller.merchantId === merchantId : true;
}

/** Whether a caller may read a step's words: a merchant does not read what the member says in its defence. */
const mayRead = (caller: Caller, step: Case['steps'][number]): boolean =>
  caller.kind !== 'MERCHANT' || partyOf(step) !== 'MEMBER';

async function act(
  ledger: Ledger,
  { caller }: Context,
  input: { readonly idempotencyKey: string },
  asked: CaseActInput,
) {
  return answerActed(await ledger.execute({ kind: 'CASE', ...requestOf(caller, input), act: asked }));
}

const opening = (ledger: Ledger) =>
  ({
    openCase: async (_, { input }, context) => {
      const { reason, statement, disputedPoints: disputed, programme } = input;
      const member = await select(input.member, context);
      if ('kind' in member) return answerInvalidInput(member);
      const outcome = await ledger.execute({
        kind: 'CASE',
        ...requestOf(context.caller, input),
        missing: member.missing,
        act: {
          type: 'OPEN',
          memberId: member.memberId,
          programme: programme ?? 'SHARED',
          merchantId: merchantOf(context.caller),
          evidence: readEvidence(input.evidence),
          ...{ reason, statement, disputed },
        },
      });
      return answerOpened(outcome);
    },
  }) satisfies MutationResolvers;

const deciding = (ledger: Ledger) =>
  ({
    reviewCase: (_, { input }, context) => {
      const { caseId, statement, verdict: type } = input;
      return act(ledger, context, input, { type, caseId, statement });
    },
    confirmCase: (_, { input }, context) => {
      const { caseId, statement } = input;
      return act(ledger, context, input, { type: 'CONFIRM', caseId, statement });
    },
    decideCase: (_, { input }, context) => {
      const { caseId, statement, verdict: type, points } = input;
      if (type === 'UPHOLD')
        return typeof points === 'bigint'
          ? act(ledger, context, input, { type, caseId, statement, points })
          : answerInvalidInput(invalidInput('input.points', 'given, to uphold a case'));
      return typeof points === 'bigint'
        ? answerInvalidInput(invalidInput('input.points', 'left out, to dismiss a case'))
        : act(ledger, context, input, { type, caseId, statement });
    },
    decideCaseAppeal: (_, { input }, context) => {
      const { caseId, statement, verdict } = input;
      const type = verdict === 'REJECT' ? 'REJECT_APPEAL' : 'OVERTURN';
      return act(ledger, context, input, { type, caseId, statement });
    },
  }) satisfies MutationResolvers;

const appealing = (ledger: Ledger) =>
  ({
    appealCase: (_, { input }, context) => {
      const { caseId, statement } = input;
      const memberId = callingMember(context.caller);
      const evidence = readEvidence(input.evidence);
      return act(ledger, context, input, { type: 'APPEAL', caseId, statement, memberId, evidence });
    },
  }) satisfies MutationResolvers;

const reading = (ledger: Ledger, clock: Clock) =>
  ({
    Query: {
      case: async (_, { id }, { caller }) => {
        const found = await ledger.case(id);
        return found && maySee(caller, found) ? found : null;
      },
      cases: (_, { status, ...page }, { caller }) =>
        casePage(ledger, { status: status ?? null, merchantId: merchantOf(caller) }, page),
      caseCounts: async (_, { from, to }) => {
        const [first, last] = [from ?? new Date(0), to ?? new Date(clock.now().getTime() + 1)];
        if (first > last)
          throw badUserInput(to ? 'from: must not be after `to`' : 'from: must not be in the future');
        const { appeal_rejected: appealRejected, ...counts } = await ledger.caseCounts(first, last);
        return { ...counts, appealRejected };
      },
    },
    Member: {
      cases: ({ id }, page, { caller }) =>
        casePage(ledger, { memberId: id, merchantId: merchantOf(caller) }, page),
    },
    Posting: {
      case: ({ caseId }) => (typeof caseId === 'string' ? ledger.case(caseId) : null),
    },
  }) satisfies Resolvers;

const shown = (clock: Clock) =>
  ({
    Case: {
      member: async ({ memberId }, _, { caller, directory }) => {
        const member = await directory.member(memberId);
        return member && mayKnow(caller, member) ? member : null;
      },
      programme: async ({ programme }, _, { directory }) => (await directory.programme(programme))!,
      openedBy: ({ merchantId }, _, { directory }) =>
        merchantId === null ? null : directory.merchant(merchantId),
      statement: ({ steps }) => steps[0]!.statement!,
      evidence: ({ steps }) => steps[0]!.evidence,
      frozen: (one) => frozenNow(one),
      openedAt: ({ steps }) => steps[0]!.at,
      howToAppeal: async (one, _, { profiles }) => {
        const locale = (await profiles.load(one.memberId))?.locale ?? defaultLocale;
        return howToAppeal(one, locale, clock.now());
      },
      history: ({ steps }) => steps,
    },
    CaseStep: {
      party: (step) => partyOf(step),
      statement: (step, _, { caller }) => (mayRead(caller, step) ? step.statement : null),
      evidence: (step, _, { caller }) => (mayRead(caller, step) ? step.evidence : []),
    },
  }) satisfies Resolvers;

/** Resolvers of cases over members' points. */
export const caseResolvers = (ledger: Ledger, clock: Clock) =>
  mergeResolvers([
    { Mutation: { ...opening(ledger), ...deciding(ledger), ...appealing(ledger) } },
    reading(ledger, clock),
    shown(clock),
  ]);
