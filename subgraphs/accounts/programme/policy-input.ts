import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { eventNameRule, isEventName } from './event-name.ts';
import type {
  ArrearsPolicy,
  PoolingRules,
  ProgrammePolicy,
  ReminderRules,
  RoundTo,
  TransferRules,
  Unlock,
  Validity,
  YearDay,
} from './policy.ts';
import { checkConsistency } from './policy-rules.ts';

type Given<T> = T | null | undefined;

/** When points unlock, as it is sent: a kind and what belongs to that kind. */
export interface UnlockInput {
  readonly kind: Unlock['kind'];
  readonly days?: Given<number>;
  readonly event?: Given<string>;
  readonly withinDays?: Given<number>;
  readonly otherwise?: Given<'UNLOCK' | 'LAPSE'>;
}

/** How long points stay valid, as it is sent: a kind and what belongs to that kind. */
export interface ValidityInput {
  readonly kind: Validity['kind'];
  readonly months?: Given<number>;
  readonly roundTo?: Given<RoundTo>;
  readonly dates?: Given<readonly YearDay[]>;
  readonly minimumDays?: Given<number>;
}

/** A policy as it is sent. */
export interface PolicyInput {
  readonly unlock: UnlockInput;
  readonly validity: ValidityInput;
  readonly eligibleIssuerIds: readonly string[] | null;
  readonly arrears: ArrearsPolicy;
  readonly transfers: TransferRules;
  readonly pooling: PoolingRules;
  readonly reminders: ReminderRules;
}

const mostDays = 3_650;
const mostMonths = 1_200;

function whole(field: string, value: Given<number>, least: number, most: number): InvalidInput | null {
  const within = typeof value === 'number' && value >= least && value <= most;
  return within ? null : invalidInput(`input.${field}`, `${least} to ${most}`);
}

/** What belongs to another kind than the one that was chosen has no meaning, so it is a mistake. */
function foreign<T extends { readonly kind: string }>(
  path: string,
  input: T,
  own: readonly (keyof T)[],
): InvalidInput | null {
  const others = (Object.keys(input) as (keyof T & string)[]).filter((key) => key !== 'kind');
  const wrong = others.find((key) => (input[key] ?? null) !== null && !own.includes(key));
  return wrong === undefined ? null : invalidInput(`input.${path}.${wrong}`, `left out for ${input.kind}`);
}

function readUnlock(input: UnlockInput): Unlock | InvalidInput {
  const { kind, days, event, withinDays, otherwise } = input;
  switch (kind) {
    case 'IMMEDIATE':
      return foreign('unlock', input, []) ?? { kind };
    case 'AFTER_DAYS':
      return (
        foreign('unlock', input, ['days']) ?? whole('unlock.days', days, 1, mostDays) ?? { kind, days: days! }
      );
    case 'ON_EVENT': {
      const fault =
        foreign('unlock', input, ['event', 'withinDays', 'otherwise']) ??
        (isEventName(event ?? '') ? null : invalidInput('input.unlock.event', eventNameRule)) ??
        whole('unlock.withinDays', withinDays, 1, mostDays) ??
        (otherwise ? null : invalidInput('input.unlock.otherwise', 'UNLOCK or LAPSE'));
      return fault ?? { kind, event: event!, withinDays: withinDays!, otherwise: otherwise! };
    }
  }
}

const longestMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function checkDates(dates: Given<readonly YearDay[]>): InvalidInput | null {
  if (!dates || dates.length < 1 || dates.length > 12)
    return invalidInput('input.validity.dates', '1 to 12 days of the year');
  for (const [i, { month, day }] of dates.entries()) {
    const longest = longestMonth[month - 1];
    if (longest === undefined) return invalidInput(`input.validity.dates.${i}.month`, '1 to 12');
    if (day < 1 || day > longest) return invalidInput(`input.validity.dates.${i}.day`, `1 to ${longest}`);
    if (dates.slice(0, i).some((date) => date.month === month && date.day === day))
      return invalidInput(`input.validity.dates.${i}`, 'another than those before it');
  }
  return null;
}

function readValidity(input: ValidityInput): Validity | InvalidInput {
  const { kind, months, roundTo, dates, minimumDays } = input;
  switch (kind) {
    case 'ROLLING':
      return (
        foreign('validity', input, ['months', 'roundTo']) ??
        whole('validity.months', months, 1, mostMonths) ?? {
          kind,
          months: months!,
          roundTo: roundTo ?? 'DAY',
        }
      );
    case 'FIXED_DATES': {
      const fault =
        foreign('validity', input, ['dates', 'minimumDays']) ??
        checkDates(dates) ??
        whole('validity.minimumDays', minimumDays, 1, mostDays);
      if (fault) return fault;
      const days = dates!.map(({ month, day }) => ({ month, day }));
      days.sort((a, b) => a.month - b.month || a.day - b.day);
      return { kind, dates: days, minimumDays: minimumDays! };
    }
    case 'SLIDING':
      return (
        foreign('validity', input, ['months']) ??
        whole('validity.months', months, 1, mostMonths) ?? { kind, months: months! }
      );
  }
}

const isFault = (value: object): value is InvalidInput => 'field' in value && 'expected' in value;

/** The policy that an input stands for, or its first fault: a wrong value, or values that contradict each other. */
export function readPolicy(input: PolicyInput): ProgrammePolicy | InvalidInput {
  const unlock = readUnlock(input.unlock);
  if (isFault(unlock)) return unlock;
  const validity = readValidity(input.validity);
  if (isFault(validity)) return validity;
  const { eligibleIssuerIds, arrears, transfers, pooling, reminders } = input;
  const policy = {
    unlock,
    validity,
    eligibleIssuerIds: eligibleIssuerIds && [...eligibleIssuerIds].sort(),
    arrears,
    transfers,
    pooling,
    reminders: { ...reminders, daysBefore: [...reminders.daysBefore].sort((a, b) => b - a) },
  };
  return checkConsistency(policy) ?? policy;
}
