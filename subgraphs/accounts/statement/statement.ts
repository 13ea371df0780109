import type { Month } from '../ledger/month.ts';
import type { NotedGoods } from '../ledger/note.ts';
import { changeOfBuckets, ownOf } from '../ledger/possession.ts';
import type { Posting } from '../ledger/posting.ts';
import { isQuiet, type WalletMonth } from '../ledger/read-month.ts';
import type { Expiry } from '../ledger/read-wallet.ts';
import { byParty, type MerchantLine, merchantLines } from './merchant-line.ts';
import { type PooledStatement, pooledStatementOf, sumOfPooledLines } from './pooled-statement.ts';

/** Points given to one cause; negative. */
export interface CauseLine {
  readonly causeId: string;
  /** As the cause was called when it was last given to; null if nobody said. */
  readonly name: string | null;
  readonly points: bigint;
  readonly postings: number;
  /** What pledges set aside for it. */
  readonly goods: readonly NotedGoods[];
}

/**
 * A month of one programme. Every line is signed as it changes what the member owns: opening and all lines together are
 * the closing, exactly.
 */
export interface ProgrammeStatement {
  readonly programme: string;
  /** Own points: available, pending and held, minus arrears. */
  readonly opening: bigint;
  readonly earned: readonly MerchantLine[];
  /** Earnings taken back after a return; negative. */
  readonly returned: readonly MerchantLine[];
  /** Negative. */
  readonly spent: readonly MerchantLine[];
  /** Payments given back. */
  readonly refunded: readonly MerchantLine[];
  /** Without those that were declined. */
  readonly giftsReceived: bigint;
  /** Negative, without those that were declined. */
  readonly giftsGiven: bigint;
  readonly donated: readonly CauseLine[];
  /** Put into the pool of a household; negative. */
  readonly contributed: bigint;
  /** Came back from the pool of a household, or paid there for a return. */
  readonly takenBack: bigint;
  /** Negative; what a return of an expired earn took back from what had expired is subtracted. */
  readonly expired: bigint;
  /** Points that had expired and were given back to the member. */
  readonly restored: bigint;
  /** Negative: what a case took. */
  readonly deducted: bigint;
  /** What an appeal gave back of it. */
  readonly restituted: bigint;
  /** What is none of the above. */
  readonly other: bigint;
  readonly closing: bigint;
  /** What the closing is made of. */
  readonly available: bigint;
  readonly pending: bigint;
  readonly held: bigint;
  readonly arrears: bigint;
  /** Points that became spendable in the month after waiting. */
  readonly unlocked: bigint;
  readonly nextExpiries: readonly Expiry[];
  /** The member's points in pools of households, which no other line counts; null if there were none. */
  readonly pooled: PooledStatement | null;
}

/** A member's month, in all programmes in which something was there or happened. */
export interface Statement {
  readonly memberId: string;
  readonly month: Month;
  readonly programmes: readonly ProgrammeStatement[];
}

/** What one posting changed, by who was on the other side. */
interface Part {
  readonly group:
    | 'earned'
    | 'returned'
    | 'spent'
    | 'refunded'
    | 'donated'
    | 'expired'
    | 'restored'
    | 'deducted'
    | 'restituted'
    | 'gifts'
    | 'pooled'
    | 'other';
  /** Merchant or cause; empty for the rest. */
  readonly party: string;
  readonly points: bigint;
}

/** Whether a posting gave a declined gift back to this giver. Of reversals, only those touch the wallets of two members. */
const gaveBack = ({ kind, walletIds, householdId }: Posting, walletId: string): boolean =>
  kind === 'REVERSE' && householdId === undefined && walletIds.length === 2 && walletIds[0] === walletId;

/** Which line the other side of an entry belongs to. What nobody foresaw is `other`, so that no point goes missing. */
function placeOf(account: string, posting: Posting, walletId: string): Pick<Part, 'group' | 'party'> {
  const { kind, householdId } = posting;
  const [name = '', party = ''] = account.split(':');
  switch (name) {
    case 'issuer':
      return { group: kind === 'REVERSE' ? 'returned' : 'earned', party };
    case 'honourer':
      return { group: kind === 'REVERSE' ? 'refunded' : 'spent', party };
    case 'charity':
      return { group: 'donated', party };
    case 'breakage':
      // What had expired with the receiver comes back from there, and is the gift to its giver.
      if (gaveBack(posting, walletId)) return { group: 'gifts', party: '' };
      return { group: kind === 'RESTORE' ? 'restored' : 'expired', party: '' };
    case 'case':
      return { group: kind === 'RESTITUTE' ? 'restituted' : 'deducted', party: '' };
    default:
      if (householdId !== undefined) return { group: 'pooled', party: '' };
      return { group: kind === 'TRANSFER' || kind === 'REVERSE' ? 'gifts' : 'other', party: '' };
  }
}

/** The parts of what a posting changed in a wallet: the entries on the other side, seen from the wallet. */
export function partsOf(posting: Posting, walletId: string): Part[] {
  const own = `wallet:${walletId}:`;
  return posting.entries
    .filter(({ account }) => !account.startsWith(own))
    .map(({ account, points }) => ({ ...placeOf(account, posting, walletId), points: -points }));
}

