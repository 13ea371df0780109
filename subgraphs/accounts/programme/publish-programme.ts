import type { Clock } from '../../shared/ids.ts';
import { type IdempotencyConflict, type InvalidInput, idempotencyConflict } from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { missingParts, type Programme, type ProgrammeTerms, termsHash } from './programme.ts';
import { checkDraft, checkSuccession, earliestStart, type PublishProgrammeInput } from './programme-draft.ts';

/** A version with the request that published it. */
export interface Publication {
  readonly programme: Programme;
  readonly request: RequestRecord;
}

/** What publishing a programme needs. */
export interface PublishProgrammePorts {
  readonly publicationByRequest: (caller: string, idempotencyKey: string) => Promise<Publication | null>;
  readonly latestVersion: (code: string) => Promise<Programme | null>;
  /** Throws Taken on `programmes_version` or `programmes_request`. */
  readonly insertVersion: (publication: Publication) => Promise<void>;
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
  | DisclosureIncomplete;

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
  const latest = await ports.latestVersion(input.code);
  const fault = checkSuccession(input, latest, now);
  if (fault) return fault;
  if (before) return idempotencyConflict(input.idempotencyKey);
  const missing = missingParts(input.disclosure);
  if (missing.length > 0) return { kind: 'DisclosureIncomplete', missing };
  const programme = nextVersion(input, latest, now);
  try {
    await ports.insertVersion({ programme, request });
    return { kind: 'ProgrammePublished', programme };
  } catch (error) {
    if (!isTaken(error, 'programmes_version') && !isTaken(error, 'programmes_request')) throw error;
    return publishProgramme(caller, input, ports);
  }
}

function nextVersion(input: PublishProgrammeInput, latest: Programme | null, now: Date): Programme {
  const { idempotencyKey: _, effectiveFrom, ...laidDown } = input;
  const terms: ProgrammeTerms = {
    ...laidDown,
    version: (latest?.version ?? 0) + 1,
    effectiveFrom: effectiveFrom ?? earliestStart(latest, now),
  };
  return { ...terms, publishedAt: now, hash: termsHash(terms) };
}
