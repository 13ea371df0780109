import { expiryOf } from '../ledger/terms.ts';
import type { ProgrammePolicy, TransferRules, Unlock, Validity } from './policy.ts';
import { sampleDays } from './policy-rules.ts';

/**
 * What a change of the terms means to members. WORSE means worse in at least one case, whatever it is in others; WORDING
 * that only a text changed, which no program can judge.
 */
export type Effect = 'BETTER' | 'WORSE' | 'NEUTRAL' | 'WORDING';

/** Worse in one respect is worse; otherwise better in one is better. */
export function combine(effects: readonly Effect[]): Effect {
  if (effects.includes('WORSE')) return 'WORSE';
  return effects.includes('BETTER') ? 'BETTER' : 'NEUTRAL';
}

/** Of two amounts, the more is the better. */
export function moreIsBetter(before: number | bigint, after: number | bigint): Effect {
  if (after === before) return 'NEUTRAL';
  return after > before ? 'BETTER' : 'WORSE';
}

const allowing = (before: boolean, after: boolean): Effect => moreIsBetter(Number(before), Number(after));

/** No limit is the highest. */
function limitEffect(before: bigint | null, after: bigint | null): Effect {
  if (before === null || after === null) return allowing(before === null, after === null);
  return moreIsBetter(before, after);
}

/** The days after which points unlock at the earliest and at the latest; never, if they may lapse. */
function pendingDays(unlock: Unlock): { readonly least: number; readonly most: number } {
  switch (unlock.kind) {
    case 'IMMEDIATE':
      return { least: 0, most: 0 };
    case 'AFTER_DAYS':
      return { least: unlock.days, most: unlock.days };
    case 'ON_EVENT':
      return { least: 0, most: unlock.otherwise === 'LAPSE' ? Number.POSITIVE_INFINITY : unlock.withinDays };
  }
}

/** How unlocking changes. Waiting for another event is worse: it may come later than the one before. */
export function unlockEffect(before: Unlock, after: Unlock): Effect {
  const [was, is] = [pendingDays(before), pendingDays(after)];
  const effects = [moreIsBetter(is.least, was.least), moreIsBetter(is.most, was.most)];
  if (before.kind === 'ON_EVENT' && after.kind === 'ON_EVENT') {
    if (before.event !== after.event) effects.push('WORSE');
    if (before.otherwise === 'LAPSE' && after.otherwise === 'LAPSE')
      effects.push(moreIsBetter(before.withinDays, after.withinDays));
  }
  return combine(effects);
}

/** How validity changes, whenever points are earned: a sliding one is better than an equal one that nothing moves. */
export function validityEffect(before: Validity, after: Validity): Effect {
  const slides = allowing(before.kind === 'SLIDING', after.kind === 'SLIDING');
  const spans = sampleDays.map((day) =>
    moreIsBetter(expiryOf(day, before).getTime(), expiryOf(day, after).getTime()),
  );
  return combine([slides, ...spans]);
}

/** How the circle of issuers changes: every issuer less is worse. */
export function issuersEffect(before: readonly string[] | null, after: readonly string[] | null): Effect {
  if (before === null || after === null) return allowing(before === null, after === null);
  const lost = before.some((id) => !after.includes(id));
  const won = after.some((id) => !before.includes(id));
  return combine([lost ? 'WORSE' : 'NEUTRAL', won ? 'BETTER' : 'NEUTRAL']);
}

/** How giving changes. */
export const transfersEffect = (before: TransferRules, after: TransferRules): Effect =>
  before.allowed !== after.allowed
    ? allowing(before.allowed, after.allowed)
    : combine([
        limitEffect(before.mostPerTransfer, after.mostPerTransfer),
        limitEffect(before.mostPerDay, after.mostPerDay),
        moreIsBetter(before.declineWithinDays, after.declineWithinDays),
      ]);

/** How reminders, grace and restoring change: every reminder less is worse. */
export function remindersEffect(
  before: ProgrammePolicy['reminders'],
  after: ProgrammePolicy['reminders'],
): Effect {
  const lost = before.daysBefore.some((days) => !after.daysBefore.includes(days));
  const won = after.daysBefore.some((days) => !before.daysBefore.includes(days));
  return combine([
    lost ? 'WORSE' : 'NEUTRAL',
    won ? 'BETTER' : 'NEUTRAL',
    moreIsBetter(before.graceDays, after.graceDays),
    allowing(before.restoreOnce, after.restoreOnce),
  ]);
}

/** How pooling changes. */
export const poolingEffect = (before: { allowed: boolean }, after: { allowed: boolean }): Effect =>
  allowing(before.allowed, after.allowed);
