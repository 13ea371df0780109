import type { Clock } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  notFound,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import type { NotFound } from '../refusal.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { diffTerms, worsens } from './diff.ts';
import type { ProgrammePolicy } from './policy.ts';
import { readPolicy } from './policy-input.ts';
import { missingParts, type Programme, type ProgrammeTerms, termsHash, versionBefore } from './programme.ts';
import {
  checkDraft,
  checkKeptLimits,
  checkSuccession,
  earliestStart,
  type PublishProgrammeInput,
} from './programme-draft.ts';

/** A version with the request that published it. */
export interface Publication {
  readonly programme: Programme;
  readonly request: RequestRecord;
}

/** What publishing a programme needs. */
export interface PublishProgrammePorts {
  readonly publicationByRequest: (caller: string, idempotencyKey: string) => Promise<Publication | null>;
  /** All versions of a programme, the first one first. */
  readonly versionsOf: (code: string) => Promise<readonly Programme[]>;
  /** Throws Taken on `programmes_version` or `programmes_request`. */
  readonly insertVersion: (publication: Publication) => Promise<void>;
  /** Which of these are merchants. */
  readonly knownMerchants: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly clock: Clock;
}

/** The disclosure lacks parts. */
export interface DisclosureIncomplete {
  readonly kind: 'DisclosureIncomplete';
  readonly missing: readonly string[];
}

/** What came of it. */
export type PublishProgrammeOutcome =
  | { readonly kind: 'ProgrammePublished'; readonly programme: Programme }
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | DisclosureIncomplete;

/** Refuses an issuer that is no merchant. */
async function checkIssuers(
  { eligibleIssuerIds }: ProgrammePolicy,
  ports: PublishProgrammePorts,
): Promise<NotFound | null> {
  if (eligibleIssuerIds === null) return null;
  const known = await ports.knownMerchants(eligibleIssuerIds);
  const unknown = eligibleIssuerIds.find((id) => !known.has(id));
  return unknown === undefined ? null : notFound('MERCHANT', unknown);
}

/** What the disclosure has to say and does not. A version that is worse for members has to say so in words too. */
function checkDisclosure(next: ProgrammeTerms, versions: readonly Programme[]): DisclosureIncomplete | null {
  const before = versionBefore(versions, next);
  const worse = before !== null && worsens(diffTerms(before, next));
  const missing = missingParts(next.disclosure, next, worse);
  return missing.length > 0 ? { kind: 'DisclosureIncomplete', missing } : null;
}

/**
 * Publishes a programme or its next version. Versions are immutable; a later one takes effect at least seven days
 * after it is published and binds only lots earned from then on.
 */
export async function publishProgramme(
  caller: string,
  input: PublishProgrammeInput,
  ports: PublishProgrammePorts,
): Promise<PublishProgrammeOutcome> {
  const request = requestOf(caller, input);
  const before = await ports.publicationByRequest(caller, input.idempotencyKey);
  if (before?.request.inputHash === request.inputHash)
    return { kind: 'ProgrammePublished', programme: before.programme };
  const now = ports.clock.now();
  const draftFault = checkKey(input.idempotencyKey) ?? checkDraft(input);
  if (draftFault) return draftFault;
  const policy = readPolicy(input);
  if ('expected' in policy) return policy;
  const versions = await ports.versionsOf(input.code);
  const latest = versions.at(-1) ?? null;
  const fault = checkSuccession(input, latest, now) ?? checkKeptLimits(policy.transfers, versions);
  if (fault) return fault;
  if (before) return idempotencyConflict(input.idempotencyKey);
  const terms = nextTerms(input, policy, latest, now);
  const refusal = (await checkIssuers(policy, ports)) ?? checkDisclosure(terms, versions);
  if (refusal) return refusal;
  const programme = { ...terms, publishedAt: now, hash: termsHash(terms) };
  try {
    await ports.insertVersion({ programme, request });
    return { kind: 'ProgrammePublished', programme };
  } catch (error) {
    if (!isTaken(error, 'programmes_version') && !isTaken(error, 'programmes_request')) throw error;
    return publishProgramme(caller, input, ports);
  }
}

function nextTerms(
  input: PublishProgrammeInput,
  policy: ProgrammePolicy,
  latest: Programme | null,
  now: Date,
): ProgrammeTerms {
  const { code, name, holdTimeoutSeconds, reinstatementDays, cashEquivalentPerThousand, disclosure } = input;
  return {
    code,
    name,
    version: (latest?.version ?? 0) + 1,
    effectiveFrom: input.effectiveFrom ?? earliestStart(latest, now),
    ...policy,
    holdTimeoutSeconds,
    reinstatementDays,
    cashEquivalentPerThousand,
    disclosure,
  };
}
