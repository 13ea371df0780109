import type { Page } from '../../shared/connection.ts';
import type { Clock } from '../../shared/ids.ts';
import { walletIdOf } from './account.ts';
import { byExpiry, freeOf, type Lot, type LotOrder } from './lot.ts';
import type { Preview } from './preview.ts';
import { emptyWallet, isDue, memberHolder, type Wallet } from './wallet.ts';

/** What reading wallets needs. */
export interface WalletReadPorts {
  readonly walletsById: (ids: readonly string[]) => Promise<Wallet[]>;
  readonly walletsOfMember: (memberId: string) => Promise<Wallet[]>;
  readonly firstLots: (
    walletId: string,
    limit: number,
    after: LotOrder | null,
    issuerId: string | null,
  ) => Promise<Lot[]>;
  readonly expiring: (
    walletId: string,
    until: Date | null,
    limit: number,
    issuerId: string | null,
  ) => Promise<{ at: Date; points: bigint }[]>;
  readonly preview: (walletIds: readonly string[]) => Promise<Preview>;
  readonly clock: Clock;
}

/** What reading wallets and pools needs. */
export interface PoolReadPorts extends WalletReadPorts {
  readonly poolsOf: (householdId: string) => Promise<Wallet[]>;
  readonly openLots: (walletIds: readonly string[]) => Promise<Lot[]>;
}

/** Points that expire at an instant. */
export interface Expiry {
  readonly at: Date;
  readonly points: bigint;
}

/** Most dates of expiry told at once. */
const mostExpiries = 1_000;

async function current(wallets: readonly Wallet[], ports: WalletReadPorts): Promise<readonly Wallet[]> {
  const due = wallets.filter((wallet) => isDue(wallet, ports.clock.now()));
  if (due.length === 0) return wallets;
  const preview = await ports.preview(due.map((wallet) => wallet.id));
  return wallets.map((wallet) => preview.wallets.get(wallet.id) ?? wallet);
}

/** A member's wallet now; zeros if it never held points. */
export async function readWallet(
  memberId: string,
  programme: string,
  ports: WalletReadPorts,
): Promise<Wallet> {
  const id = walletIdOf(memberId, programme);
  const [wallet] = await current(await ports.walletsById([id]), ports);
  return wallet ?? emptyWallet(id, memberHolder(memberId), programme);
}

/** All wallets of a member that ever held points, by programme. */
export const readWallets = async (memberId: string, ports: WalletReadPorts): Promise<readonly Wallet[]> =>
  current(await ports.walletsOfMember(memberId), ports);

/** The pools of a household now. */
export const readPools = async (householdId: string, ports: PoolReadPorts): Promise<readonly Wallet[]> =>
  current(await ports.poolsOf(householdId), ports);

/** The open lots of a wallet in which something is due; null if nothing is, so that the store has them as they are. */
async function dueLots(
  walletId: string,
  issuerId: string | null,
  ports: WalletReadPorts,
): Promise<Lot[] | null> {
  const [wallet] = await ports.walletsById([walletId]);
  if (!wallet || !isDue(wallet, ports.clock.now())) return null;
  const { lots } = await ports.preview([walletId]);
  return lots
    .filter((lot) => lot.walletId === walletId && lot.remaining > 0n)
    .filter((lot) => issuerId === null || lot.issuerId === issuerId)
    .sort(byExpiry);
}

/** The place of a lot in the spending order, as a cursor holds it. */
export const lotPlace = (lot: Lot): readonly [string, string, string] => [
  lot.expiresAt.toISOString(),
  lot.earnedAt.toISOString(),
  lot.id,
];

/** How many instants `lotPlace` gives before the id. */
export const lotPlaceInstants = 2;

const orderOf = ([expiresAt, earnedAt, id]: readonly string[]): LotOrder => ({
  expiresAt: new Date(expiresAt!),
  earnedAt: new Date(earnedAt!),
  id: id!,
});

/** A page of a wallet's open lots, of one issuer if given, first-expiring first; one more than asked for if there are more. */
export async function readLots(
  walletId: string,
  page: Page,
  issuerId: string | null,
  ports: WalletReadPorts,
): Promise<readonly Lot[]> {
  const after = page.after ? orderOf(page.after) : null;
  const due = await dueLots(walletId, issuerId, ports);
  if (!due) return ports.firstLots(walletId, page.first + 1, after, issuerId);
  return due.filter((lot) => !after || byExpiry(lot, after) > 0).slice(0, page.first + 1);
}

function expiriesOf(lots: readonly Lot[], until: Date | null): Expiry[] {
  const sums = new Map<number, bigint>();
  for (const lot of lots) {
    const at = lot.expiresAt.getTime();
    if (freeOf(lot) > 0n && (!until || lot.expiresAt <= until))
      sums.set(at, (sums.get(at) ?? 0n) + freeOf(lot));
  }
  return [...sums].sort(([a], [b]) => a - b).map(([at, points]) => ({ at: new Date(at), points }));
}

/** All open lots of a wallet now. */
export const readOpenLots = async (walletId: string, ports: PoolReadPorts): Promise<readonly Lot[]> =>
  (await dueLots(walletId, null, ports)) ?? ports.openLots([walletId]);

/** What a member has in a pool: its own open lots. */
export interface PooledLots {
  readonly pool: Wallet;
  /** None if what was there has gone back to the member by now and only that is not written yet. */
  readonly lots: readonly Lot[];
}

/** Pools of these households in which a member has points left, whether it belongs to them or not any more. */
export async function readPooled(
  memberId: string,
  householdIds: readonly string[],
  ports: PoolReadPorts,
): Promise<readonly PooledLots[]> {
  const isOwn = ({ contributorId }: Lot) => contributorId === memberId;
  const found: PooledLots[] = [];
  for (const householdId of householdIds)
    for (const pool of await ports.poolsOf(householdId))
      if (pool.openLots > 0 && (await ports.openLots([pool.id])).some(isOwn))
        found.push({ pool, lots: (await readOpenLots(pool.id, ports)).filter(isOwn) });
  return found;
}

/** Points of a wallet that expire until an instant, by date, soonest first. Held points are left out. */
export async function readExpiring(
  walletId: string,
  until: Date,
  issuerId: string | null,
  ports: WalletReadPorts,
): Promise<readonly Expiry[]> {
  const due = await dueLots(walletId, issuerId, ports);
  return due ? expiriesOf(due, until) : ports.expiring(walletId, until, mostExpiries, issuerId);
}

/** The next date on which points of a wallet expire, or null. */
export async function readNextExpiry(
  walletId: string,
  issuerId: string | null,
  ports: WalletReadPorts,
): Promise<Expiry | null> {
  const due = await dueLots(walletId, issuerId, ports);
  const [first] = due ? expiriesOf(due, null) : await ports.expiring(walletId, null, 1, issuerId);
  return first ?? null;
}
