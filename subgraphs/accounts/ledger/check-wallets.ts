import { type Case, frozenNow } from '../case/case.ts';
import {
  addJournalCase,
  casesViolations,
  type JournalCases,
  walletCaseViolations,
} from '../case/case-violations.ts';
import type { AuditStore } from './audit-store.ts';
import { addJournalGift, declineViolations, giftedViolations, type JournalGifts } from './gift-rules.ts';
import type { Hold } from './hold.ts';
import type { Lot } from './lot.ts';
import { addPoolPosting, type PoolJournal, poolViolations } from './pool-rules.ts';
import type { Posting } from './posting.ts';
import { postingViolations, reversalViolations } from './posting-rules.ts';
import type { Violation } from './violation.ts';
import type { Wallet } from './wallet.ts';
import { holdViolations, lotViolations, type Reservation, walletViolations } from './wallet-rules.ts';

interface Sums {
  readonly accounts: Map<string, bigint>;
  readonly lots: Map<string, { remaining: bigint; held: bigint }>;
}

function addPosting(sums: Sums, posting: Posting): void {
  for (const { account, points } of posting.entries)
    sums.accounts.set(account, (sums.accounts.get(account) ?? 0n) + points);
  for (const { lotId, remaining, held } of posting.allocations) {
    const sum = sums.lots.get(lotId) ?? { remaining: 0n, held: 0n };
    sums.lots.set(lotId, { remaining: sum.remaining + remaining, held: sum.held + held });
  }
}

/** Only what can be reversed and what reverses it are kept; both are counted with the same wallet. */
interface Reversible {
  readonly posting: Map<string, Posting>;
  readonly reversals: Map<string, Posting[]>;
}

function keepReversal({ reversals }: Reversible, posting: Posting): void {
  const known = reversals.get(posting.reverses!);
  if (known) known.push(posting);
  else reversals.set(posting.reverses!, [posting]);
}

function keep(reversible: Reversible, posting: Posting): void {
  if (posting.reverses !== null) keepReversal(reversible, posting);
  else if (['EARN', 'REDEEM', 'CAPTURE', 'TRANSFER', 'DEDUCT'].includes(posting.kind))
    reversible.posting.set(posting.id, posting);
}

const missingOriginal = (id: string, reversal: Posting): Violation => ({
  invariant: 'REVERSED_AT_MOST_ONCE',
  id: reversal.id,
  message: `it reverses ${id}, which is not there`,
});

function reversedViolations({ posting, reversals }: Reversible): Violation[] {
  return [...reversals].flatMap(([id, found]) => {
    const original = posting.get(id);
    if (!original) return [missingOriginal(id, found[0]!)];
    const declined =
      original.kind === 'TRANSFER' ? found.flatMap((reversal) => declineViolations(original, reversal)) : [];
    return [...reversalViolations(original, found), ...declined];
  });
}

function groupBy<T extends { readonly walletId: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.walletId);
    if (group) group.push(row);
    else groups.set(row.walletId, [row]);
  }
  return groups;
}

/** What a case froze, as a hold reserves. */
const reservationOf = (one: Case): Reservation => ({
  id: one.id,
  points: frozenNow(one),
  parts: one.parts,
});

/** Checks wallets with all that belongs to them; counts each posting with the wallet that it is about. */
export async function checkWallets(
  wallets: readonly Wallet[],
  audit: AuditStore,
): Promise<{ postings: number; violations: Violation[] }> {
  if (wallets.length === 0) return { postings: 0, violations: [] };
  const ids = new Set(wallets.map((wallet) => wallet.id));
  const lots = groupBy<Lot>(await audit.lotsOf([...ids]));
  const holds = groupBy<Hold>(await audit.openHoldsOf([...ids]));
  const cases = groupBy<Case>(await audit.casesOf([...ids]));
  const sums: Sums = { accounts: new Map(), lots: new Map() };
  const reversible: Reversible = { posting: new Map(), reversals: new Map() };
  const gifts: JournalGifts = new Map();
  const pools: PoolJournal = new Map();
  const everMembers = await audit.everMembersOf(wallets.flatMap(({ householdId }) => householdId ?? []));
  const journalCases: JournalCases = new Map();
  const violations: Violation[] = [];
  let postings = 0;
  for await (const posting of audit.postingsOf(wallets)) {
    addPosting(sums, posting);
    addJournalGift(gifts, posting);
    addPoolPosting(pools, posting);
    if (!ids.has(posting.walletIds[0]!)) continue;
    postings++;
    addJournalCase(journalCases, posting);
    violations.push(...postingViolations(posting));
    keep(reversible, posting);
  }
  for (const wallet of wallets) {
    const own = lots.get(wallet.id) ?? [];
    const ownCases = cases.get(wallet.id) ?? [];
    const open = [...(holds.get(wallet.id) ?? []), ...ownCases.map(reservationOf)];
    violations.push(
      ...walletViolations(wallet, own, open, sums),
      ...giftedViolations(wallet, gifts),
      ...poolViolations(wallet, own, pools, everMembers.get(wallet.householdId ?? '')),
      ...walletCaseViolations(wallet, ownCases),
      ...own.flatMap((lot) => lotViolations(lot, open, sums)),
      ...open.flatMap(holdViolations),
    );
  }
  violations.push(...casesViolations([...cases.values()].flat(), journalCases));
  return { postings, violations: [...violations, ...reversedViolations(reversible)] };
}
