import { lapse, type ModelCase } from './reference-cases.ts';
import { type ModelHousehold, type ModelSpender, returnStrays, uncount } from './reference-households.ts';
import { type ModelReversed, reverseEarn, reverseSpend } from './reference-reversals.ts';

/** Something that happens by itself. */
interface Due {
  readonly at: number;
  readonly rank: number;
  readonly run: () => void;
}

const inOrder = (a: Due, b: Due): number => a.at - b.at || a.rank - b.rank;

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
  /** What lots that do not unlock at once wait for: time, or an event, without which they unlock or lapse. */
  readonly event: 'NONE' | 'UNLOCK' | 'LAPSE';
  /** Whether activity moves the expiry. */
  readonly slides: boolean;
  /** Whether a return of spent points is refused. */
  readonly refuses: boolean;
  readonly givable: boolean;
  /** Days before the expiry on which members are told, the most first. */
  readonly remindDays: readonly number[];
  readonly graceDays: number;
  readonly restorable: boolean;
}

export interface ModelLot {
  readonly made: number;
  /** Whose it is in a pool. */
  readonly contributor: string | null;
  readonly earnedAt: number;
  readonly unlocksAt: number;
  readonly event: ModelTerms['event'];
  readonly slideMonths: number | null;
  readonly refuses: boolean;
  readonly givable: boolean;
  readonly remindDays: readonly number[];
  readonly graceDays: number;
  readonly restorable: boolean;
  expiresAt: number;
  /** Since when its points are there with that date, and when they were told of since. */
  since: number;
  told: number[];
  expiredAt: number | null;
  /** Whether it ended before it was ever spendable. */
  lapsed: boolean;
  restored: boolean;
  pending: number;
  available: number;
  held: number;
  expired: number;
}

/** Points reserved, and in which lots. */
export interface ModelHold {
  readonly wallet: ModelWallet;
  readonly parts: { lot: ModelLot; points: number }[];
  readonly timesOutAt: number;
  /** Who spends, if it is of a pool. */
  readonly spender: ModelSpender | null;
  open: boolean;
}

/** What a member, or a household, has. */
export interface ModelWallet {
  readonly member: string;
  readonly lots: ModelLot[];
  readonly holds: ModelHold[];
  /** The oldest first. */
  readonly cases: ModelCase[];
  /** Hashes of what points were frozen on. */
  readonly evidenceUsed: Set<string>;
  /** Points given away, by the number of the day. */
  readonly gifts: Map<number, number>;
  arrears: number;
  /** The pool that its member last put points into. */
  pooledIn: ModelWallet | null;
  /** When it was last active; null until it gets a lot that slides. */
  activeAt: number | null;
}

export interface Earned {
  readonly what: 'earn';
  readonly wallet: ModelWallet;
  readonly lot: ModelLot;
  readonly left: Map<string, number>;
}
export interface Spent {
  readonly what: 'spend';
  readonly wallet: ModelWallet;
  /** What each lot gave and has not got back. */
  readonly parts: { lot: ModelLot; points: number }[];
  /** Who spent, if it was of a pool. */
  readonly spender?: ModelSpender | null;
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
  readonly households: ModelHousehold[] = [];
  issued = 0;
  honoured = 0;
  donated = 0;
  made = 0;

  constructor(now: number, terms: ModelTerms) {
    this.now = now;
    this.terms = terms;
  }

