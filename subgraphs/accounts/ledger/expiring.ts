import { breakageAccount } from './account.ts';
import { type Draft, lotIn } from './draft.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import { freeOf, type Lot } from './lot.ts';
import { missedDays, untold, wasTold } from './reminder.ts';
import { extendedExpiry } from './terms.ts';

const total = (lots: readonly Lot[], of: (lot: Lot) => bigint): bigint =>
  lots.reduce((sum, lot) => sum + of(lot), 0n);

/** Expires what is free in these lots; held points stay until their hold is resolved. */
function expire(draft: Draft, walletId: string, at: Date, lots: readonly Lot[]): void {
  if (lots.length === 0) return;
  const event = openEvent(draft, walletId);
  const all = total(lots, freeOf);
  for (const lot of lots) {
    const points = freeOf(lot);
    const set = { expired: lot.expired + points, expiredAt: at };
    allocate(event, lot, { points: -points, remaining: -points, set });
    move(event, walletId, lot.unlocked ? 'available' : 'pending', -points);
    credit(event, breakageAccount, points);
  }
  closeEvent(event, { kind: 'EXPIRE', at, points: all, effect: { expired: all } });
}

/** Gives lots a later date, because so many of their reminders were not sent in time. */
function extend(draft: Draft, walletId: string, at: Date, lots: readonly Lot[], goodUntil: Date): void {
  const event = openEvent(draft, walletId);
  const missed = missedDays(lots[0]!).join(', ');
  for (const lot of lots)
    allocate(event, lot, { points: lot.remaining, set: { expiresAt: goodUntil, ...untold(at) } });
  const points = total(lots, (lot) => lot.remaining);
  closeEvent(event, { kind: 'EXTEND', at, points, goodUntil, reason: `not reminded ${missed} days before` });
}

/** Lots by what is missing, the date that they get for it and, in a pool, whose they are: those with the same are one posting. */
function byExtension(lots: readonly Lot[], at: Date): { goodUntil: Date; lots: Lot[] }[] {
  const groups = new Map<string, { goodUntil: Date; lots: Lot[] }>();
  for (const lot of lots) {
    const goodUntil = extendedExpiry(at, lot);
    const key = `${goodUntil.getTime()}|${missedDays(lot).join(',')}|${lot.contributorId}`;
    const group = groups.get(key);
    if (group) group.lots.push(lot);
    else groups.set(key, { goodUntil, lots: [lot] });
  }
  return [...groups.values()];
}

/** Of a pool's lots those of each member, whose posting is its own business; of a member's own wallet all. */
function byContributor(lots: readonly Lot[]): Lot[][] {
  const contributors = [...new Set(lots.map((lot) => lot.contributorId))];
  return contributors.map((id) => lots.filter((lot) => lot.contributorId === id));
}

/** Points that never unlocked could not have been used: they lapse, told or not. */
const mayExpire = (lot: Lot): boolean => !lot.unlocked || wasTold(lot);

/**
 * Ends the free points of lots whose time is over: they expire, if their member was told in time. If not, the lots are
 * extended instead. Gives those that were.
 */
export function expireOrExtend(draft: Draft, walletId: string, at: Date, lots: readonly Lot[]): Lot[] {
  const open = lots.filter((lot) => freeOf(lot) > 0n);
  for (const group of byContributor(open.filter(mayExpire))) expire(draft, walletId, at, group);
  const late = open.filter((lot) => !mayExpire(lot));
  for (const group of byExtension(late, at)) extend(draft, walletId, at, group.lots, group.goodUntil);
  return late.map((lot) => lotIn(draft, walletId, lot.id));
}