type Parts = readonly (Part & { readonly posting: Posting })[];

const sumOf = (parts: readonly { readonly points: bigint }[]): bigint =>
  parts.reduce((sum, { points }) => sum + points, 0n);

const ofGroup = (parts: Parts, group: Part['group']): Parts => parts.filter((part) => part.group === group);

/** Whether a part belongs to what was given away: a gift, or one that was declined and came back. */
const isGiven = ({ points, posting }: Parts[number]): boolean =>
  posting.kind === 'TRANSFER' ? points < 0n : points > 0n;

/** Goods by what they are and their unit. */
export function sumGoods(goods: readonly NotedGoods[]): NotedGoods[] {
  const sums = new Map<string, NotedGoods>();
  for (const one of goods) {
    const key = JSON.stringify([one.goods, one.unit]);
    const quantity = BigInt(sums.get(key)?.quantity ?? 0) + BigInt(one.quantity);
    sums.set(key, { ...one, quantity: String(quantity) });
  }
  return [...sums.values()];
}

const causeLines = (parts: Parts): CauseLine[] =>
  [...byParty(ofGroup(parts, 'donated'))].map(([causeId, own]) => ({
    causeId,
    name: own.findLast(({ posting }) => posting.note?.name)?.posting.note?.name ?? null,
    points: sumOf(own),
    postings: own.length,
    goods: sumGoods(own.flatMap(({ posting }) => posting.note?.goods ?? [])),
  }));

/** The month of one wallet. */
export function statementOf(wallet: WalletMonth): ProgrammeStatement {
  const { walletId, programme, opening, closing, postings, expiries, pooled } = wallet;
  const parts = postings.flatMap((posting) =>
    partsOf(posting, walletId).map((part) => ({ ...part, posting })),
  );
  const of = (group: Part['group']) => ofGroup(parts, group);
  const gifts = of('gifts');
  const unlocks = postings.filter(({ kind }) => kind === 'UNLOCK');
  const { available, pending, held, arrears } = closing;
  return {
    programme,
    opening: ownOf(opening),
    earned: merchantLines(of('earned')),
    returned: merchantLines(of('returned')),
    spent: merchantLines(of('spent')),
    refunded: merchantLines(of('refunded')),
    giftsReceived: sumOf(gifts.filter((part) => !isGiven(part))),
    giftsGiven: sumOf(gifts.filter(isGiven)),
    donated: causeLines(parts),
    contributed: sumOf(of('pooled').filter(({ points }) => points < 0n)),
    takenBack: sumOf(of('pooled').filter(({ points }) => points > 0n)),
    expired: sumOf(of('expired')),
    restored: sumOf(of('restored')),
    deducted: sumOf(of('deducted')),
    restituted: sumOf(of('restituted')),
    other: sumOf(of('other')),
    closing: ownOf(closing),
    available,
    pending,
    held,
    arrears,
    unlocked: unlocks.reduce((sum, unlock) => sum - changeOfBuckets(unlock, walletId).pending, 0n),
    nextExpiries: expiries,
    pooled: pooled && !isQuiet(pooled) ? pooledStatementOf(wallet.memberId, pooled) : null,
  };
}

/** Every line of a merchant's. */
export const merchantLinesOf = ({ pooled, ...one }: ProgrammeStatement): readonly MerchantLine[] =>
  [one.earned, one.returned, one.spent, one.refunded, pooled?.spent ?? [], pooled?.refunded ?? []].flat();

/** All that changed the opening into the closing. */
export const sumOfLines = (one: ProgrammeStatement): bigint =>
  [one.earned, one.returned, one.spent, one.refunded, one.donated]
    .map(sumOf)
    .concat(
      one.giftsReceived,
      one.giftsGiven,
      one.expired,
      one.restored,
      one.contributed,
      one.takenBack,
      one.deducted,
      one.restituted,
      one.other,
    )
    .reduce((sum, points) => sum + points, 0n);

/** Whether the lines lead from opening to closing, and what went into pools or came back is the same on both sides. */
function addsUp(one: ProgrammeStatement): boolean {
  const { pooled, contributed, takenBack } = one;
  if (one.opening + sumOfLines(one) !== one.closing) return false;
  if (!pooled) return contributed === 0n && takenBack === 0n;
  return (
    pooled.opening + sumOfPooledLines(pooled) === pooled.closing &&
    pooled.contributed === -contributed &&
    pooled.takenBack === -takenBack
  );
}

/** Makes a member's statement. Throws if a line is missing: a statement that does not add up must never be issued. */
export function makeStatement(memberId: string, month: Month, wallets: readonly WalletMonth[]): Statement {
  const programmes = wallets.map(statementOf);
  const wrong = programmes.find((one) => !addsUp(one));
  if (wrong)
    throw new Error(`the statement of ${memberId} for ${month.name} does not add up in ${wrong.programme}`);
  return { memberId, month, programmes };
}
