import { expect } from '@jest/globals';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import type { Lot } from '../../../subgraphs/accounts/ledger/lot.ts';
import type { SpendingLimits } from '../../../subgraphs/accounts/ledger/roster.ts';
import type { ProgrammeTerms } from '../../../subgraphs/accounts/ledger/terms.ts';
import { forMonths } from '../../support/policy.ts';
import { brokenInvariants } from './invariants.ts';
import { ledgerInMemory, programme, request, terms } from './ledger-in-memory.ts';

const day = 86_400_000;
export const family = ['ann', 'bo', 'cy'];
export const holders = [...family, 'home'];
const free: SpendingLimits = { perRedemption: null, perMonth: null };

/** Ann, bo and cy are a family without limits; points of each last two months. */
export function poolWorld(changes: Partial<ProgrammeTerms> = {}) {
  const rosterOf = (ids: readonly string[], limits: SpendingLimits = free) =>
    ids.map((memberId) => ({ memberId, limits }));
  const ledger = ledgerInMemory({
    members: family,
    merchants: ['m1', 'm2'],
    terms: terms({ validity: forMonths(2), ...changes }),
    households: [{ id: 'home', version: 1, members: rosterOf(family) }],
  });
  const base = { programme, merchantId: 'm1' };
  const pool = { householdId: 'home' };
  return {
    ledger,
    earn: (memberId: string, points: bigint) =>
      ledger.execute({ ...request(), ...base, kind: 'EARN', memberId, points }),
    contribute: (memberId: string, points: bigint, householdId: string | null = 'home') =>
      ledger.execute({ ...request(), kind: 'CONTRIBUTE', programme, memberId, householdId, points }),
    spend: (memberId: string, points: bigint) =>
      ledger.execute({ ...request(), ...base, kind: 'REDEEM', memberId, points, pool }),
    spendOwn: (memberId: string, points: bigint) =>
      ledger.execute({ ...request(), ...base, kind: 'REDEEM', memberId, points }),
    hold: (memberId: string, points: bigint) =>
      ledger.execute({ ...request(), ...base, kind: 'HOLD', memberId, points, pool }),
    capture: (holdId: string, points?: bigint) =>
      ledger.execute({ ...request(), kind: 'CAPTURE', holdId, points }),
    /** A member wants back what expired of one of its lots, in its own wallet or in the pool. */
    restore: (memberId: string, { id: lotId, walletId }: Lot) =>
      ledger.execute({
        ...{ ...request(), kind: 'RESTORE', caller: `member:${memberId}`, programme, memberId },
        ...{ lotId, walletId, merchantId: null },
        householdId: walletId === walletIdOf('home', programme) ? 'home' : null,
      }),
    release: (holdId: string) => ledger.execute({ ...request(), kind: 'VOID', holdId }),
    reverse: (postingId: string, points?: bigint) =>
      ledger.execute({ ...request(), kind: 'REVERSE', postingId, points }),
    close: (memberId: string, ...forfeit: readonly bigint[]) =>
      ledger.execute({
        ...{ ...request(), kind: 'CLOSE', memberId, programmes: [programme] },
        pools: [{ householdId: 'home', programme }],
        forfeit: forfeit.map((points) => ({ programme, points })),
      }),
    limit: (limits: SpendingLimits) =>
      ledger.setRoster('home', {
        members: rosterOf(
          ledger.view.roster('home')!.members.map(({ memberId }) => memberId),
          limits,
        ),
      }),
    stay: (...ids: string[]) => ledger.setRoster('home', { members: rosterOf(ids) }),
    /** Those who do not stay leave, and have back what is free of theirs. */
    part: (...staying: string[]) => {
      ledger.setRoster('home', { members: rosterOf(staying) });
      for (const _ of family) ledger.advance('home');
    },
    wait: (days: number) => {
      ledger.clock.now = new Date(ledger.clock.now.getTime() + days * day);
    },
    balances: () => holders.map((holder) => Number(ledger.seen(holder).wallet.available)),
    poolLots: () => ledger.seen('home').lots,
    broken: () => brokenInvariants(ledger, holders),
  };
}

export type PoolWorld = ReturnType<typeof poolWorld>;

/** Id of what was posted or held. Throws if it was refused. */
export const idOf = (outcome: { kind: string; posting?: { id: string }; hold?: { id: string } }): string =>
  outcome.posting?.id ?? outcome.hold!.id;

/** Does something that is to be refused and makes sure that nothing was written. */
export function refused({ ledger }: PoolWorld, act: () => object): object {
  const before = ledger.journal.length;
  const outcome = act();
  expect(ledger.journal).toHaveLength(before);
  return outcome;
}
