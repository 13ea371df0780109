import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { expiryOf } from '../ledger/terms.ts';
import type { ProgrammePolicy, ReminderRules, TransferRules, Unlock, Validity } from './policy.ts';

const dayMs = 86_400_000;

/** Every day of four years, a leap year among them: all that a calendar does to a validity happens on one of these. */
export const sampleDays: readonly Date[] = Array.from(
  { length: 1_461 },
  (_, i) => new Date(Date.UTC(2027, 0, 1) + i * dayMs),
);

/** Whole days for which points are valid at least, whenever they are earned and if nothing moves their expiry. */
export function leastValidDays(validity: Validity): number {
  const spans = sampleDays.map((day) => expiryOf(day, validity).getTime() - day.getTime());
  return Math.floor(Math.min(...spans) / dayMs);
}

/** Days until points unlock at the latest. */
const longestPending = (unlock: Unlock): number => {
  switch (unlock.kind) {
    case 'IMMEDIATE':
      return 0;
    case 'AFTER_DAYS':
      return unlock.days;
    case 'ON_EVENT':
      return unlock.withinDays;
  }
};

function checkUnlockWithin({ unlock, validity }: ProgrammePolicy): InvalidInput | null {
  const valid = leastValidDays(validity);
  if (longestPending(unlock) < valid) return null;
  const field = unlock.kind === 'ON_EVENT' ? 'withinDays' : 'days';
  return invalidInput(
    `input.unlock.${field}`,
    `less than the ${valid} days for which points are valid at least`,
  );
}

const mostIssuers = 1_000;

function checkIssuers(ids: readonly string[] | null): InvalidInput | null {
  if (ids === null) return null;
  if (ids.length < 1 || ids.length > mostIssuers)
    return invalidInput('input.eligibleIssuerIds', `1 to ${mostIssuers} merchants, or left out for all`);
  return new Set(ids).size === ids.length
    ? null
    : invalidInput('input.eligibleIssuerIds', 'merchants that are named once');
}

const mostPoints = 100_000_000n;

function checkLimit(field: string, limit: bigint | null): InvalidInput | null {
  const within = limit === null || (limit >= 1n && limit <= mostPoints);
  return within ? null : invalidInput(`input.transfers.${field}`, '1 to 100,000,000');
}

function checkTransfers(transfers: TransferRules): InvalidInput | null {
  const { allowed, mostPerTransfer, mostPerDay, declineWithinDays } = transfers;
  if (declineWithinDays < 0 || declineWithinDays > 60)
    return invalidInput('input.transfers.declineWithinDays', '0 to 60');
  if (!allowed) {
    const set = Object.entries({ mostPerTransfer, mostPerDay }).find(([, limit]) => limit !== null);
    return set ? invalidInput(`input.transfers.${set[0]}`, 'left out where transfers are not allowed') : null;
  }
  const fault = checkLimit('mostPerTransfer', mostPerTransfer) ?? checkLimit('mostPerDay', mostPerDay);
  if (fault) return fault;
  if (mostPerTransfer !== null && mostPerDay !== null && mostPerDay < mostPerTransfer)
    return invalidInput('input.transfers.mostPerDay', `${mostPerTransfer} or more, the most of one transfer`);
  return null;
}

const mostReminders = 10;

/**
 * The last reminder has to come on its day for all points, however late they unlock: if the day of each was past by then, the
 * member would be told when the points unlock and never again.
 */
function checkLastReminder({ unlock, validity, reminders }: ProgrammePolicy): InvalidInput | null {
  const usable = leastValidDays(validity) - longestPending(unlock);
  if (Math.min(...reminders.daysBefore) <= usable) return null;
  const rule = `one number at least that is ${usable} or less, the days for which points can be used at least`;
  return invalidInput('input.reminders.daysBefore', rule);
}

/** No points are valid for ever, so each version promises a reminder: without one they would expire untold. */
function checkReminders({ daysBefore, graceDays, restoreOnce }: ReminderRules): InvalidInput | null {
  const wrong = daysBefore.some((days) => days < 1 || days > 365);
  const count = daysBefore.length;
  if (wrong || count < 1 || count > mostReminders || new Set(daysBefore).size < count)
    return invalidInput(
      'input.reminders.daysBefore',
      `1 to ${mostReminders} different numbers of days, 1 to 365 each`,
    );
  if (graceDays < 0 || graceDays > 365) return invalidInput('input.reminders.graceDays', '0 to 365');
  return restoreOnce && graceDays === 0
    ? invalidInput('input.reminders.graceDays', '1 or more, for points to be restored within')
    : null;
}

/** The first of a policy's parts that is out of bounds or contradicts another, or null. */
export const checkConsistency = (policy: ProgrammePolicy): InvalidInput | null =>
  checkUnlockWithin(policy) ??
  checkIssuers(policy.eligibleIssuerIds) ??
  checkTransfers(policy.transfers) ??
  checkReminders(policy.reminders) ??
  checkLastReminder(policy);
