import { canonicalJson, sha256 } from '../../shared/idempotency.ts';
import type { Signature } from '../../shared/signing/signer.ts';

/** What a seal says. */
export interface SealContent {
  readonly type: 'jifen-ledger-seal';
  /** The day in UTC, `2026-03-01`. */
  readonly day: string;
  /** How many postings were recorded that day. */
  readonly count: number;
  /** Root of the Merkle tree over them, in hex. */
  readonly root: string;
  /** Hash of the seal of the day before, in hex; zeros for the first. */
  readonly previous: string;
}

/** The seal of a day. Never changed once made. */
export interface Seal {
  readonly day: string;
  readonly count: number;
  readonly root: string;
  readonly previous: string;
  /** The canonical JSON of what the seal says: the very text that is hashed and signed. */
  readonly content: string;
  /** SHA-256 of the content, in hex: what the next day's seal names. */
  readonly hash: string;
  readonly signature: Signature;
}

/** What the first seal names as the one before it. */
export const noSeal = '0'.repeat(64);

/**
 * How long a day is over before it is sealed. A posting is written at most a minute and a half after it was dated, and
 * clocks differ by seconds: an hour leaves room for a clock that is badly wrong. What comes even later, the check finds.
 */
export const sealAfterMs = 3_600_000;

const dayMs = 86_400_000;

/** The day in UTC of an instant. */
export const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

/** The first instant of a day. */
export const startOfDay = (day: string): Date => new Date(`${day}T00:00:00.000Z`);

/** The day after another. */
export const dayAfter = (day: string): string => dayOf(new Date(startOfDay(day).getTime() + dayMs));

/** When a day may be sealed. */
export const sealableFrom = (day: string): Date =>
  new Date(startOfDay(dayAfter(day)).getTime() + sealAfterMs);

/** The content of a seal. */
export const sealContent = (seal: Omit<SealContent, 'type'>): SealContent => ({
  type: 'jifen-ledger-seal',
  day: seal.day,
  count: seal.count,
  root: seal.root,
  previous: seal.previous,
});

/** Makes a seal of its content and signature. */
export function toSeal(content: SealContent, signature: Signature): Seal {
  const { type: _, ...rest } = content;
  const text = canonicalJson(content);
  return { ...rest, content: text, hash: sha256(text), signature };
}

/** Whether a text is a day of the calendar, `2026-03-01`. */
export function isDay(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? startOfDay(text) : null;
  return day !== null && !Number.isNaN(day.getTime()) && dayOf(day) === text;
}
