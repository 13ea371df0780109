import type { Hold } from './hold.ts';
import { freeOf, type Lot } from './lot.ts';
import type { Preview } from './preview.ts';
import { isDue, type Wallet } from './wallet.ts';

/** What reading a merchant's part of a wallet needs. */
export interface OwnPartPorts {
  readonly walletsById: (ids: readonly string[]) => Promise<Wallet[]>;
  /** Open lots of an issuer that are not unlocked. */
  readonly waitingLots: (walletId: string, issuerId: string) => Promise<Lot[]>;
  readonly openHolds: (walletIds: readonly string[]) => Promise<Hold[]>;
  readonly preview: (walletIds: readonly string[]) => Promise<Preview>;
  readonly now: () => Date;
}

/** What of a wallet comes from one merchant. */
export interface OwnPart {
  /** Points that it issued and that are not yet unlocked. */
  readonly pending: bigint;
  /** Points that are reserved for it. */
  readonly held: bigint;
}

async function lotsAndHolds(wallet: Wallet, merchantId: string, ports: OwnPartPorts) {
  if (isDue(wallet, ports.now())) return ports.preview([wallet.id]);
  const [lots, holds] = await Promise.all([
    wallet.pending > 0n ? ports.waitingLots(wallet.id, merchantId) : [],
    wallet.held > 0n ? ports.openHolds([wallet.id]) : [],
  ]);
  return { lots, holds };
}

/** Reads what of a wallet comes from one merchant, now. */
export async function readOwnPart(
  walletId: string,
  merchantId: string,
  ports: OwnPartPorts,
): Promise<OwnPart> {
  const [wallet] = await ports.walletsById([walletId]);
  if (!wallet) return { pending: 0n, held: 0n };
  const { lots, holds } = await lotsAndHolds(wallet, merchantId, ports);
  const waiting = lots.filter((lot) => lot.walletId === walletId && lot.issuerId === merchantId);
  const own = holds.filter((hold) => hold.walletId === walletId && hold.merchantId === merchantId);
  const sum = (points: readonly bigint[]) => points.reduce((total, one) => total + one, 0n);
  return {
    pending: sum(waiting.filter((lot) => !lot.unlocked).map(freeOf)),
    held: sum(own.filter(({ status }) => status === 'OPEN').map(({ points }) => points)),
  };
}
