import type { Clock } from '../../shared/ids.ts';
import { type Closing, closingsBack, mostExpiries, type PossessionSince, type Stock } from './closing.ts';
import { freeOf, type Lot } from './lot.ts';
import { isSettled, type Month, monthsLater, parseMonth } from './month.ts';
import { type Balance, inPools, inWallet, type Possession, pooledBalance } from './possession.ts';
import type { Posting } from './posting.ts';
import type { Expiry } from './read-wallet.ts';
import { isDue, memberOf, type Wallet } from './wallet.ts';

/** What became of a possession in a month. */
export interface PossessionMonth {
  readonly opening: Balance;
  /** At the end of the month; of one that is not over, now. */
  readonly closing: Balance;
  /** What was going to expire next at the closing, soonest first. */
  readonly expiries: readonly Expiry[];
  /** Oldest first. */
  readonly postings: readonly Posting[];
}

/** What one wallet did in a month. */
export interface WalletMonth extends PossessionMonth {
  readonly walletId: string;
  readonly memberId: string;
  readonly programme: string;
  /** When the lots that its payments, donations and gifts took from would have expired. */
  readonly expiresAt: ReadonlyMap<string, Date>;
  /** What became of the member's points in pools of households; null if it never put any there. */
  readonly pooled: PossessionMonth | null;
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
  /** The open lots of a member in pools. */
  readonly pooledLots: (memberId: string) => Promise<readonly Lot[]>;
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

/** Postings that touched a possession, newest first. */
async function touching(
  { memberId, programme, isTouchedBy }: Possession,
  { from, to }: { readonly from: Date; readonly to: Date | null },
  ports: MonthPorts,
): Promise<Posting[]> {
  return (await ports.postingsBetween(memberId, programme, from, to)).filter(isTouchedBy);
}

/** A possession and how to read what of it is there now, with so many dates of expiry at least. */
interface Readable {
  readonly possession: Possession;
  readonly readStock: (dates: number, ports: MonthPorts) => Promise<Stock>;
}

function readablePools(memberId: string, programme: string): Readable {
  const readStock: Readable['readStock'] = async (_, ports) => {
    const lots = (await ports.pooledLots(memberId)).filter((lot) => lot.programme === programme);
    const free = new Map<number, bigint>();
    for (const lot of lots) {
      const at = lot.expiresAt.getTime();
      free.set(at, (free.get(at) ?? 0n) + freeOf(lot));
    }
    const expiring = [...free].map(([at, points]) => ({ at: new Date(at), points }));
    return { balance: pooledBalance(lots, memberId), expiring };
  };
  return { possession: inPools(memberId, programme), readStock };
}

/** What is in a wallet, and what its member has in pools if it ever put something there. */
function readablesOf(wallet: Wallet): Readable[] {
  const readStock: Readable['readStock'] = async (dates, ports) => ({
    balance: wallet,
    expiring: await ports.expiring(wallet.id, null, dates),
  });
  const own = { possession: inWallet(wallet), readStock };
  return wallet.pooledIn === null ? [own] : [own, readablePools(memberOf(wallet), wallet.programme)];
}

/** A possession now, with all that happened to it since an instant. */
async function readSince(
  { possession, readStock }: Readable,
  from: Date,
  ports: MonthPorts,
): Promise<PossessionSince> {
  const postings = await touching(possession, { from, to: null }, ports);
  const lots = new Map((await ports.lotsById(lotIds(postings))).map((lot) => [lot.id, lot]));
  // Taking a posting back can empty the date of each of its lots, so that a later one moves up.
  const stock = await readStock(mostExpiries + lots.size, ports);
  return { possession, postings, lots, ...stock };
}

const between = (
  [opening, closing]: readonly [Closing, Closing],
  newestFirst: readonly Posting[],
): PossessionMonth => ({
  opening,
  closing,
  expiries: closing.expiries,
  postings: newestFirst.toReversed(),
});

/** A month between two kept ends; null unless both are there. */
async function fromKept(
  possession: Possession,
  month: Month,
  ports: MonthPorts,
): Promise<PossessionMonth | null> {
  const before = monthsLater(month, -1).name;
  const kept = await ports.closingsOf(possession.id, [before, month.name]);
  const [opening, closing] = [kept.get(before), kept.get(month.name)];
  return opening && closing ? between([opening, closing], await touching(possession, month, ports)) : null;
}

/** A month made from what is there now, of one piece; every end of a month on the way that is at rest is kept. */
async function fromNow(walletId: string, month: Month, ports: MonthPorts): Promise<PossessionMonth[]> {
  const now = ports.clock.now();
  const read = await ports.onSnapshot(async () => {
    const [wallet] = await ports.walletsById([walletId]);
    const found: PossessionSince[] = [];
    for (const readable of readablesOf(wallet!)) found.push(await readSince(readable, month.from, ports));
    return found;
  });
  const before = monthsLater(month, -1).name;
  const months = read.map((since) => {
    const closings = closingsBack(since, month, now);
    const at = (name: string) => closings.find((one) => one.month === name)!;
    const postings = since.postings.filter((posting) => posting.at < month.to);
    return { closings, made: between([at(before), at(month.name)], postings) };
  });
  const closings = months.flatMap((one) => one.closings);
  await ports.keepClosings(closings.filter(({ month: name }) => isSettled(parseMonth(name)!, now)));
  return months.map(({ made }) => made);
}

async function readWalletMonth(wallet: Wallet, month: Month, ports: MonthPorts): Promise<WalletMonth> {
  const kept: (PossessionMonth | null)[] = [];
  for (const { possession } of readablesOf(wallet)) kept.push(await fromKept(possession, month, ports));
  const whole = kept.filter((one) => one !== null);
  const [own, pooled = null] = whole.length === kept.length ? whole : await fromNow(wallet.id, month, ports);
  const spent = own!.postings.filter(({ kind }) => spends.has(kind));
  const lots = spent.length > 0 ? await ports.lotsById(lotIds(spent)) : [];
  return {
    walletId: wallet.id,
    memberId: memberOf(wallet),
    programme: wallet.programme,
    ...own!,
    expiresAt: new Map(lots.map((lot) => [lot.id, lot.expiresAt])),
    pooled,
  };
}

const isEmpty = ({ available, pending, held, arrears }: Balance): boolean =>
  available === 0n && pending === 0n && held === 0n && arrears === 0n;

/** Whether nothing was there in a month, nor happened. */
export const isQuiet = ({ opening, closing, postings }: PossessionMonth): boolean =>
  postings.length === 0 && isEmpty(opening) && isEmpty(closing);

/** Writes what has fallen due in a member's wallets, and before that in the pools that hold points of it. */
async function settle(memberId: string, ports: MonthPorts): Promise<void> {
  const advanceDue = async (wallets: readonly Wallet[]) => {
    for (const wallet of wallets) if (isDue(wallet, ports.clock.now())) await ports.advance(wallet.id);
  };
  const pools = new Set((await ports.pooledLots(memberId)).map(({ walletId }) => walletId));
  await advanceDue(await ports.walletsById([...pools]));
  await advanceDue(await ports.walletsOfMember(memberId));
}

/**
 * What a member's wallets did in a month that has begun, by programme, and what became of its points in pools; wallets with
 * nothing in it are left out. What has fallen due is written first, so that a month that is over and at rest reads the same
 * for ever. The cost grows with what happened in the month and, the first time, since; not with what was before.
 */
export async function readMonth(memberId: string, month: Month, ports: MonthPorts): Promise<WalletMonth[]> {
  await settle(memberId, ports);
  const months: WalletMonth[] = [];
  for (const wallet of await ports.walletsOfMember(memberId))
    months.push(await readWalletMonth(wallet, month, ports));
  return months.filter((one) => !isQuiet(one) || (one.pooled && !isQuiet(one.pooled)));
}
