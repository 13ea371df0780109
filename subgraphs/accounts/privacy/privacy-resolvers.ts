import type { Caller } from '../../shared/caller.ts';
import type { Page } from '../../shared/connection.ts';
import { readTimedPage, toConnection } from '../../shared/connection.ts';
import { readExport } from '../../shared/export.ts';
import {
  answerIdempotencyConflict,
  answerInvalidInput,
  answerNotFound,
  notFound,
} from '../../shared/refusal.ts';
import type { Context } from '../context.ts';
import type { Resolvers, ResolversTypes } from '../resolver-types.ts';
import {
  type ChangeConsentPorts,
  type Consenter,
  type GrantConsentOutcome,
  grantConsent,
  withdrawConsent,
} from './change-consent.ts';
import type { ConsentChange, ConsentNotGiven, ConsentOf } from './consent.ts';
import { type Exporter, type ExportMemberPorts, exportMember } from './export-member.ts';
import { accountsParts, type ExportPartPorts } from './export-parts.ts';
import { type ExportRequest, exportFormat } from './export-request.ts';

/** What the resolvers of consents and exports need. */
export interface PrivacyResolverPorts
  extends Omit<ChangeConsentPorts, 'merchantExists' | 'memberExists'>,
    Omit<ExportMemberPorts, 'findMember'>,
    Omit<ExportPartPorts, 'profile' | 'merchantName'> {
  readonly consentsInForce: (memberId: string) => Promise<readonly ConsentOf[]>;
  readonly consents: (memberId: string, page: Page) => Promise<readonly ConsentChange[]>;
}

/** The member whose session it is; `@access` lets nobody else in. */
function consenter(caller: Caller): Consenter {
  if (caller.kind !== 'MEMBER') throw new Error(`a ${caller.kind} got past @access`);
  return caller;
}

/** Who acts for itself or, the operator, for a member; `@access` lets nobody else in. */
export function exporter(caller: Caller): Exporter {
  if (caller.kind === 'MEMBER') return caller;
  if (caller.kind !== 'OPERATOR') throw new Error(`a ${caller.kind} got past @access`);
  return { kind: 'OPERATOR', subject: caller.subject };
}

const consentPorts = (ports: PrivacyResolverPorts, { directory }: Context): ChangeConsentPorts => ({
  ...ports,
  merchantExists: async (id) => (await directory.merchant(id)) !== null,
  memberExists: async (id) => (await directory.member(id)) !== null,
});

/** What was changed; a member that was erased since is not there to be shown. */
async function changed<Name extends string>(
  __typename: Name,
  { change, replayed }: Extract<GrantConsentOutcome, { kind: 'ConsentChanged' }>,
  { directory }: Context,
) {
  const member = await directory.member(change.memberId);
  return member
    ? { __typename, change, member, replayed }
    : answerNotFound(notFound('MEMBER', change.memberId));
}

function refused(outcome: Exclude<GrantConsentOutcome, { kind: 'ConsentChanged' }>) {
  switch (outcome.kind) {
    case 'InvalidInput':
      return answerInvalidInput(outcome);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(outcome);
    case 'NotFound':
      return answerNotFound(outcome);
  }
}

const answerNotGiven = ({ purpose }: ConsentNotGiven) => ({
  __typename: 'ConsentNotGiven' as const,
  code: 'CONSENT_NOT_GIVEN',
  message: 'This consent is not given to this partner: there is nothing to take back.',
  purpose,
});

async function answerExport(
  caller: Caller,
  input: Parameters<typeof exportMember>[1],
  ports: PrivacyResolverPorts,
  context: Context,
): Promise<ResolversTypes['ExportMemberResult']> {
  const { directory } = context;
  const findMember: ExportMemberPorts['findMember'] = (selector) => directory.findMember(selector, caller);
  const outcome = await exportMember(exporter(caller), input, { ...ports, findMember });
  if (outcome.kind !== 'MemberExported') return refused(outcome);
  return { __typename: 'MemberExported', export: outcome.asked, replayed: outcome.replayed };
}

async function exportPage(
  { memberId }: ExportRequest,
  args: Parameters<typeof readExport>[1],
  ports: PrivacyResolverPorts,
  { directory, profiles }: Context,
) {
  const member = await directory.member(memberId);
  if (!member) throw new Error(`${memberId} is not there any more`);
  const parts = accountsParts(member, {
    ...ports,
    profile: (id) => profiles.load(id),
    merchantName: async (id) => (await directory.merchant(id))?.name ?? id,
  });
  return readExport(parts, args);
}

const mutations = (ports: PrivacyResolverPorts) =>
  ({
    grantConsent: async (_, { input }, context) => {
      const outcome = await grantConsent(consenter(context.caller), input, consentPorts(ports, context));
      return outcome.kind === 'ConsentChanged'
        ? changed('ConsentGranted', outcome, context)
        : refused(outcome);
    },
    withdrawConsent: async (_, { input }, context) => {
      const outcome = await withdrawConsent(consenter(context.caller), input, consentPorts(ports, context));
      if (outcome.kind === 'ConsentChanged') return changed('ConsentWithdrawn', outcome, context);
      return outcome.kind === 'ConsentNotGiven' ? answerNotGiven(outcome) : refused(outcome);
    },
    exportMember: (_, { input }, context) => answerExport(context.caller, input, ports, context),
  }) satisfies Resolvers['Mutation'];

const mostExports = 100;

/** Resolvers of what a member consents to and of all that is kept about it. */
export const privacyResolvers = (ports: PrivacyResolverPorts) =>
  ({
    Mutation: mutations(ports),
    Member: {
      consents: async ({ id }, _, { caller }) => {
        const all = await ports.consentsInForce(id);
        return caller.kind === 'MERCHANT'
          ? all.filter(({ partnerId }) => partnerId === caller.merchantId)
          : all;
      },
      consentHistory: async ({ id }, args) => {
        const page = readTimedPage(args, 1);
        const rows = await ports.consents(id, page);
        return toConnection(rows, page.first, ({ at, id: place }) => [at.toISOString(), place]);
      },
      exports: ({ id }) => ports.exports(id, mostExports, null),
    },
    Consent: {
      partner: async ({ partnerId }, _, { directory }) => (await directory.merchant(partnerId))!,
    },
    ConsentChange: {
      partner: async ({ partnerId }, _, { directory }) => (await directory.merchant(partnerId))!,
      relayedBy: ({ relayedById }, _, { directory }) =>
        relayedById === null ? null : directory.merchant(relayedById),
    },
    ExportRequest: {
      relayedBy: ({ relayedById }, _, { directory }) =>
        relayedById === null ? null : directory.merchant(relayedById),
    },
    MemberExport: {
      formatVersion: () => exportFormat,
      requestedAt: ({ at }) => at,
      accounts: (asked, args, context) => exportPage(asked, args, ports, context),
    },
  }) satisfies Resolvers;
