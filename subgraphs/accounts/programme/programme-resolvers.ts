import { callerName } from '../../shared/caller.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import type { Resolvers, PublishProgrammeInput as WireInput } from '../resolver-types.ts';
import { diffTerms } from './diff.ts';
import {
  allParts,
  type disclosureParts,
  type Programme,
  type policyParts,
  versionAt,
  versionBefore,
} from './programme.ts';
import type { ProgrammeCatalogue } from './programme-catalogue.ts';
import type { PublishProgrammeInput } from './programme-draft.ts';
import { type PublishProgrammePorts, publishProgramme } from './publish-programme.ts';

/** What the resolvers of programmes need. */
export interface ProgrammeResolverPorts extends PublishProgrammePorts {
  readonly programmeAt: ProgrammeCatalogue['programmeAt'];
  /** Every version of every programme, by code. */
  readonly allVersions: () => Promise<readonly Programme[]>;
}

const toTransfers = (rules: WireInput['transfers']): PublishProgrammeInput['transfers'] => ({
  allowed: rules?.allowed ?? true,
  mostPerTransfer: rules?.mostPerTransfer ?? null,
  mostPerDay: rules?.mostPerDay ?? null,
  declineWithinDays: rules?.declineWithinDays ?? 0,
});

const toReminders = (rules: WireInput['reminders']): PublishProgrammeInput['reminders'] => ({
  daysBefore: rules?.daysBefore ?? [30, 7, 1],
  graceDays: rules?.graceDays ?? 0,
  restoreOnce: rules?.restoreOnce ?? false,
});

const toInput = (input: WireInput): PublishProgrammeInput => ({
  ...input,
  eligibleIssuerIds: input.eligibleIssuerIds ?? null,
  arrears: input.arrears ?? 'OWE',
  transfers: toTransfers(input.transfers),
  pooling: { allowed: input.pooling?.allowed ?? true },
  reminders: toReminders(input.reminders),
  holdTimeoutSeconds: input.holdTimeoutSeconds ?? 900,
  reinstatementDays: input.reinstatementDays ?? 30,
});

function inForce(versions: readonly Programme[], at: Date): Programme[] {
  const codes = [...new Set(versions.map(({ code }) => code))];
  return codes.flatMap(
    (code) =>
      versionAt(
        versions.filter((version) => version.code === code),
        at,
      ) ?? [],
  );
}

const answerIncomplete = (missing: readonly string[]) => ({
  __typename: 'DisclosureIncomplete' as const,
  code: 'DISCLOSURE_INCOMPLETE',
  message: `The disclosure says nothing about ${missing.join(', ')}.`,
  missing,
});

type Texts = Readonly<
  Record<(typeof disclosureParts)[number], (of: Programme) => string> &
    Record<(typeof policyParts)[number], (of: Programme) => string | null>
>;

/** Each text of a disclosure, of the version that it is of. */
const texts = Object.fromEntries(
  allParts.map((part) => [part, ({ disclosure }: Programme) => disclosure[part] ?? null]),
) as unknown as Texts;

const previousOf = async ({ versionsOf }: ProgrammeResolverPorts, programme: Programme) =>
  programme.version === 1 ? null : versionBefore(await versionsOf(programme.code), programme);

const mutations = (ports: ProgrammeResolverPorts) =>
  ({
    publishProgramme: async (_, { input }, { caller }) => {
      const outcome = await publishProgramme(callerName(caller), toInput(input), ports);
      switch (outcome.kind) {
        case 'ProgrammePublished':
          return { __typename: outcome.kind, programme: outcome.programme };
        case 'DisclosureIncomplete':
          return answerIncomplete(outcome.missing);
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
        case 'NotFound':
          return answerNotFound(outcome);
      }
    },
  }) satisfies Resolvers['Mutation'];

/** Resolvers of programmes and their disclosures. */
export const programmeResolvers = (ports: ProgrammeResolverPorts) =>
  ({
    Query: {
      programme: (_, { code }, { clock }) => ports.programmeAt(code, clock.now()),
      programmes: async (_, __, { clock }) => inForce(await ports.allVersions(), clock.now()),
      disclosures: async (_, { programme, at }, { clock }) => {
        const current = inForce(await ports.allVersions(), at ?? clock.now());
        return current.filter(({ code }) => !programme || code === programme);
      },
    },
    Mutation: mutations(ports),
    Programme: {
      __resolveReference: ({ code }, { directory }) => directory.programme(code),
      eligibleIssuers: async ({ eligibleIssuerIds }, _, { directory }) => {
        if (eligibleIssuerIds === null) return null;
        const issuers = await Promise.all(eligibleIssuerIds.map((id) => directory.merchant(id)));
        return issuers.filter((issuer) => issuer !== null);
      },
      disclosure: (programme) => programme,
    },
    Disclosure: {
      ...texts,
      programmeCode: ({ code }) => code,
      previous: (programme) => previousOf(ports, programme),
      diff: async (programme) => {
        const previous = await previousOf(ports, programme);
        return previous ? diffTerms(previous, programme) : [];
      },
    },
  }) satisfies Resolvers;
