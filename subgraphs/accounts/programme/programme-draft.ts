import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { isCurrency, isLabel } from '../text.ts';
import type { TransferRules } from './policy.ts';
import type { PolicyInput } from './policy-input.ts';
import { allParts, type DisclosureTexts, type Money, type Programme } from './programme.ts';

/** What the operator sends to publish a programme or its next version. */
export interface PublishProgrammeInput extends PolicyInput {
  readonly idempotencyKey: string;
  readonly code: string;
  readonly name: string;
  readonly holdTimeoutSeconds: number;
  readonly reinstatementDays: number;
  readonly cashEquivalentPerThousand: Money;
  readonly effectiveFrom?: Date | null | undefined;
  readonly disclosure: DisclosureTexts;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Notice of a rule change that article 34 of the E-Commerce Law asks for. */
export const noticeMs = 7 * dayMs;

/** How far ahead a version is published at most: no later one can start before it, so a wrong year could not be mended. */
const mostAheadMs = 366 * dayMs;

const ranges = {
  holdTimeoutSeconds: [1, 2_592_000],
  reinstatementDays: [1, 3_650],
} as const;

const longestPart = 4_000;

function checkNumbers(input: PublishProgrammeInput): InvalidInput | null {
  for (const field of Object.keys(ranges) as (keyof typeof ranges)[]) {
    const [least, most] = ranges[field];
    if (input[field] < least || input[field] > most)
      return invalidInput(`input.${field}`, `${least} to ${most}`);
  }
  return null;
}

function checkMoney({ amountMinor, currency }: Money): InvalidInput | null {
  if (amountMinor < 0n || amountMinor > 100_000_000n)
    return invalidInput('input.cashEquivalentPerThousand.amountMinor', '0 to 100000000 minor units');
  return isCurrency(currency)
    ? null
    : invalidInput('input.cashEquivalentPerThousand.currency', 'an ISO 4217 code in capital letters');
}

/** The first fault of a draft by itself, or null. Empty parts of the disclosure are not looked at here. */
export function checkDraft(input: PublishProgrammeInput): InvalidInput | null {
  if (!/^[A-Z]{2,20}$/.test(input.code)) return invalidInput('input.code', '2 to 20 capital letters A to Z');
  if (!isLabel(input.name, 80)) return invalidInput('input.name', '1 to 80 characters');
  const fault = checkNumbers(input) ?? checkMoney(input.cashEquivalentPerThousand);
  if (fault) return fault;
  const long = allParts.find((part) => (input.disclosure[part]?.length ?? 0) > longestPart);
  return long ? invalidInput(`input.disclosure.${long}`, `at most ${longestPart} characters`) : null;
}

/** From when the next version may take effect: the first at once, later ones after notice and in their order. */
export function earliestStart(latest: Programme | null, now: Date): Date {
  if (!latest) return now;
  return new Date(Math.max(now.getTime() + noticeMs, latest.effectiveFrom.getTime()));
}

/** The instant of a pending version always remains, however far ahead that was published. */
function checkStart(
  start: PublishProgrammeInput['effectiveFrom'],
  latest: Programme | null,
  now: Date,
): InvalidInput | null {
  const earliest = earliestStart(latest, now);
  const last = new Date(Math.max(now.getTime() + mostAheadMs, earliest.getTime()));
  if (!start || (start >= earliest && start <= last)) return null;
  return invalidInput('input.effectiveFrom', `${earliest.toISOString()} to ${last.toISOString()}`);
}

/** Points of all versions are worth what the version in force says, so what they are worth never falls. */
function checkKeptWorth({ cashEquivalentPerThousand: next }: PublishProgrammeInput, kept: Money) {
  if (next.currency !== kept.currency)
    return invalidInput(
      'input.cashEquivalentPerThousand.currency',
      `${kept.currency}, as in earlier versions`,
    );
  return next.amountMinor < kept.amountMinor
    ? invalidInput(
        'input.cashEquivalentPerThousand.amountMinor',
        `${kept.amountMinor} or more, as points of earlier versions are worth`,
      )
    : null;
}

/** The first fault of a draft as the successor of the latest version, or null. */
export function checkSuccession(
  input: PublishProgrammeInput,
  latest: Programme | null,
  now: Date,
): InvalidInput | null {
  const fault = latest && checkKeptWorth(input, latest.cashEquivalentPerThousand);
  if (fault) return fault;
  return checkStart(input.effectiveFrom, latest, now);
}

const asEarlier = 'as points of earlier versions may be given';

const loosestOf = (a: bigint | null, b: bigint | null): bigint | null =>
  a === null || b === null ? null : a > b ? a : b;

/**
 * Refuses rules of gifts under which points of an earlier version could be given less freely, or declined for fewer days,
 * than when they were earned: they count for points of all versions, so that they can be loosened only.
 */
export function checkKeptLimits(
  transfers: TransferRules,
  versions: readonly Programme[],
): InvalidInput | null {
  const earlier = versions.flatMap((version) => (version.transfers.allowed ? [version.transfers] : []));
  const days = Math.max(0, ...earlier.map(({ declineWithinDays }) => declineWithinDays));
  if (transfers.declineWithinDays < days)
    return invalidInput('input.transfers.declineWithinDays', `${days} or more, ${asEarlier}`);
  if (!transfers.allowed || earlier.length === 0) return null;
  for (const field of ['mostPerTransfer', 'mostPerDay'] as const) {
    const limits = earlier.map((rules) => rules[field]);
    const kept = limits.reduce((loosest, limit) => loosestOf(loosest, limit));
    const limit = transfers[field];
    if (limit !== null && (kept === null || limit < kept))
      return invalidInput(
        `input.transfers.${field}`,
        `${kept === null ? 'left out' : `${kept} or more`}, ${asEarlier}`,
      );
  }
  return null;
}
