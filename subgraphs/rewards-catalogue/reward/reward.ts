import { hasWords } from '../../shared/words.ts';

/** An amount of money in integer minor units (fen) of a currency. */
export interface Money {
  readonly amountMinor: bigint;
  /** ISO 4217 code. */
  readonly currency: string;
}

/** What a reward has to say in public; a part not given yet is the empty text. */
export interface RewardTerms {
  readonly delivery: string;
  readonly use: string;
  readonly exclusions: string;
  readonly cancellation: string;
}

/** Something that points buy. */
export interface Reward {
  readonly id: string;
  /** Who gives it and honours the points. */
  readonly merchantId: string;
  readonly programme: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  /** Price. */
  readonly points: bigint;
  readonly voucherValue: Money | null;
  readonly status: 'DRAFT' | 'PUBLISHED';
  readonly availableFrom: Date;
  /** Exclusive; null for no end. */
  readonly availableUntil: Date | null;
  /** How many are left; null for no limit. */
  readonly stock: number | null;
  readonly limitPerMember: number | null;
  readonly voucherValidityDays: number;
  readonly terms: RewardTerms;
}

const termNames = ['delivery', 'use', 'exclusions', 'cancellation'] as const;

/** The parts of the terms that are missing or say nothing, by their path on the reward. */
export const missingTerms = (terms: RewardTerms): string[] =>
  termNames.filter((name) => !hasWords(terms[name])).map((name) => `terms.${name}`);

/** True once the reward's window is over. */
export const isOver = (reward: Pick<Reward, 'availableUntil'>, now: Date): boolean =>
  reward.availableUntil !== null && reward.availableUntil <= now;