  wallet(member: string): ModelWallet {
    const found = this.wallets.get(member) ?? {
      ...{ member, lots: [], holds: [], cases: [], evidenceUsed: new Set<string>() },
      ...{ gifts: new Map<number, number>(), arrears: 0, pooledIn: null, activeAt: null },
    };
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

  byExpiry(this: void, a: ModelLot, b: ModelLot): number {
    return a.expiresAt - b.expiresAt || a.earnedAt - b.earnedAt || a.made - b.made;
  }

  private ordered(wallet: ModelWallet): ModelLot[] {
    return [...wallet.lots].sort(this.byExpiry);
  }

  take(
    wallet: ModelWallet,
    points: number,
    usable: (lot: ModelLot) => boolean = () => true,
  ): { lot: ModelLot; points: number }[] {
    const parts: { lot: ModelLot; points: number }[] = [];
    let rest = points;
    for (const lot of this.ordered(wallet).filter(usable)) {
      const part = Math.min(lot.available, rest);
      if (part === 0) continue;
      lot.available -= part;
      rest -= part;
      parts.push({ lot, points: part });
    }
    if (rest > 0) throw new Error('the model took more than there is');
    return parts;
  }

  settle(wallet: ModelWallet): void {
    const paid = Math.min(wallet.arrears, this.available(wallet));
    this.take(wallet, paid);
    wallet.arrears -= paid;
  }

  /** The member earns or spends: what slides and is alive gets its months anew. */
  act(wallet: ModelWallet): void {
    if (wallet.activeAt === null) return;
    wallet.activeAt = this.now;
    for (const lot of wallet.lots)
      if (lot.pending + lot.available + lot.held > 0 && lot.expiresAt > this.now) {
        const slid = this.slid(wallet, lot);
        if (slid === lot.expiresAt) continue;
        lot.expiresAt = slid;
        this.renew(lot);
      }
  }

  private slid(wallet: ModelWallet, lot: ModelLot): number {
    if (lot.slideMonths === null || wallet.activeAt === null) return lot.expiresAt;
    return Math.max(lot.expiresAt, monthsLater(wallet.activeAt, lot.slideMonths));
  }

  /** The spans of time in which a lot has to be told of, from their beginnings until before the next, each once. */
  private spans({ expiresAt, since, remindDays }: ModelLot): { from: number; to: number }[] {
    const days = remindDays.map((days) => expiresAt - days * day).filter((from) => from > since);
    if (remindDays.length > 0 && days.length === 0) days.push(since);
    return days.map((from, i) => {
      const half = Math.floor((expiresAt - from) / 2);
      return { from, to: i + 1 < days.length ? days[i + 1]! - 1 : from + half };
    });
  }

  private wasTold(lot: ModelLot): boolean {
    return this.spans(lot).every(({ from, to }) => lot.told.some((at) => from <= at && at <= to));
  }

  /** A command gives the points of a lot their date: all is to be told anew, at once if the last of the days has begun. */
  renew(lot: ModelLot): void {
    lot.since = this.now;
    lot.told = this.spans(lot)[0]?.from === this.now && lot.pending === 0 ? [this.now] : [];
  }

  /** The sweeper tells of what is to be told of now. */
  remind(): void {
    for (const lot of this.allLots()) {
      if (lot.pending > 0 || lot.available + lot.held === 0) continue;
      const span = this.spans(lot).find(({ from, to }) => from <= this.now && this.now <= to);
      if (span && !lot.told.some((at) => span.from <= at && at <= span.to)) lot.told.push(this.now);
    }
  }

  /** Lets time pass, one thing at a time, whosesoever it is. */
  passTo(time: number): void {
    const first = (): Due | undefined =>
      [...this.wallets.values()].flatMap((wallet) => this.firstDue(wallet)).sort(inOrder)[0];
    for (let next = first(); next && next.at <= time; next = first()) next.run();
    this.now = time;
  }

  private firstDue(wallet: ModelWallet): Due[] {
    const due: Due[] = [];
    for (const lot of wallet.lots) {
      if (lot.pending > 0 && lot.event === 'LAPSE')
        due.push({ at: lot.unlocksAt, rank: 2, run: () => this.expire(lot, lot.unlocksAt) });
      else if (lot.pending > 0)
        due.push({ at: lot.unlocksAt, rank: 0, run: () => this.unlock(wallet, lot.unlocksAt) });
      if (lot.pending + lot.available > 0)
        due.push({ at: lot.expiresAt, rank: 2, run: () => this.expire(lot, lot.expiresAt) });
    }
    for (const one of wallet.cases)
      if (one.lapsesAt !== null) due.push({ at: one.lapsesAt, rank: 1, run: () => lapse(this, one) });
    for (const hold of wallet.holds)
      if (hold.open)
        due.push({ at: hold.timesOutAt, rank: 1, run: () => this.release(hold, 0, hold.timesOutAt, false) });
    return due.sort(inOrder).slice(0, 1);
  }

  private unlock(wallet: ModelWallet, at: number): void {
    for (const lot of wallet.lots)
      if (lot.unlocksAt === at && lot.event !== 'LAPSE') {
        if (lot.pending > 0) {
          lot.since = at;
          lot.told = [];
        }
        lot.available += lot.pending;
        lot.pending = 0;
      }
    this.settle(wallet);
  }

  /** Ends a lot, or extends it if its points could be spent and were not told of. */
  private expire(lot: ModelLot, at: number): void {
    if (lot.pending + lot.available === 0) return;
    if (lot.available > 0 && !this.wasTold(lot)) {
      lot.expiresAt = dayEnd(at + Math.max(lot.graceDays, Math.min(...lot.remindDays)) * day);
      lot.since = at;
      lot.told = [];
      return;
    }
    lot.expiredAt = at;
    lot.lapsed = lot.pending > 0;
    lot.expired += lot.pending + lot.available;
    lot.pending = 0;
    lot.available = 0;
  }

  /** Ends a lot of whose end its member was told elsewhere. */
  private lapse(lot: ModelLot): void {
    if (lot.available === 0) return;
    lot.expiredAt = this.now;
    lot.expired += lot.available;
    lot.available = 0;
  }

  private release(
    hold: ModelHold,
    captured: number,
    at: number,
    byCommand = true,
  ): { lot: ModelLot; points: number }[] {
    hold.open = false;
    let rest = captured;
    const parts = [...hold.parts].sort((a, b) => this.byExpiry(a.lot, b.lot));
    const taken: { lot: ModelLot; points: number }[] = [];
    for (const { lot, points } of parts) {
      const part = Math.min(points, rest);
      rest -= part;
      lot.held -= points;
      lot.available += points - part;
      if (part > 0) taken.push({ lot, points: part });
    }
    if (hold.spender) uncount(hold.spender, parts.reduce((sum, part) => sum + part.points, 0) - captured);
    this.settle(hold.wallet);
    for (const { lot, points } of parts) {
      const back = points > (taken.find((part) => part.lot === lot)?.points ?? 0);
      if (!back || lot.expiresAt > at) continue;
      this.expire(lot, at);
      if (byCommand && lot.expiresAt > at) this.renew(lot);
    }
    if (hold.spender)
      returnStrays(
        this,
        hold.spender.home,
        parts.map(({ lot }) => lot),
        at,
      );
    return taken;
  }

  earn(member: string, lines: Map<string, number>): Earned {
    const wallet = this.wallet(member);
    this.act(wallet);
    const points = [...lines.values()].reduce((sum, line) => sum + line, 0);
    const unlocksAt = this.now + this.terms.unlockAfterDays * day;
    const atOnce = this.terms.unlockAfterDays === 0;
    const lot: ModelLot = {
      made: this.made++,
      contributor: null,
      earnedAt: this.now,
      unlocksAt,
      event: atOnce ? 'NONE' : this.terms.event,
      slideMonths: this.terms.slides ? this.terms.validityMonths : null,
      refuses: this.terms.refuses,
      givable: this.terms.givable,
      remindDays: this.terms.remindDays,
      graceDays: this.terms.graceDays,
      restorable: this.terms.restorable,
      expiresAt: monthsLater(this.now, this.terms.validityMonths),
      since: this.now,
      told: [],
      expiredAt: null,
      lapsed: false,
      restored: false,
      pending: atOnce ? 0 : points,
      available: atOnce ? points : 0,
      held: 0,
      expired: 0,
    };
    this.renew(lot);
    wallet.lots.push(lot);
    if (this.terms.slides) wallet.activeAt ??= this.now;
    this.issued += points;
    this.settle(wallet);
    return { what: 'earn', wallet, lot, left: new Map(lines) };
  }

  spend(member: string, points: number, on: 'honoured' | 'donated'): ModelPosting | 'NotEnoughPoints' {
    const wallet = this.wallet(member);
    if (this.available(wallet) < points) return 'NotEnoughPoints';
    this.act(wallet);
    const parts = this.take(wallet, points);
    this[on] += points;
    return on === 'donated' ? { what: 'final' } : { what: 'spend', wallet, parts };
  }

  transfer(
    from: string,
    to: string,
    points: number,
    isBeneficiary = true,
  ): ModelGift | 'NotABeneficiary' | 'GiftLimitExceeded' | 'NotEnoughPoints' | 'TransferNotAllowed' {
    const giver = this.wallet(from);
    const receiver = this.wallet(to);
    const { most, mostPerDay, declineWithinDays } = this.terms.transfers;
    const givable = giver.lots.filter((lot) => lot.givable).reduce((sum, lot) => sum + lot.available, 0);
    if (givable < points && !this.terms.givable) return 'TransferNotAllowed';
    if (!isBeneficiary) return 'NotABeneficiary';
    const today = Math.floor(this.now / day);
    const given = (giver.gifts.get(today) ?? 0) + points;
    if (points > most || given > mostPerDay) return 'GiftLimitExceeded';
    if (this.available(giver) < points) return 'NotEnoughPoints';
    if (givable < points) return 'TransferNotAllowed';
    this.act(giver);
    giver.gifts.set(today, given);
    const parts = this.take(giver, points, (lot) => lot.givable).map((part) => {
      const made = this.made++;
      const fresh = { pending: 0, held: 0, expired: 0, expiredAt: null };
      const to = { ...part.lot, made, ...fresh, available: part.points };
      this.renew(to);
      if (to.slideMonths !== null) receiver.activeAt ??= this.now;
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
      // What has no life of its own left keeps what it had with the receiver.
      const own = this.slid(gift.giver, from);
      from.expiresAt = own > this.now ? own : to.expiresAt;
      if (from.expiresAt > this.now) this.renew(from);
      from.restored ||= to.restored;
    }
    this.settle(gift.giver);
    for (const { from } of gift.parts) if (from.expiresAt <= this.now) this.lapse(from);
    return 'ok';
  }

  hold(member: string, points: number): ModelHold | 'NotEnoughPoints' {
    const wallet = this.wallet(member);
    return this.available(wallet) < points ? 'NotEnoughPoints' : this.reserve(wallet, points);
  }

  reserve(wallet: ModelWallet, points: number, spender: ModelSpender | null = null): ModelHold {
    const parts = this.take(wallet, points);
    for (const part of parts) part.lot.held += part.points;
    const timesOutAt = this.now + this.terms.holdTimeoutSeconds * 1000;
    const hold = { wallet, parts, timesOutAt, spender, open: true };
    wallet.holds.push(hold);
    return hold;
  }

  capture(hold: ModelHold, points: number): ModelPosting | 'HoldAlreadyResolved' {
    if (!hold.open) return 'HoldAlreadyResolved';
    this.act(hold.wallet);
    const parts = this.release(hold, points, this.now);
    this.honoured += points;
    return { what: 'spend', wallet: hold.wallet, parts, spender: hold.spender };
  }

  void(hold: ModelHold): 'ok' | 'HoldAlreadyResolved' {
    if (!hold.open) return 'HoldAlreadyResolved';
    this.release(hold, 0, this.now);
    return 'ok';
  }

  /** The issuer reports the event that the points of an earn wait for. */
  unlockNow(posting: ModelPosting): 'ok' | 'NotFound' | 'NotUnlockable' {
    if (posting.what !== 'earn') return 'NotFound';
    const { lot, wallet } = posting;
    if (lot.event === 'NONE' || lot.pending === 0) return 'NotUnlockable';
    lot.available += lot.pending;
    lot.pending = 0;
    this.renew(lot);
    this.settle(wallet);
    return 'ok';
  }

  /** Gives back what of a lot expired: to the lot or, from a pool, to a new one of the member's own. */
  restore(wallet: ModelWallet, lot: ModelLot): 'ok' | 'NotRestorable' {
    const late = lot.expiredAt === null || this.now >= lot.expiredAt + lot.graceDays * day;
    if (!lot.restorable || lot.restored || lot.expired === 0 || late || lot.lapsed) return 'NotRestorable';
    lot.restored = true;
    const own = lot.contributor === null ? wallet : this.wallet(lot.contributor);
    const back = own === wallet ? lot : { ...lot, made: this.made++, contributor: null, expiredAt: null };
    if (own !== wallet) own.lots.push(back);
    if (back.slideMonths !== null) own.activeAt ??= this.now;
    back.available += lot.expired;
    back.expired = 0;
    lot.expired = 0;
    const until = dayEnd(this.now + this.terms.reinstatementDays * day);
    back.expiresAt = own === wallet ? Math.max(lot.expiresAt, until) : until;
    this.renew(back);
    this.settle(own);
    return 'ok';
  }

  /** Points of a spend that have not come back. */
  spentOf(posting: ModelPosting): number {
    return posting.what === 'spend' ? posting.parts.reduce((sum, part) => sum + part.points, 0) : 0;
  }

  /** Reverses a posting; of an earn, the line named, or all that is left; of a spend, so many points, or all. */
  reverse(posting: ModelPosting, line: string | null, points: number | null): ModelReversed {
    if (posting.what === 'final' || posting.what === 'gift') return 'NotReversible';
    return posting.what === 'earn'
      ? reverseEarn(this, posting, line)
      : reverseSpend(this, posting, points ?? this.spentOf(posting));
  }

  /** When points of a lot expire that come back at an instant: if their time ran out meanwhile, they get some anew. */
  goodUntil(wallet: ModelWallet, lot: ModelLot, at: number): number {
    const slid = this.slid(wallet, lot);
    return slid <= at ? dayEnd(at + this.terms.reinstatementDays * day) : slid;
  }
}
