import { canonicalJson, sha256 } from '../../shared/idempotency.ts';
import { hasWords } from '../../shared/words.ts';
import type { ProgrammePolicy } from './policy.ts';

/** The parts of a disclosure that every version needs. */
export const disclosureParts = [
  'earning',
  'accrualBase',
  'rounding',
  'validity',
  'redemption',
  'honouringMerchants',
  'exclusions',
  'cashEquivalent',
] as const;

/** The parts beyond those; `unlock` and `changeNotice` are needed where there is something to explain. */
export const policyParts = ['unlock', 'arrears', 'transfer', 'reminders', 'changeNotice'] as const;

/** All parts of a disclosure. */
export const allParts = [...disclosureParts, ...policyParts] as const;

/** What a disclosure says, part by part; a part that says nothing is null, left out or has no words. */
export type DisclosureTexts = Readonly<Record<(typeof disclosureParts)[number], string>> &
  Readonly<Partial<Record<(typeof policyParts)[number], string | null | undefined>>>;

/** An amount of money in minor units. */
export interface Money {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** What a version of a programme lays down. */
export interface ProgrammeTerms extends ProgrammePolicy {
  readonly code: string;
  readonly name: string;
  /** From 1 upwards within a code. */
  readonly version: number;
  readonly effectiveFrom: Date;
  readonly holdTimeoutSeconds: number;
  readonly reinstatementDays: number;
  /** What 1,000 points are worth to a member. Its currency is what the programme clears in, in every version. */
  readonly cashEquivalentPerThousand: Money;
  readonly disclosure: DisclosureTexts;
}

/** A published version of a programme. Never changed: lots keep the version they were earned under. */
export interface Programme extends ProgrammeTerms {
  readonly publishedAt: Date;
  /** termsHash of the terms, at publication. */
  readonly hash: string;
}

const count = (points: bigint | null): number | null => (points === null ? null : Number(points));

/** What a version lays down, as the API answers it. */
export function publishedTerms(terms: ProgrammeTerms): Readonly<Record<string, unknown>> {
  const { code, name, version, effectiveFrom, unlock, validity, eligibleIssuerIds, arrears, transfers } =
    terms;
  const { pooling, reminders, holdTimeoutSeconds, reinstatementDays, disclosure } = terms;
  const { amountMinor, currency } = terms.cashEquivalentPerThousand;
  const { mostPerTransfer, mostPerDay } = transfers;
  return {
    code,
    name,
    version,
    effectiveFrom,
    unlock,
    validity,
    eligibleIssuers: eligibleIssuerIds?.map((id) => ({ id })) ?? null,
    arrears,
    transfers: { ...transfers, mostPerTransfer: count(mostPerTransfer), mostPerDay: count(mostPerDay) },
    pooling,
    reminders,
    holdTimeoutSeconds,
    reinstatementDays,
    cashEquivalentPerThousand: { amountMinor: Number(amountMinor), currency },
    disclosure: Object.fromEntries(allParts.map((part) => [part, disclosure[part]])),
  };
}

/**
 * SHA-256 of the canonical JSON (RFC 8785) of what a version lays down, as the API answers it, with fields that are null
 * left out: anybody can compute it from the published fields.
 */
export const termsHash = (terms: ProgrammeTerms): string => sha256(canonicalJson(publishedTerms(terms)));

/** Which parts a version has to have. */
const neededParts = ({ unlock }: ProgrammePolicy, worse: boolean) =>
  allParts.filter((part) => {
    if (part === 'unlock') return unlock.kind !== 'IMMEDIATE';
    return part !== 'changeNotice' || worse;
  });

/** Parts of a disclosure that say nothing although they have to; `worse` where members are worse off than before. */
export const missingParts = (
  disclosure: DisclosureTexts,
  policy: ProgrammePolicy,
  worse: boolean,
): string[] => neededParts(policy, worse).filter((part) => !hasWords(disclosure[part] ?? ''));

/** The version in force at an instant, or null before the first. Later versions never start earlier. */
export function versionAt(versions: readonly Programme[], at: Date): Programme | null {
  const begun = versions.filter((version) => version.effectiveFrom <= at);
  return begun.reduce<Programme | null>(
    (found, version) => (found && found.version > version.version ? found : version),
    null,
  );
}

/**
 * The version in force right before another takes effect, with which members compare it; null if there is none. A pending
 * version that another one with the same instant replaces never is in force, and nobody's points are of it.
 */
export const versionBefore = (
  versions: readonly Programme[],
  { effectiveFrom }: Pick<ProgrammeTerms, 'effectiveFrom'>,
): Programme | null => versionAt(versions, new Date(effectiveFrom.getTime() - 1));

/** The version in force at an instant or, before the first, that one. */
export const versionAtOrFirst = (versions: readonly Programme[], at: Date): Programme | null =>
  versionAt(versions, at) ?? versions.find(({ version }) => version === 1) ?? null;
