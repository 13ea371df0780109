import { expect } from '@jest/globals';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import { closingsBack, mostExpiries } from '../../../subgraphs/accounts/ledger/closing.ts';
import type { Lot } from '../../../subgraphs/accounts/ledger/lot.ts';
import { type Month, parseMonth } from '../../../subgraphs/accounts/ledger/month.ts';
import {
  type Balance,
  inPools,
  inWallet,
  type Possession,
  pooledBalance,
} from '../../../subgraphs/accounts/ledger/possession.ts';
import type { PossessionMonth, WalletMonth } from '../../../subgraphs/accounts/ledger/read-month.ts';
import { makeStatement, type ProgrammeStatement } from '../../../subgraphs/accounts/statement/statement.ts';
import { type LedgerInMemory, ledgerInMemory, programme, request } from '../ledger/ledger-in-memory.ts';

/** The members of the one household. */
export const members = ['ann', 'bo'];
const merchants = ['m1', 'm2'];

/** A possession in a month, from a journal that has everything due written, and its lots as they are. */
function possessionMonth(
  ledger: LedgerInMemory,
  possession: Possession,
  { balance, all }: { balance: Balance; all: readonly Lot[] },
  month: Month,
): PossessionMonth {
  const newestFirst = ledger.journal
    .filter(possession.isTouchedBy)
    .map((posting, i) => ({ posting, i }))
    .sort((a, b) => b.posting.at.getTime() - a.posting.at.getTime() || b.i - a.i)
    .map(({ posting }) => posting);
  const free = new Map<number, bigint>();
  for (const { remaining, held, expiresAt } of all)
    if (remaining > held)
      free.set(expiresAt.getTime(), (free.get(expiresAt.getTime()) ?? 0n) + remaining - held);
  const expiring = [...free].sort(([a], [b]) => a - b).map(([at, points]) => ({ at: new Date(at), points }));
  const since = newestFirst.filter((one) => one.at >= month.from);
  const touched = new Set(since.flatMap(({ allocations }) => allocations.map(({ lotId }) => lotId)));
  const lots = new Map(all.filter(({ id }) => touched.has(id)).map((lot) => [lot.id, lot]));
  const back = (dates: number) =>
    closingsBack(
      { possession, balance, lots, expiring: expiring.slice(0, dates), postings: since },
      month,
      ledger.clock.now,
    );
  const closings = back(mostExpiries + lots.size);
  // As many dates as could matter are as good as all.
  expect(closings).toEqual(back(expiring.length));
  const at = (wanted: Date) =>
    closings.find((closing) => parseMonth(closing.month)!.to.getTime() === wanted.getTime())!;
  const [opening, closing] = [at(month.from), at(month.to)];
  const postings = newestFirst.filter((one) => one.at >= month.from && one.at < month.to).reverse();
  return { opening, closing, expiries: closing.expiries, postings };
}

/** A member's wallet in a month, with what it has in the pool of its household. */
export function walletMonth(ledger: LedgerInMemory, memberId: string, month: Month): WalletMonth {
  ledger.sweep();
  const walletId = walletIdOf(memberId, programme);
  const { wallet, lots } = ledger.view.wallet(walletId)!;
  const own = { balance: wallet, all: [...lots.values()] };
  const inPool = [...(ledger.view.wallet(walletIdOf('home', programme))?.lots.values() ?? [])].filter(
    ({ contributorId }) => contributorId === memberId,
  );
  const pooled = { balance: pooledBalance(inPool, memberId), all: inPool };
  return {
    walletId,
    memberId,
    programme,
    ...possessionMonth(ledger, inWallet(wallet), own, month),
    expiresAt: new Map([...lots.values()].map((lot) => [lot.id, lot.expiresAt])),
    pooled:
      wallet.pooledIn === null ? null : possessionMonth(ledger, inPools(memberId, programme), pooled, month),
  };
}

/** A member's statement of its one programme. */
export const statementIn = (ledger: LedgerInMemory, memberId: string, month: Month): ProgrammeStatement =>
  makeStatement(memberId, month, [walletMonth(ledger, memberId, month)]).programmes[0]!;

/** What a command of ann's says. */
export const common = { programme, memberId: 'ann' };

/** The household's members, without limits. */
export const roster = (...ids: string[]) =>
  ids.map((memberId) => ({ memberId, limits: { perRedemption: null, perMonth: null } }));
/** Whose points are spent where a command says so. */
export const pool = { householdId: 'home' };
const households = [{ id: 'home', version: 1, members: roster(...members) }];

/** A ledger of January 2026 with ann and bo in one household. */
export const begin = (options: Partial<Parameters<typeof ledgerInMemory>[0]> = {}) =>
  ledgerInMemory({ members, merchants, households, start: new Date('2026-01-10T08:00:00Z'), ...options });

/** Points that ann earns. */
export function earn(ledger: LedgerInMemory, points: bigint, more: object = {}) {
  const outcome = ledger.execute({
    kind: 'EARN',
    ...request(),
    ...common,
    merchantId: 'm1',
    points,
    ...more,
  });
  if (outcome.kind !== 'PointsPosted') throw new Error(outcome.kind);
  return outcome.posting;
}

export const january = parseMonth('2026-01')!;
export const february = parseMonth('2026-02')!;
export const march = parseMonth('2026-03')!;
