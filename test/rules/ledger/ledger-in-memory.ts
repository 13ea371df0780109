import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import type { Command, OutcomeOf } from '../../../subgraphs/accounts/ledger/command.ts';
import { decide, decideAdvance } from '../../../subgraphs/accounts/ledger/decision.ts';
import { openDraft } from '../../../subgraphs/accounts/ledger/draft.ts';
import { advance } from '../../../subgraphs/accounts/ledger/due.ts';
import type { Hold } from '../../../subgraphs/accounts/ledger/hold.ts';
import type { Lot } from '../../../subgraphs/accounts/ledger/lot.ts';
import type { Posting } from '../../../subgraphs/accounts/ledger/posting.ts';
import type { Reminder } from '../../../subgraphs/accounts/ledger/reminder.ts';
import { onRoster, type Roster, type RosterMember } from '../../../subgraphs/accounts/ledger/roster.ts';
import type { MerchantPrices, ProgrammeTerms } from '../../../subgraphs/accounts/ledger/terms.ts';
import type { Change } from '../../../subgraphs/accounts/ledger/view.ts';
import {
  emptyWallet,
  householdHolder,
  memberHolder,
  type Wallet,
} from '../../../subgraphs/accounts/ledger/wallet.ts';
import { createWorkingView, priceKey } from '../../../subgraphs/accounts/ledger/working-view.ts';
import { noReminders, plainPolicy } from '../../support/policy.ts';

export const programme = 'SHARED';
export const prices: MerchantPrices = { issuePricePerThousand: 90n, redemptionPricePerThousand: 80n };

export const terms = (changes: Partial<ProgrammeTerms> = {}): ProgrammeTerms => ({
  code: programme,
  version: 1,
  ...plainPolicy,
  reminders: noReminders,
  holdTimeoutSeconds: 900,
  reinstatementDays: 30,
  ...changes,
});

/** A ledger without a store: the pure core and a view in memory, with everything at hand. */
export function ledgerInMemory(options: {
  members: readonly string[];
  merchants: readonly string[];
  terms?: ProgrammeTerms;
  start?: Date;
  /** Households with everybody who belongs to them; `setRoster` changes them. */
  households?: readonly Omit<Roster, 'stays'>[];
}) {
  const { members, merchants, start = new Date('2026-01-01T08:00:00Z') } = options;
  const stay = ({ memberId }: RosterMember, joinedAt: Date) => ({ memberId, joinedAt, leftAt: null });
  const rosters = new Map<string, Roster>(
    (options.households ?? []).map((roster) => [
      roster.id,
      { ...roster, stays: roster.members.map((member) => stay(member, new Date(0))) },
    ]),
  );
  let made = 0;
  const newId = (prefix: string) => `${prefix}_${String(++made).padStart(8, '0')}`;
  const current = new Map([[programme, options.terms ?? terms()]]);
  const view = createWorkingView({
    wallets: [
      ...members.map((id) => ({
        wallet: emptyWallet(walletIdOf(id, programme), memberHolder(id), programme),
        coverage: 'ALL' as const,
      })),
      ...[...rosters.keys()].map((id) => ({
        wallet: emptyWallet(walletIdOf(id, programme), householdHolder(id), programme),
        coverage: 'ALL' as const,
      })),
    ],
    lots: [],
    holds: [],
    cases: [],
    postings: [],
    reversals: [],
    keys: [],
    terms: current,
    rosters,
    prices: new Map(merchants.map((id) => [priceKey(id, programme), prices])),
  });
  const journal: Posting[] = [];
  const reminders: Reminder[] = [];
  const keep = (change: Change | null) => {
    if (!change) return;
    view.apply(change);
    journal.push(...change.postings);
    reminders.push(...change.reminders);
  };
  const clock = { now: start };
  const ports = () => ({ now: clock.now, newId });
  /** Writes what fell due in the wallet of a member or household. */
  const advanceOf = (holder: string): void =>
    keep(decideAdvance(view, { kind: 'ADVANCE', walletId: walletIdOf(holder, programme) }, ports()));
  /** A wallet with its lots and holds, with what fell due applied but not kept. */
  const seen = (member: string): { wallet: Wallet; lots: Lot[]; holds: Hold[] } => {
    const id = walletIdOf(member, programme);
    const draft = openDraft(view, ports());
    advance(draft, id);
    const state = view.wallet(id)!;
    return {
      wallet: draft.wallets.get(id) ?? state.wallet,
      lots: [...state.lots.values()].map((lot) => draft.lots.get(lot.id) ?? lot),
      holds: [...state.holds.values()].map((hold) => draft.holds.get(hold.id) ?? hold),
    };
  };
  return {
    view,
    journal,
    reminders,
    clock,
    seen,
    execute<C extends Command>(command: C): OutcomeOf<C> {
      const { outcome, change } = decide(view, command, ports());
      keep(change);
      return outcome as OutcomeOf<C>;
    },
    /** Publishes other terms for later lots. */
    setTerms(changes: Partial<ProgrammeTerms>) {
      current.set(programme, { ...current.get(programme)!, ...changes });
    },
    /** Sends the reminders that are due, where wallets say that there are some. */
    remind() {
      for (const holder of [...members, ...rosters.keys()]) {
        const walletId = walletIdOf(holder, programme);
        const due = view.wallet(walletId)!.wallet.nextReminderAt;
        if (due && due <= clock.now)
          keep(decideAdvance(view, { kind: 'ADVANCE', walletId, reminds: true }, ports()));
      }
    },
    /** Says who belongs to a household from now on. */
    setRoster(id: string, { members: staying }: Pick<Roster, 'members'>) {
      const { version, stays: past } = rosters.get(id)!;
      const stays = past.map((one) =>
        one.leftAt || onRoster({ members: staying }, one.memberId) ? one : { ...one, leftAt: clock.now },
      );
      const isThere = ({ memberId }: RosterMember) =>
        stays.some((one) => one.memberId === memberId && one.leftAt === null);
      for (const member of staying) if (!isThere(member)) stays.push(stay(member, clock.now));
      rosters.set(id, { id, version: version + 1, members: staying, stays });
    },
    advance: advanceOf,
    sweep() {
      for (const holder of [...members, ...rosters.keys()]) advanceOf(holder);
    },
  };
}

export type LedgerInMemory = ReturnType<typeof ledgerInMemory>;

let keys = 0;

/** The fields every command has, with a key of its own. */
export const request = (idempotencyKey = `key-${++keys}`) => ({
  caller: 'merchant:m1',
  idempotencyKey,
  inputHash: idempotencyKey,
});

/** Who may reverse a posting, as the ledger names callers. */
export const reverserOf = ({ keeper, merchantId }: Posting): string => keeper ?? `merchant:${merchantId}`;
