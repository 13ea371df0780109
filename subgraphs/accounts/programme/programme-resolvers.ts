import { callerName } from '../../shared/caller.ts';
import { answerIdempotencyConflict, answerInvalidInput } from '../../shared/refusal.ts';
import type { Resolvers, PublishProgrammeInput as WireInput } from '../resolver-types.ts';
import { disclosureOf, type Programme, versionAt } from './programme.ts';
import type { ProgrammeCatalogue } from './programme-catalogue.ts';
import type { PublishProgrammeInput } from './programme-draft.ts';
import { type PublishProgrammePorts, publishProgramme } from './publish-programme.ts';

/** What the resolvers of programmes need. */
export interface ProgrammeResolverPorts extends PublishProgrammePorts {
  readonly programmeAt: ProgrammeCatalogue['programmeAt'];
  /** Every version of every programme, by code. */
  readonly allVersions: () => Promise<readonly Programme[]>;
}

const toInput = (input: WireInput): PublishProgrammeInput => ({
  ...input,
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

/** Resolvers of programmes and their disclosures. */
export const programmeResolvers = (ports: ProgrammeResolverPorts) =>
  ({
    Query: {
      programme: (_, { code }, { clock }) => ports.programmeAt(code, clock.now()),
      programmes: async (_, __, { clock }) => inForce(await ports.allVersions(), clock.now()),
      disclosures: async (_, { programme, at }, { clock }) => {
        const current = inForce(await ports.allVersions(), at ?? clock.now());
        return current.filter(({ code }) => !programme || code === programme).map(disclosureOf);
      },
    },
    Mutation: {
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
        }
      },
    },
    Programme: {
      __resolveReference: ({ code }, { directory }) => directory.programme(code),
      disclosure: disclosureOf,
    },
  }) satisfies Resolvers;
