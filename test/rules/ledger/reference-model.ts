/**
 * What the ledger should do, said a second time and in another way: plain numbers, one event after the other, no
 * postings, nothing shared with the code under test but the order of lots (by expiry, then earn, then creation).
 */
export interface ModelTerms {
  readonly unlockAfterDays: number;
  readonly validityMonths: number;
  readonly holdTimeoutSeconds: number;
  readonly reinstatementDays: number;
  readonly transfers: {
    readonly most: number;
    readonly mostPerDay: number;
    readonly declineWithinDays: number;
  };
}

export interface ModelLot {
  readonly made: number;
  readonly earnedAt: number;
  readonly unlocksAt: number;
  expiresAt: number;
  pending: number;
  available: number;
  held: number;
  expired: number;
}

interface ModelHold {
  readonly wallet: ModelWallet;
  readonly parts: { lot: ModelLot; points: number }[];
  readonly timesOutAt: number;
  open: boolean;
}

interface ModelWallet {
  readonly lots: ModelLot[];
  readonly holds: ModelHold[];
  /** Points given away, by the number of the day. */
  readonly gifts: Map<number, number>;
  arrears: number;
}

interface Earned {
  readonly what: 'earn';
  readonly wallet: ModelWallet;
  readonly lot: ModelLot;
  readonly left: Map<string, number>;
}
interface Spent {
  readonly what: 'spend';
  readonly wallet: ModelWallet;
  readonly parts: { lot: ModelLot; points: number }[];
  reversed: boolean;
}
/** Points given to another member: which lot gave how much to which. */
export interface ModelGift {
  readonly what: 'gift';
  readonly giver: ModelWallet;
  readonly receiver: ModelWallet;
  readonly parts: { readonly from: ModelLot; readonly to: ModelLot; readonly points: number }[];
  readonly until: number;
  declined: boolean;
}
interface Final {
  readonly what: 'final';
}
export type ModelPosting = Earned | Spent | ModelGift | Final;

export type ModelAnswer =
  | 'ok'
  | 'NotEnoughPoints'
  | 'NotReversible'
  | 'HoldAlreadyResolved'
  | 'AlreadyDeclined'
  | 'TooLateToDecline'
  | 'GiftUsed';

const day = 86_400_000;

/** The last millisecond of the UTC day. */
const dayEnd = (time: number) => Math.floor(time / day) * day + day - 1;

function monthsLater(time: number, months: number): number {
  const date = new Date(time);
  const wanted = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const month = date.getUTCMonth();
  date.setUTCDate(wanted);
  if (date.getUTCMonth() !== month) date.setUTCDate(0);
  return dayEnd(date.getTime());
}

export class ReferenceModel {
  now: number;
  terms: ModelTerms;
  readonly wallets = new Map<string, ModelWallet>();
  issued = 0;
  honoured = 0;
  donated = 0;
  made = 0;

  constructor(now: number, terms: ModelTerms) {
    this.now = now;
    this.terms = terms;
  }

  wallet(member: string): ModelWallet {
    const found = this.wallets.get(member) ?? { lots: [], holds: [], gifts: new Map(), arrears: 0 };
    this.wallets.set(member, found);
    return found;
  }

  get breakage(): number {
    return this.allLots().reduce((sum, lot) => sum + lot.expired, 0);
  }

  allLots(): ModelLot[] {
    return [...this.wallets.values()].flatMap((wallet) => wallet.lots);
  }

  available(wallet: ModelWallet): number {
    return wallet.lots.reduce((sum, lot) => sum + lot.available, 0);
  }

  private ordered(wallet: ModelWallet): ModelLot[] {
    return [...wallet.lots].sort(
      (a, b) => a.expiresAt - b.expiresAt || a.earnedAt - b.earnedAt || a.made - b.made,
    );
  }

  private take(wallet: ModelWallet, points: number): { lot: ModelLot; points: number }[] {
    const parts: { lot: ModelLot; points: number }[] = [];
    let rest = points;
    for (const lot of this.ordered(wallet)) {
      const part = Math.min(lot.available, rest);
      if (part === 0) continue;
      lot.available -= part;
      rest -= part;
      parts.push({ lot, points: part });
    }
    if (rest > 0) throw new Error('the model took more than there is');
    return parts;
  }

