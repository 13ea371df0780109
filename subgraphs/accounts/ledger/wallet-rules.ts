import { walletAccount } from './account.ts';
import type { Hold } from './hold.ts';
import { freeOf, type Lot } from './lot.ts';
import { broken, total, type Violation } from './violation.ts';
import type { Wallet } from './wallet.ts';

/** Points of a wallet that a hold or a case reserves. */
export type Reservation = Pick<Hold, 'id' | 'points' | 'parts'>;

/** What the journal says of some wallets and lots. */
export interface JournalSums {
  /** By account. */
  readonly accounts: ReadonlyMap<string, bigint>;
  /** By lot. */
  readonly lots: ReadonlyMap<string, { readonly remaining: bigint; readonly held: bigint }>;
}

const say = (wallet: Wallet): string =>
  `available ${wallet.available}, pending ${wallet.pending}, held ${wallet.held}, arrears ${wallet.arrears}`;

/** What is wrong with a lot. */
export function lotViolations(lot: Lot, holds: readonly Reservation[], sums: JournalSums): Violation[] {
  const journal = sums.lots.get(lot.id) ?? { remaining: 0n, held: 0n };
  const parts = holds.flatMap((hold) => hold.parts).filter((part) => part.lotId === lot.id);
  const reserved = total(parts.map((part) => part.points));
  return broken(lot.id, [
    [
      'LOT_WITHIN_BOUNDS',
      lot.held >= 0n && lot.held <= lot.remaining && lot.remaining <= lot.points,
      () => `${lot.points} points granted, ${lot.remaining} left, ${lot.held} held`,
    ],
    [
      'LOT_EQUALS_ALLOCATIONS',
      lot.remaining === journal.remaining && lot.held === journal.held,
      () =>
        `${lot.remaining} left and ${lot.held} held, by its allocations ${journal.remaining} and ${journal.held}`,
    ],
    [
      'LOT_HELD_EQUALS_HOLDS',
      lot.held === reserved,
      () => `${lot.held} points are held, open holds hold ${reserved}`,
    ],
  ]);
}

/** What is wrong with an open hold by itself. */
export function holdViolations(hold: Reservation): Violation[] {
  const parts = total(hold.parts.map((part) => part.points));
  return broken(hold.id, [
    [
      'HOLD_FULLY_ALLOCATED',
      parts === hold.points,
      () => `${hold.points} points held, ${parts} of them in lots`,
    ],
  ]);
}

/** What is wrong with a wallet, given all its lots and what open holds and cases reserve. */
export function walletViolations(
  wallet: Wallet,
  lots: readonly Lot[],
  holds: readonly Reservation[],
  sums: JournalSums,
): Violation[] {
  const available = total(lots.filter((lot) => lot.unlocked).map(freeOf));
  const pending = total(lots.filter((lot) => !lot.unlocked).map(freeOf));
  const held = total(lots.map((lot) => lot.held));
  const openLots = lots.filter((lot) => lot.remaining > 0n).length;
  const reserved = total(holds.map((hold) => hold.points));
  const journal = (bucket: 'available' | 'pending' | 'held' | 'arrears') =>
    sums.accounts.get(walletAccount(wallet.id, bucket)) ?? 0n;
  const equalsLots = wallet.available === available && wallet.pending === pending && wallet.held === held;
  const equalsJournal =
    wallet.available === journal('available') &&
    wallet.pending === journal('pending') &&
    wallet.held === journal('held') &&
    wallet.arrears === -journal('arrears');
  return broken(wallet.id, [
    [
      'WALLET_NOT_NEGATIVE',
      [wallet.available, wallet.pending, wallet.held, wallet.arrears].every((points) => points >= 0n),
      () => say(wallet),
    ],
    [
      'CLOSED_WALLET_EMPTY',
      wallet.closedAt === null || wallet.available + wallet.pending + wallet.held === 0n,
      () => say(wallet),
    ],
    ['NO_ARREARS_WITH_AVAILABLE', wallet.arrears === 0n || wallet.available === 0n, () => say(wallet)],
    [
      'WALLET_EQUALS_LOTS',
      equalsLots && wallet.openLots === openLots,
      () =>
        `${say(wallet)}, ${wallet.openLots} open lots; its lots: available ${available}, pending ${pending}, held ${held}, ${openLots} open`,
    ],
    [
      'WALLET_EQUALS_JOURNAL',
      equalsJournal,
      () =>
        `${say(wallet)}; its entries: available ${journal('available')}, pending ${journal('pending')}, held ${journal('held')}, arrears ${-journal('arrears')}`,
    ],
    [
      'WALLET_HELD_EQUALS_HOLDS',
      wallet.held === reserved,
      () => `${wallet.held} points are held, open holds hold ${reserved}`,
    ],
  ]);
}
