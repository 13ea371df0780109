import type { Clock } from '../../shared/ids.ts';
import { type Balance, type Closing, closingsBack, mostExpiries, type WalletSince } from './closing.ts';
import type { Lot } from './lot.ts';
import { isSettled, type Month, monthsLater, parseMonth } from './month.ts';
import type { Posting } from './posting.ts';
import type { Expiry } from './read-wallet.ts';
import { isDue, memberOf, type Wallet } from './wallet.ts';

/** What one wallet did in a month. */
export interface WalletMonth {
  readonly walletId: string;
  readonly programme: string;
  readonly opening: Balance;
  /** At the end of the month; of one that is not over, now. */
  readonly closing: Balance;
  /** What was going to expire next at the closing, soonest first. */
  readonly expiries: readonly Expiry[];
  /** Oldest first. */
  readonly postings: readonly Posting[];
  /** When the lots that its payments, donations and gifts took from would have expired. */
  readonly expiresAt: ReadonlyMap<string, Date>;
}

/** What reading a month needs. */
export interface MonthPorts {
  readonly walletsOfMember: (memberId: string) => Promise<readonly Wallet[]>;
  readonly walletsById: (ids: readonly string[]) => Promise<readonly Wallet[]>;
  /** Postings of a member in a programme that took effect from one instant to before another, newest first. */
  readonly postingsBetween: (
    memberId: string,
    programme: string,
    from: Date,
    to: Date | null,
  ) => Promise<Posting[]>;
  readonly lotsById: (ids: readonly string[]) => Promise<readonly Lot[]>;
  readonly expiring: (walletId: string, until: null, limit: number) => Promise<readonly Expiry[]>;
  readonly closingsOf: (walletId: string, months: readonly string[]) => Promise<ReadonlyMap<string, Closing>>;
  readonly keepClosings: (closings: readonly Closing[]) => Promise<void>;
  /** Writes what has fallen due in a wallet. */
  readonly advance: (walletId: string) => Promise<unknown>;
  /** Runs reads on one snapshot. */
  readonly onSnapshot: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
}

const spends = new Set(['REDEEM', 'CAPTURE', 'DONATE', 'TRANSFER']);

const lotIds = (postings: readonly Posting[]): string[] => [
  ...new Set(postings.flatMap((posting) => posting.allocations.map(({ lotId }) => lotId))),
];

/** Postings that touched a member's wallet, newest first: those of a pool that only concern the member are left out. */
async function touching(
  wallet: Wallet,
  { from, to }: { readonly from: Date; readonly to: Date | null },
  ports: MonthPorts,
): Promise<Posting[]> {
  const postings = await ports.postingsBetween(memberOf(wallet), wallet.programme, from, to);
  return postings.filter(({ walletIds }) => walletIds.includes(wallet.id));
}

/** A wallet now, with all that happened to it since an instant, of one piece. */
async function readSince(walletId: string, from: Date, ports: MonthPorts): Promise<WalletSince> {
  const wallet = (await ports.walletsById([walletId]))[0]!;
  const postings = await touching(wallet, { from, to: null }, ports);
  const lots = new Map((await ports.lotsById(lotIds(postings))).map((lot) => [lot.id, lot]));
  // Taking a posting back can empty the date of each of its lots, so that a later one moves up.
  const expiring = await ports.expiring(walletId, null, mostExpiries + lots.size);
  return { wallet, postings, lots, expiring };
}

interface Ends {
  readonly opening: Closing;
  readonly closing: Closing;
  readonly postings: readonly Posting[];
}

/** The two ends of a month and the postings between; from kept closings, or from the wallet as it is now. */
async function endsOf(wallet: Wallet, month: Month, ports: MonthPorts): Promise<Ends> {
  const before = monthsLater(month, -1).name;
  const kept = await ports.closingsOf(wallet.id, [before, month.name]);
  const [opening, closing] = [kept.get(before), kept.get(month.name)];
  if (opening && closing) {
    return { opening, closing, postings: await touching(wallet, month, ports) };
  }
  const now = ports.clock.now();
  const since = await ports.onSnapshot(() => readSince(wallet.id, month.from, ports));
  const closings = closingsBack(since, month, now);
  await ports.keepClosings(closings.filter(({ month: name }) => isSettled(parseMonth(name)!, now)));
  const at = (name: string) => closings.find((one) => one.month === name)!;
  const postings = since.postings.filter(({ at }) => at < month.to);
  return { opening: at(before), closing: at(month.name), postings };
}

async function readWalletMonth(wallet: Wallet, month: Month, ports: MonthPorts): Promise<WalletMonth> {
  const { opening, closing, postings } = await endsOf(wallet, month, ports);
  const spent = postings.filter(({ kind }) => spends.has(kind));
  const lots = spent.length > 0 ? await ports.lotsById(lotIds(spent)) : [];
  return {
    walletId: wallet.id,
    programme: wallet.programme,
    opening,
    closing,
    expiries: closing.expiries,
    postings: [...postings].reverse(),
    expiresAt: new Map(lots.map((lot) => [lot.id, lot.expiresAt])),
  };
}

const isEmpty = ({ available, pending, held, arrears }: Balance): boolean =>
  available === 0n && pending === 0n && held === 0n && arrears === 0n;

/**
 * What a member's wallets did in a month that has begun, by programme; wallets with nothing in it are left out. What has
 * fallen due is written first, so that a month that is over and at rest reads the same for ever. The cost grows with what
 * happened in the month and, the first time, since; not with what was before.
 */
export async function readMonth(memberId: string, month: Month, ports: MonthPorts): Promise<WalletMonth[]> {
  const wallets = await ports.walletsOfMember(memberId);
  const months: WalletMonth[] = [];
  for (const wallet of wallets) {
    if (isDue(wallet, ports.clock.now())) await ports.advance(wallet.id);
    months.push(await readWalletMonth(wallet, month, ports));
  }
  return months.filter(
    ({ opening, closing, postings }) => postings.length > 0 || !isEmpty(opening) || !isEmpty(closing),
  );
}
