import { freeOf, type Lot } from './lot.ts';

/** What a member can do with points before they expire. */
export type RescueKind = 'DONATE' | 'GIFT' | 'POOL' | 'VOUCHER';

/** A way to use points before they expire, and of how many of them their terms allow it. */
export interface Rescue {
  readonly kind: RescueKind;
  readonly points: bigint;
}

/** How much of what a reminder is about. */
export interface ReminderSum {
  /** Points left in its lots, held ones included. */
  readonly points: bigint;
  /** Of `points`, reserved by holds. */
  readonly held: bigint;
  /** How many lots they are in. */
  readonly lots: number;
  readonly rescues: readonly Rescue[];
}

/** What of a reminder one merchant issued. */
export type ReminderPart = ReminderSum & { readonly issuerId: string };

/**
 * That a member was told of points that expire at one instant. It counts as sent because it is written in one
 * transaction with its event, which is delivered from there at least once.
 */
export interface Reminder extends ReminderSum {
  /** The id of its event too. */
  readonly id: string;
  readonly walletId: string;
  readonly memberId: string;
  readonly programme: string;
  /** Which of the days before the expiry it was sent for. */
  readonly days: number;
  readonly at: Date;
  readonly expiresAt: Date;
  /** By issuer: what a merchant may learn of it without the member's consent. */
  readonly parts: readonly ReminderPart[];
}

/** What of a lot its reminders follow from. */
type Dated = Pick<Lot, 'remindDays' | 'dueSince' | 'expiresAt' | 'told'>;

/** One reminder that a lot has to have: from when on it is due, and until when it counts. */
export interface Stage {
  readonly days: number;
  readonly from: Date;
  readonly until: Date;
}

const dayMs = 86_400_000;

/**
 * The reminders that a lot has to have, the first one first: those of its days that lie after the instant since which its
 * points have had their date. If none does, there is one at that instant, for the last of the days. Each counts until
 * the next is due, and the last in the first half of the time that it leaves.
 */
export function stagesOf({ remindDays, dueSince, expiresAt }: Dated): Stage[] {
  const last = remindDays.at(-1);
  if (last === undefined) return [];
  const [since, end] = [dueSince.getTime(), expiresAt.getTime()];
  const ahead = remindDays
    .map((days) => ({ days, from: end - days * dayMs }))
    .filter(({ from }) => from > since);
  const due = ahead.length > 0 ? ahead : [{ days: last, from: since }];
  return due.map(({ days, from }, i) => {
    const next = due[i + 1];
    const until = next ? next.from - 1 : from + Math.floor((end - from) / 2);
    return { days, from: new Date(from), until: new Date(until) };
  });
}

const isTold = ({ told }: Dated, { days, from, until }: Stage): boolean =>
  told.some((mark) => mark.days === days && mark.at >= from && mark.at <= until);

/** The days of the reminders that a lot had to have and did not. */
export const missedDays = (lot: Dated): number[] =>
  stagesOf(lot).flatMap((stage) => (isTold(lot, stage) ? [] : [stage.days]));

/** Whether a lot's member was told in time of its expiry, so that it may expire. */
export const wasTold = (lot: Dated): boolean => missedDays(lot).length === 0;

/** Points that were never spendable are not told of: they lapse, and there is nothing to rescue. */
const concerns = (lot: Lot): boolean => lot.unlocked && lot.remaining > 0n && lot.remindDays.length > 0;

/** The reminder that a lot is due and has not had; one that would not count any more is none. */
export function stageDue(lot: Lot, now: Date): Stage | null {
  if (!concerns(lot)) return null;
  const stage = stagesOf(lot).findLast(({ from }) => from <= now);
  return stage && now <= stage.until && !isTold(lot, stage) ? stage : null;
}

/** From when on the next reminder of a lot is due, perhaps since before now; null if there is none to come. */
export function reminderDueAt(lot: Lot, now: Date): Date | null {
  if (!concerns(lot)) return null;
  return stagesOf(lot).find((stage) => stage.until >= now && !isTold(lot, stage))?.from ?? null;
}

/** What a lot says from an instant on at which points came into it or its date was moved: nothing was told yet. */
export const untold = (at: Date): Pick<Lot, 'dueSince' | 'told'> => ({ dueSince: at, told: [] });

/** Whether a lot got its date now and so late that it has to be told at once. */
export const isToldAtOnce = (lot: Lot, now: Date): boolean => {
  const stage = lot.dueSince.getTime() === now.getTime() ? stageDue(lot, now) : null;
  return stage !== null && stage.from.getTime() === now.getTime();
};

const isPooled = (lot: Lot): boolean => lot.contributorId !== null;

/** What the terms of some lots allow to be done with their points before they expire. Held points are reserved, not free to be used. */
function rescuesOf(lots: readonly Lot[]): Rescue[] {
  const free = (usable: (lot: Lot) => boolean) =>
    lots.filter(usable).reduce((sum, lot) => sum + freeOf(lot), 0n);
  const all = free(() => true);
  const rescues: Rescue[] = [
    { kind: 'DONATE', points: free((lot) => !isPooled(lot)) },
    { kind: 'GIFT', points: free((lot) => lot.transferable && !isPooled(lot)) },
    { kind: 'POOL', points: free((lot) => lot.poolable && !isPooled(lot)) },
    { kind: 'VOUCHER', points: all },
  ];
  return rescues.filter(({ points }) => points > 0n);
}

/** What of a member decides which rescues it can use. */
export interface Rescuer {
  /** Whether it may give points away, and has somebody to give them to. */
  readonly canGive: boolean;
  /** Whether it belongs to a household, into whose pool it could put them. */
  readonly canPool: boolean;
}

/** A reminder with those of its rescues that its member can use. */
export const withUsable = (reminder: Reminder, { canGive, canPool }: Rescuer): Reminder => ({
  ...reminder,
  rescues: reminder.rescues.filter(
    ({ kind }) => (kind !== 'GIFT' || canGive) && (kind !== 'POOL' || canPool),
  ),
});

/** How much some lots come to. */
export function sumOfLots(lots: readonly Lot[]): ReminderSum {
  const points = lots.reduce((sum, lot) => sum + lot.remaining, 0n);
  const held = lots.reduce((sum, lot) => sum + lot.held, 0n);
  return { points, held, lots: lots.length, rescues: rescuesOf(lots) };
}

/** The same by issuer. */
export function partsOfLots(lots: readonly Lot[]): ReminderPart[] {
  const issuers = [...new Set(lots.map(({ issuerId }) => issuerId))].sort();
  return issuers.map((issuerId) => ({
    issuerId,
    ...sumOfLots(lots.filter((lot) => lot.issuerId === issuerId)),
  }));
}

/**
 * A reminder as a merchant may see it that may learn all of it: of what is free, for what is reserved may be frozen by a case;
 * null if that is nothing.
 */
export const freeOfReminder = (reminder: Reminder): Reminder | null =>
  reminder.points > reminder.held ? { ...reminder, points: reminder.points - reminder.held, held: 0n } : null;

/** A reminder as a merchant may see it that may learn only of what it issued, in the same way; null if that is nothing. */
export function partOfReminder(reminder: Reminder, issuerId: string): Reminder | null {
  const part = reminder.parts.find((one) => one.issuerId === issuerId);
  if (!part) return null;
  const { points, held, lots, rescues } = part;
  return freeOfReminder({ ...reminder, points, held, lots, rescues, parts: [part] });
}
