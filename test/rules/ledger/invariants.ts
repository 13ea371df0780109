import { frozenNow } from '../../../subgraphs/accounts/case/case.ts';
import { walletAccount, walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import {
  addJournalGift,
  declineViolations,
  giftedViolations,
  type JournalGifts,
} from '../../../subgraphs/accounts/ledger/gift-rules.ts';
import {
  addPoolPosting,
  type PoolJournal,
  poolViolations,
} from '../../../subgraphs/accounts/ledger/pool-rules.ts';
import type { Posting } from '../../../subgraphs/accounts/ledger/posting.ts';
import { type LedgerInMemory, programme } from './ledger-in-memory.ts';

const total = (numbers: readonly bigint[]) => numbers.reduce((sum, n) => sum + n, 0n);

/** Balances of all accounts after a journal. */
export function balancesOf(journal: readonly Posting[]): Map<string, bigint> {
  const balances = new Map<string, bigint>();
  for (const posting of journal)
    for (const { account, points } of posting.entries)
      balances.set(account, (balances.get(account) ?? 0n) + points);
  return balances;
}

/** The sum of all accounts whose name begins so. */
export const sumOf = (balances: ReadonlyMap<string, bigint>, prefix: string): bigint =>
  total([...balances].flatMap(([account, points]) => (account.startsWith(prefix) ? [points] : [])));

function postingFaults(posting: Posting): string[] {
  const on = (buckets: RegExp) =>
    total(posting.entries.flatMap((entry) => (buckets.test(entry.account) ? [entry.points] : [])));
  const allocated = (what: 'remaining' | 'held') => total(posting.allocations.map((part) => part[what]));
  return [
    total(posting.entries.map((entry) => entry.points)) === 0n ? '' : 'entries do not sum to zero',
    allocated('remaining') === on(/:(available|pending|held)$/) ? '' : 'not fully allocated',
    allocated('held') === on(/:held$/) ? '' : 'held points not fully allocated',
    posting.points > 0n ? '' : 'moves nothing',
  ].map((fault) => fault && `${posting.kind}: ${fault}`);
}

function giftsOf(journal: readonly Posting[]): JournalGifts {
  const gifts: JournalGifts = new Map();
  for (const posting of journal) addJournalGift(gifts, posting);
  return gifts;
}

function poolsOf(journal: readonly Posting[]): PoolJournal {
  const pools: PoolJournal = new Map();
  for (const posting of journal) addPoolPosting(pools, posting);
  return pools;
}

function declineFaults(journal: readonly Posting[]): string[] {
  const gifts = new Map(
    journal.flatMap((posting) => (posting.kind === 'TRANSFER' ? [[posting.id, posting] as const] : [])),
  );
  return journal.flatMap((posting) => {
    const gift = gifts.get(posting.reverses ?? '');
    return gift ? declineViolations(gift, posting).map(({ message }) => message) : [];
  });
}

function walletFaults(ledger: LedgerInMemory, member: string, balances: Map<string, bigint>): string[] {
  const { wallet, lots, holds, cases } = ledger.view.wallet(walletIdOf(member, programme))!;
  const all = [...lots.values()];
  const everybody = new Set(all.flatMap(({ contributorId }) => contributorId ?? []));
  const open = [...holds.values()].filter((hold) => hold.status === 'OPEN');
  const free = (unlocked: boolean) =>
    total(all.flatMap((lot) => (lot.unlocked === unlocked ? [lot.remaining - lot.held] : [])));
  const balance = (bucket: 'available' | 'pending' | 'held' | 'arrears') =>
    balances.get(walletAccount(wallet.id, bucket)) ?? 0n;
  const rules: [string, boolean][] = [
    ['available equals its lots', wallet.available === free(true)],
    ['pending equals its lots', wallet.pending === free(false)],
    ['held equals its lots', wallet.held === total(all.map((lot) => lot.held))],
    [
      'held equals its open holds and what cases froze',
      wallet.held === total(open.map((hold) => hold.points)) + total([...cases.values()].map(frozenNow)),
    ],
    ['open lots are counted', wallet.openLots === all.filter((lot) => lot.remaining > 0n).length],
    ['no arrears beside available points', wallet.arrears === 0n || wallet.available === 0n],
    ['lots are within bounds', all.every((lot) => 0n <= lot.held && lot.held <= lot.remaining)],
    ['lots are within their grant', all.every((lot) => lot.remaining <= lot.points)],
    ['available equals the journal', balance('available') === wallet.available],
    ['pending equals the journal', balance('pending') === wallet.pending],
    ['held equals the journal', balance('held') === wallet.held],
    ['gifts of the day equal the journal', giftedViolations(wallet, giftsOf(ledger.journal)).length === 0],
    [
      'spending of the pool equals the journal, and its lots have contributors',
      poolViolations(wallet, all, poolsOf(ledger.journal), everybody).length === 0,
    ],
    ['arrears equal the journal', balance('arrears') === -wallet.arrears],
  ];
  return rules.map(([rule, kept]) => (kept ? '' : `${member}: ${rule}`));
}

/** Every invariant of the ledger that can be told from the wallets and the journal; the ones broken, by name. */
export function brokenInvariants(ledger: LedgerInMemory, members: readonly string[]): string[] {
  const balances = balancesOf(ledger.journal);
  return [
    ...ledger.journal.flatMap(postingFaults),
    ...declineFaults(ledger.journal),
    ...members.flatMap((member) => walletFaults(ledger, member, balances)),
  ].filter((fault) => fault !== '');
}
