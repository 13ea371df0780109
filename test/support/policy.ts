import type {
  ProgrammePolicy,
  ReminderRules,
  Unlock,
  Validity,
} from '../../subgraphs/accounts/programme/policy.ts';

/** Points that unlock so many days after the earn; at once for 0. */
export const afterDays = (days: number): Unlock =>
  days === 0 ? { kind: 'IMMEDIATE' } : { kind: 'AFTER_DAYS', days };

/** Points that stay valid for so many calendar months. */
export const forMonths = (months: number): Validity => ({ kind: 'ROLLING', months, roundTo: 'DAY' });

/** Terms of a version of before one had to promise reminders: what expires does so whether or not anybody was told. */
export const noReminders: ReminderRules = { daysBefore: [], graceDays: 0, restoreOnce: false };

/** A policy without anything special: at once, a year, everybody, owed, free to give. */
export const plainPolicy: ProgrammePolicy = {
  unlock: afterDays(0),
  validity: forMonths(12),
  eligibleIssuerIds: null,
  arrears: 'OWE',
  transfers: { allowed: true, mostPerTransfer: null, mostPerDay: null, declineWithinDays: 0 },
  pooling: { allowed: true },
  reminders: { daysBefore: [30, 7, 1], graceDays: 0, restoreOnce: false },
};