  private settle(wallet: ModelWallet): void {
    const paid = Math.min(wallet.arrears, this.available(wallet));
    this.take(wallet, paid);
    wallet.arrears -= paid;
  }

  /** Lets time pass, one thing at a time. */
  passTo(time: number): void {
    for (const wallet of this.wallets.values())
      for (let next = this.firstDue(wallet, time); next; next = this.firstDue(wallet, time)) next();
    this.now = time;
  }

  private firstDue(wallet: ModelWallet, until: number): (() => void) | null {
    const due: { at: number; rank: number; run: () => void }[] = [];
    for (const lot of wallet.lots) {
      if (lot.pending > 0)
        due.push({ at: lot.unlocksAt, rank: 0, run: () => this.unlock(wallet, lot.unlocksAt) });
      if (lot.pending + lot.available > 0)
        due.push({ at: lot.expiresAt, rank: 2, run: () => this.expire(lot) });
    }
    for (const hold of wallet.holds)
      if (hold.open)
        due.push({ at: hold.timesOutAt, rank: 1, run: () => this.release(hold, 0, hold.timesOutAt) });
    due.sort((a, b) => a.at - b.at || a.rank - b.rank);
    return due[0] && due[0].at <= until ? due[0].run : null;
  }

  private unlock(wallet: ModelWallet, at: number): void {
    for (const lot of wallet.lots)
      if (lot.unlocksAt === at) {
        lot.available += lot.pending;
        lot.pending = 0;
      }
    this.settle(wallet);
  }

  private expire(lot: ModelLot): void {
    lot.expired += lot.pending + lot.available;
    lot.pending = 0;
    lot.available = 0;
  }

  private release(hold: ModelHold, captured: number, at: number): { lot: ModelLot; points: number }[] {
    hold.open = false;
    let rest = captured;
    const parts = [...hold.parts].sort(
      (a, b) =>
        a.lot.expiresAt - b.lot.expiresAt || a.lot.earnedAt - b.lot.earnedAt || a.lot.made - b.lot.made,
    );
    const taken: { lot: ModelLot; points: number }[] = [];
    for (const { lot, points } of parts) {
      const part = Math.min(points, rest);
      rest -= part;
      lot.held -= points;
      lot.available += points - part;
      if (part > 0) taken.push({ lot, points: part });
    }
    this.settle(hold.wallet);
    for (const { lot } of parts) if (lot.expiresAt <= at) this.expire(lot);
    return taken;
  }

  earn(member: string, lines: Map<string, number>): Earned {
    const wallet = this.wallet(member);
    const points = [...lines.values()].reduce((sum, line) => sum + line, 0);
    const unlocksAt = this.now + this.terms.unlockAfterDays * day;
    const atOnce = this.terms.unlockAfterDays === 0;
    const lot: ModelLot = {
      made: this.made++,
      earnedAt: this.now,
      unlocksAt,
      expiresAt: monthsLater(this.now, this.terms.validityMonths),
      pending: atOnce ? 0 : points,
      available: atOnce ? points : 0,
      held: 0,
      expired: 0,
    };
    wallet.lots.push(lot);
    this.issued += points;
    this.settle(wallet);
    return { what: 'earn', wallet, lot, left: new Map(lines) };
  }

  spend(member: string, points: number, on: 'honoured' | 'donated'): ModelPosting | 'NotEnoughPoints' {
    const wallet = this.wallet(member);
    if (this.available(wallet) < points) return 'NotEnoughPoints';
    const parts = this.take(wallet, points);
    this[on] += points;
    return on === 'donated' ? { what: 'final' } : { what: 'spend', wallet, parts, reversed: false };
  }

