import { createHmac } from 'node:crypto';
import { canonicalJson, sha256 } from '../../shared/idempotency.ts';
import type { Signature } from '../../shared/signing/signer.ts';
import type { WalletSince } from '../ledger/balance-store.ts';
import {
  inPools,
  inWallet,
  type Balance as LedgerBalance,
  lessBalance,
  type Possession,
  pooledBalance,
} from '../ledger/possession.ts';
import { memberOf } from '../ledger/wallet.ts';
import { leafHash, type SumNode } from './merkle.ts';
import { sealAfterMs } from './seal.ts';

/** What a member held at the end of a period. */
export interface Balance {
  readonly walletId: string;
  /** What is in its wallet, available, pending and held, and what is in pools; never negative. */
  readonly points: bigint;
  /** Of the points, those in pools of households; null in leaves of before, which did not count them. */
  readonly pooled: bigint | null;
  /** What the member owed; beside the points and not taken from them, for no sum of a tree may be negative. */
  readonly arrears: bigint;
}

/** What was owed to members at the end of a period, as it is signed. */
export interface LiabilitiesContent {
  readonly type: 'jifen-liabilities';
  readonly programme: string;
  /** The month in UTC, `2026-03`. */
  readonly period: string;
  /** Its end: the first instant of the next one. */
  readonly at: Date;
  /** Leaves of the tree: a power of two, so that it tells less of how many members there are. */
  readonly leaves: number;
  /** Root of the Merkle-sum tree, in hex. */
  readonly root: string;
  /** What all wallets together held. */
  readonly points: bigint;
  /** What members owed. */
  readonly arrears: bigint;
  /** Points less arrears: what the ledger calls outstanding. */
  readonly outstanding: bigint;
}

/** A signed total. Never changed once made. */
export interface Liabilities extends Omit<LiabilitiesContent, 'type'> {
  /** The canonical JSON of what it says: the very text that is hashed and signed. */
  readonly content: string;
  /** SHA-256 of the content, in hex. */
  readonly hash: string;
  readonly signature: Signature;
}

/** The month in UTC of an instant. */
export const periodOf = (instant: Date): string => instant.toISOString().slice(0, 7);

/** The first instant after a period. */
export function endOfPeriod(period: string): Date {
  const [year, month] = period.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, month, 1));
}

/** The period after another. */
export const periodAfter = (period: string): string => periodOf(endOfPeriod(period));

/** When a period's total may be made: no posting of it can still come. */
export const countableFrom = (period: string): Date => new Date(endOfPeriod(period).getTime() + sealAfterMs);

/** Whether a text is a month, `2026-03`. */
export const isPeriod = (text: string): boolean => /^\d{4}-(0[1-9]|1[0-2])$/.test(text);

/** What a member held at an instant in a programme: what it holds now, less what later postings made of it. */
export function balanceAt({ wallet, pooled, later }: WalletSince): Balance {
  const memberId = memberOf(wallet);
  const then = (possession: Possession, now: LedgerBalance) =>
    later.map(possession.changeBy).reduce(lessBalance, now);
  const own = then(inWallet(wallet), wallet);
  const { available, held } = then(inPools(memberId, wallet.programme), pooledBalance(pooled, memberId));
  return {
    walletId: wallet.id,
    points: own.available + own.pending + own.held + available + held,
    pooled: available + held,
    arrears: own.arrears,
  };
}

const saltOf = (what: string, secret: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`liability:${what}`).digest();

/** The leaf of a balance: canonical JSON with a salt that only its member is told, so that nobody finds it by trying. */
export function balanceLeaf(
  { walletId, points, pooled, arrears }: Balance,
  { programme, period }: Pick<LiabilitiesContent, 'programme' | 'period'>,
  secret: Uint8Array,
): string {
  const salt = saltOf(`${programme}:${period}:${walletId}`, secret).toString('hex');
  // What is null is left out.
  return canonicalJson({
    type: 'jifen-balance',
    ...{ programme, period, walletId, points, pooled, arrears, salt },
  });
}

/** The node of a leaf. */
export const balanceNode = (leaf: string, points: bigint): SumNode => ({ hash: leafHash(leaf), points });

/** How many leaves a tree of so many balances has: the next power of two. */
export function leavesFor(balances: number): number {
  let leaves = 1;
  while (leaves < balances) leaves *= 2;
  return leaves;
}

/** A leaf that only fills the tree up: it looks like any other and holds nothing. */
export const fillerNode = (
  { programme, period }: Pick<LiabilitiesContent, 'programme' | 'period'>,
  number: number,
  secret: Uint8Array,
): SumNode => ({ hash: saltOf(`${programme}:${period}:filler:${number}`, secret), points: 0n });

/** Makes a total of its content and signature. */
export function toLiabilities(content: LiabilitiesContent, signature: Signature): Liabilities {
  const { type: _, ...rest } = content;
  const text = canonicalJson(content);
  return { ...rest, content: text, hash: sha256(text), signature };
}

/** The content of a total. */
export const liabilitiesContent = (total: Omit<LiabilitiesContent, 'type'>): LiabilitiesContent => ({
  type: 'jifen-liabilities',
  programme: total.programme,
  period: total.period,
  at: total.at,
  leaves: total.leaves,
  root: total.root,
  points: total.points,
  arrears: total.arrears,
  outstanding: total.outstanding,
});
