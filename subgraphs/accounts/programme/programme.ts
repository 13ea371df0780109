import { canonicalJson, sha256 } from '../../shared/idempotency.ts';

/** The parts of a disclosure, all of which have to say something. */
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

/** What a disclosure says, part by part. */
export type DisclosureTexts = Readonly<Record<(typeof disclosureParts)[number], string>>;

/** An amount of money in minor units. */
export interface Money {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** What a version of a programme lays down. */
export interface ProgrammeTerms {
  readonly code: string;
  readonly name: string;
  /** From 1 upwards within a code. */
  readonly version: number;
  readonly effectiveFrom: Date;
  readonly unlockAfterDays: number;
  readonly validityMonths: number;
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

/**
 * SHA-256 of the canonical JSON (RFC 8785) of what a version lays down, as the API answers it: anybody can compute it
 * from the published fields.
 */
export function termsHash(terms: ProgrammeTerms): string {
  const { code, name, version, effectiveFrom, unlockAfterDays, validityMonths } = terms;
  const { holdTimeoutSeconds, reinstatementDays, cashEquivalentPerThousand, disclosure } = terms;
  const { amountMinor, currency } = cashEquivalentPerThousand;
  return sha256(
    canonicalJson({
      code,
      name,
      version,
      effectiveFrom,
      unlockAfterDays,
      validityMonths,
      holdTimeoutSeconds,
      reinstatementDays,
      cashEquivalentPerThousand: { amountMinor: Number(amountMinor), currency },
      disclosure: Object.fromEntries(disclosureParts.map((part) => [part, disclosure[part]])),
    }),
  );
}

/** Parts of a disclosure that say nothing. */
export const missingParts = (disclosure: DisclosureTexts): string[] =>
  disclosureParts.filter((part) => disclosure[part].trim() === '');

/** The version in force at an instant, or null before the first. Later versions never start earlier. */
export function versionAt(versions: readonly Programme[], at: Date): Programme | null {
  const begun = versions.filter((version) => version.effectiveFrom <= at);
  return begun.reduce<Programme | null>(
    (found, version) => (found && found.version > version.version ? found : version),
    null,
  );
}

/** The version in force at an instant or, before the first, that one. */
export const versionAtOrFirst = (versions: readonly Programme[], at: Date): Programme | null =>
  versionAt(versions, at) ?? versions.find(({ version }) => version === 1) ?? null;

/** The disclosure of a version, as it is published. */
export const disclosureOf = ({ code, version, publishedAt, effectiveFrom, disclosure, hash }: Programme) => ({
  programmeCode: code,
  version,
  publishedAt,
  effectiveFrom,
  ...disclosure,
  hash,
});
