import type { Clock } from '../../shared/ids.ts';
import { type Programme, versionAt } from './programme.ts';
import { noticeMs } from './programme-draft.ts';

/** Looks programmes' versions up. */
export interface ProgrammeCatalogue {
  /** The version in force at an instant, or null if there is none. */
  programmeAt(code: string, at: Date): Promise<Programme | null>;
  /** All versions of a code in their order, perhaps without those published during the last minute. */
  versions(code: string): Promise<readonly Programme[]>;
  /** The currency that a programme clears in; null if it was never published. */
  currencyOf(code: string): Promise<string | null>;
}

interface Entry {
  readonly versions: readonly Programme[];
  readonly readAt: number;
}

const freshMs = 60_000;

/**
 * Remembers each code's versions for a minute. That is never wrong about what is in force: a version that somebody
 * publishes meanwhile takes effect a week later at the earliest, so what is read may stand for any instant up to a week
 * after the reading. Only a first version can take effect at once, and that a code has none is not remembered.
 */
export function createProgrammeCatalogue(
  read: (code: string) => Promise<readonly Programme[]>,
  clock: Clock,
): ProgrammeCatalogue {
  const entries = new Map<string, Entry>();

  const refresh = async (code: string): Promise<readonly Programme[]> => {
    const readAt = clock.now().getTime();
    const versions = await read(code);
    if (versions.length > 0) entries.set(code, { versions, readAt });
    return versions;
  };

  const usable = (code: string, at: Date): readonly Programme[] | null => {
    const entry = entries.get(code);
    if (!entry) return null;
    const age = clock.now().getTime() - entry.readAt;
    const reach = at.getTime() - entry.readAt;
    return age >= 0 && age < freshMs && reach < noticeMs ? entry.versions : null;
  };

  const versionsFor = async (code: string, at: Date) => usable(code, at) ?? (await refresh(code));

  return {
    programmeAt: async (code, at) => versionAt(await versionsFor(code, at), at),
    versions: (code) => versionsFor(code, clock.now()),
    currencyOf: async (code) =>
      (await versionsFor(code, clock.now()))[0]?.cashEquivalentPerThousand.currency ?? null,
  };
}
