import type { TransferRules } from '../programme/policy.ts';
import type { GiftLimitExceeded, NotABeneficiary } from './gift-refusal.ts';
import { least } from './least.ts';
import type { Posting } from './posting.ts';
import type { Gifted, Wallet } from './wallet.ts';

/** The day of an instant, in UTC, as `2026-03-01`. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** The first instant of the next day in UTC. */
const nextDay = (at: Date): Date =>
  new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1));

/**
 * What a wallet gave away until an instant on its day. The day that another process began counts for one whose clock is
 * still in the day before, or the two would begin anew in turns.
 */
const giftedOn = ({ gifted }: Wallet, at: Date): Gifted => {
  const day = dayOf(at);
  return gifted !== null && gifted.day >= day ? gifted : { day, points: 0n };
};

/** What a wallet has given away today after a gift. */
export function addGift(wallet: Wallet, points: bigint, at: Date): Gifted {
  const today = giftedOn(wallet, at);
  return { day: today.day, points: today.points + points };
}

interface Gift {
  readonly points: bigint;
  readonly beneficiaryFrom: Date | null;
  readonly at: Date;
}

function checkLimits(giver: Wallet, { points, at }: Gift, rules: TransferRules): GiftLimitExceeded | null {
  const { mostPerTransfer, mostPerDay } = rules;
  const leftToday = mostPerDay === null ? null : mostPerDay - giftedOn(giver, at).points;
  const today = leftToday !== null && leftToday < 0n ? 0n : leftToday;
  if (mostPerTransfer !== null && points > mostPerTransfer) {
    const left = today === null ? mostPerTransfer : least(mostPerTransfer, today);
    return { kind: 'GiftLimitExceeded', per: 'TRANSFER', limit: mostPerTransfer, left, leftFrom: null };
  }
  if (mostPerDay === null || today === null || points <= today) return null;
  const left = mostPerTransfer === null ? today : least(mostPerTransfer, today);
  return { kind: 'GiftLimitExceeded', per: 'DAY', limit: mostPerDay, left, leftFrom: nextDay(at) };
}

/**
 * Whether a wallet may give points away, whatever it holds. Refusals come in this order: the receiver is no
 * beneficiary or not yet, the gift is too large by itself, it is too large for what is left of today.
 */
export function checkGift(
  giver: Wallet,
  gift: Gift,
  rules: TransferRules,
): NotABeneficiary | GiftLimitExceeded | null {
  if (gift.beneficiaryFrom === null || gift.beneficiaryFrom > gift.at)
    return { kind: 'NotABeneficiary', effectiveFrom: gift.beneficiaryFrom };
  return checkLimits(giver, gift, rules);
}

/** From when on a gift cannot be declined any more. A gift of before there was such a time never could be. */
export const declinableUntilOf = (gift: Pick<Posting, 'at' | 'declinableUntil'>): Date =>
  gift.declinableUntil ?? gift.at;