  transfer(from: string, to: string, points: number): ModelGift | 'GiftLimitExceeded' | 'NotEnoughPoints' {
    const giver = this.wallet(from);
    const receiver = this.wallet(to);
    const { most, mostPerDay, declineWithinDays } = this.terms.transfers;
    const today = Math.floor(this.now / day);
    const given = (giver.gifts.get(today) ?? 0) + points;
    if (points > most || given > mostPerDay) return 'GiftLimitExceeded';
    if (this.available(giver) < points) return 'NotEnoughPoints';
    giver.gifts.set(today, given);
    const parts = this.take(giver, points).map((part) => {
      const made = this.made++;
      const to = { ...part.lot, made, pending: 0, held: 0, expired: 0, available: part.points };
      return { from: part.lot, to, points: part.points };
    });
    receiver.lots.push(...parts.map((part) => part.to));
    this.settle(receiver);
    const until = this.now + declineWithinDays * day;
    return { what: 'gift', giver, receiver, parts, until, declined: false };
  }

  decline(gift: ModelGift): 'ok' | 'AlreadyDeclined' | 'TooLateToDecline' | 'GiftUsed' {
    if (gift.declined) return 'AlreadyDeclined';
    if (this.now >= gift.until) return 'TooLateToDecline';
    const whole = gift.parts.every(({ to, points }) => to.available + to.expired === points);
    if (!whole) return 'GiftUsed';
    gift.declined = true;
    for (const { from, to, points } of gift.parts) {
      to.available = 0;
      to.expired = 0;
      from.available += points;
    }
    this.settle(gift.giver);
    for (const { from } of gift.parts) if (from.expiresAt <= this.now) this.expire(from);
    return 'ok';
  }

  hold(member: string, points: number): ModelHold | 'NotEnoughPoints' {
    const wallet = this.wallet(member);
    if (this.available(wallet) < points) return 'NotEnoughPoints';
    const parts = this.take(wallet, points);
    for (const part of parts) part.lot.held += part.points;
    const timesOutAt = this.now + this.terms.holdTimeoutSeconds * 1000;
    const hold = { wallet, parts, timesOutAt, open: true };
    wallet.holds.push(hold);
    return hold;
  }

  capture(hold: ModelHold, points: number): ModelPosting | 'HoldAlreadyResolved' {
    if (!hold.open) return 'HoldAlreadyResolved';
    const parts = this.release(hold, points, this.now);
    this.honoured += points;
    return { what: 'spend', wallet: hold.wallet, parts, reversed: false };
  }

  void(hold: ModelHold): 'ok' | 'HoldAlreadyResolved' {
    if (!hold.open) return 'HoldAlreadyResolved';
    this.release(hold, 0, this.now);
    return 'ok';
  }

  /** Reverses a posting; of an earn, the line named, or all that is left. */
  reverse(posting: ModelPosting, line: string | null): 'ok' | 'NotReversible' {
    if (posting.what === 'final' || posting.what === 'gift') return 'NotReversible';
    return posting.what === 'earn' ? this.reverseEarn(posting, line) : this.reverseSpend(posting);
  }

  private reverseEarn(earned: Earned, line: string | null): 'ok' | 'NotReversible' {
    const lines = line === null ? [...earned.left.keys()] : [line];
    const points = lines.reduce((sum, id) => sum + earned.left.get(id)!, 0);
    if (points === 0) return 'NotReversible';
    for (const id of lines) earned.left.set(id, 0);
    this.issued -= points;
    let rest = points;
    const { lot, wallet } = earned;
    for (const pool of ['pending', 'available', 'expired'] as const) {
      const part = Math.min(lot[pool], rest);
      lot[pool] -= part;
      rest -= part;
    }
    const others = Math.min(rest, this.available(wallet));
    this.take(wallet, others);
    wallet.arrears += rest - others;
    return 'ok';
  }

  private reverseSpend(spent: Spent): 'ok' | 'NotReversible' {
    if (spent.reversed) return 'NotReversible';
    spent.reversed = true;
    for (const { lot, points } of spent.parts) {
      lot.available += points;
      this.honoured -= points;
      if (lot.expiresAt <= this.now) lot.expiresAt = dayEnd(this.now + this.terms.reinstatementDays * day);
    }
    this.settle(spent.wallet);
    return 'ok';
  }
}
