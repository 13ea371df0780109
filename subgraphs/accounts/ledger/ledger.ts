import type { Connection } from 'mongoose';
import type { Page } from '../../shared/connection.ts';
import { eachDespiteFailures, partsDespiteFailures } from '../../shared/despite-failures.ts';
import type { Clock } from '../../shared/ids.ts';
import type { Log } from '../../shared/log.ts';
import { inTransaction } from '../../shared/mongo.ts';
import { type CaseReads, createCaseReads } from '../case/read-cases.ts';
import type { Command, OutcomeOf } from './command.ts';
import { type Committer, createCommitter } from './committer.ts';
import type { Hold } from './hold.ts';
import { commitPorts, type LedgerWiring, loadPorts } from './ledger-ports.ts';
import { createLedgerStores, type LedgerStores } from './ledger-stores.ts';
import type { Lot } from './lot.ts';
import type { Month } from './month.ts';
import type { PositionTotals, Posting } from './posting.ts';
import type { PostingQuery } from './posting-store.ts';
import { previewWallets } from './preview.ts';
import { type MonthPorts, readMonth, type WalletMonth } from './read-month.ts';
import { type OwnPart, type OwnPartPorts, readOwnPart } from './read-own-part.ts';
import {
  type PositionPorts,
  type ProgrammePositions,
  readPosition,
  readPositions,
  rollUp,
} from './read-positions.ts';
import { type ReminderReads, reminderReads } from './read-reminders.ts';
import {
  type Expiry,
  type PooledLots,
  type PoolReadPorts,
  readExpiring,
  readLots,
  readNextExpiry,
  readOpenLots,
  readPooled,
  readPools,
  readWallet,
  readWallets,
  type WalletReadPorts,
} from './read-wallet.ts';
import { returnPooled } from './return-pooled.ts';
import { type Reversals, sumReversals } from './reversals.ts';
import { type SweepPorts, sweepWallets } from './sweep-wallets.ts';
import { isDue, type Wallet } from './wallet.ts';

/** What a ledger is made of. */
export interface LedgerOptions extends LedgerWiring {
  readonly log: Log;
}

/** The ledger: the only one that moves points. All reads tell how things are at the clock's now. */
export interface Ledger extends ReminderReads, CaseReads {
  /** Carries out a command and answers after its commit. Throws only on faults; sent again with its key it is safe. */
  execute<C extends Command>(command: C): Promise<OutcomeOf<C>>;
  /** A member's wallet; zeros if it never held points. */
  wallet(memberId: string, programme: string): Promise<Wallet>;
  wallets(memberId: string): Promise<readonly Wallet[]>;
  /** The pools of a household, by programme. */
  pools(householdId: string): Promise<readonly Wallet[]>;
  /** All open lots of a wallet. */
  openLots(walletId: string): Promise<readonly Lot[]>;
  /** Pools of these households in which a member has points left, whether it belongs to them or not any more. */
  pooled(memberId: string, householdIds: readonly string[]): Promise<readonly PooledLots[]>;
  /** Gives back what a household's pools hold of those who do not belong to it any more; what is held when it is released. */
  returnPooled(householdId: string): Promise<void>;
  /** Open lots, of one issuer if given, first-expiring first; one more than asked for if there are more. */
  lots(walletId: string, page: Page, issuerId?: string | null): Promise<readonly Lot[]>;
  /** Those of these ids that there are, as they were last written. */
  lotsById(ids: readonly string[]): Promise<readonly Lot[]>;
  expiring(walletId: string, until: Date, issuerId?: string | null): Promise<readonly Expiry[]>;
  nextExpiry(walletId: string, issuerId?: string | null): Promise<Expiry | null>;
  /** What of a wallet one merchant issued or reserved. */
  ownPart(walletId: string, merchantId: string): Promise<OwnPart>;
  posting(id: string): Promise<Posting | null>;
  /** Newest first; one more than asked for if there are more. A place is the posting's instant and id. */
  postings(query: PostingQuery, page: Page): Promise<readonly Posting[]>;
  hold(id: string): Promise<Hold | null>;
  /** What later postings reversed, by posting; postings without reversals have none. */
  reversals(postingIds: readonly string[]): Promise<ReadonlyMap<string, Reversals>>;
  /** What a member's wallets did in a month that has begun; of one that is over and at rest the same for ever. */
  month(memberId: string, month: Month): Promise<readonly WalletMonth[]>;
  /** Writes what has fallen due in a member's wallets and in these households' pools, so that the journal tells of it. */
  settle(memberId: string, householdIds: readonly string[]): Promise<void>;
  position(merchantId: string, programme: string): Promise<PositionTotals>;
  positions(programme: string): Promise<ProgrammePositions>;
  /** Writes what has fallen due, sends the reminders that are due, and moves the roll-ups on. */
  sweep(): Promise<{ wallets: number }>;
  /** Refuses later commands and waits for those under way. */
  stop(): Promise<void>;
}

function reversalsBy(postings: readonly Posting[]): Map<string, Reversals> {
  const by = new Map<string, Posting[]>();
  for (const posting of postings) {
    const known = by.get(posting.reverses!);
    if (known) known.push(posting);
    else by.set(posting.reverses!, [posting]);
  }
  return new Map([...by].map(([id, reversals]) => [id, sumReversals(reversals)]));
}

function walletReads(
  ports: PoolReadPorts & OwnPartPorts,
): Pick<
  Ledger,
  'wallet' | 'wallets' | 'pools' | 'openLots' | 'pooled' | 'lots' | 'expiring' | 'nextExpiry' | 'ownPart'
> {
  return {
    wallet: (memberId, programme) => readWallet(memberId, programme, ports),
    wallets: (memberId) => readWallets(memberId, ports),
    pools: (householdId) => readPools(householdId, ports),
    openLots: (walletId) => readOpenLots(walletId, ports),
    pooled: (memberId, householdIds) => readPooled(memberId, householdIds, ports),
    lots: (walletId, page, issuerId = null) => readLots(walletId, page, issuerId, ports),
    expiring: (walletId, until, issuerId = null) => readExpiring(walletId, until, issuerId, ports),
    nextExpiry: (walletId, issuerId = null) => readNextExpiry(walletId, issuerId, ports),
    ownPart: (walletId, merchantId) => readOwnPart(walletId, merchantId, ports),
  };
}

function journalReads(
  stores: LedgerStores,
  preview: WalletReadPorts['preview'],
): Pick<Ledger, 'posting' | 'postings' | 'hold' | 'reversals'> {
  return {
    posting: async (id) => (await stores.postings.byIds([id]))[0] ?? null,
    postings: (query, { first, after }) =>
      stores.postings.page(query, first + 1, after && { at: new Date(after[0]!), id: after[1]! }),
    hold: async (id) => {
      const [found] = await stores.holds.byIds([id]);
      if (found?.status !== 'OPEN') return found ?? null;
      return (await preview([found.walletId])).holds.find((hold) => hold.id === id) ?? found;
    },
    reversals: async (ids) => reversalsBy(await stores.postings.reversalsOf(ids)),
  };
}

const previewAtOnce = 256;

function positionPorts(
  stores: LedgerStores,
  preview: WalletReadPorts['preview'],
  clock: Clock,
): PositionPorts {
  return {
    rollUpOf: stores.positions.of,
    rollUpOfMerchant: stores.positions.ofMerchant,
    replaceRollUp: stores.positions.replace,
    totals: stores.postings.totals,
    totalsOf: stores.postings.totalsOf,
    duePostings: async (programme) => {
      const ids = await stores.wallets.dueIds(clock.now(), 0, programme);
      const postings: Posting[] = [];
      for (let i = 0; i < ids.length; i += previewAtOnce)
        postings.push(...(await preview(ids.slice(i, i + previewAtOnce))).postings);
      return postings;
    },
    clock,
  };
}

function walletPorts(
  stores: LedgerStores,
  preview: WalletReadPorts['preview'],
  clock: Clock,
): PoolReadPorts & OwnPartPorts {
  return {
    walletsById: stores.wallets.byIds,
    walletsOfMember: stores.wallets.ofMember,
    poolsOf: stores.wallets.ofHousehold,
    openLots: stores.lots.open,
    firstLots: stores.lots.firstOpen,
    expiring: stores.lots.expiring,
    waitingLots: stores.lots.waiting,
    openHolds: stores.holds.open,
    preview,
    clock,
    now: () => clock.now(),
  };
}

const monthPorts = (
  stores: LedgerStores,
  committer: Committer,
  connection: Connection,
  clock: Clock,
): MonthPorts => ({
  walletsOfMember: stores.wallets.ofMember,
  walletsById: stores.wallets.byIds,
  postingsBetween: stores.postings.ofMember,
  lotsById: stores.lots.byIds,
  pooledLots: stores.lots.pooled,
  expiring: stores.lots.expiring,
  closingsOf: stores.closings.of,
  keepClosings: stores.closings.keep,
  advance: (walletId) => committer.submit({ kind: 'ADVANCE', walletId }),
  onSnapshot: (work) => inTransaction(connection, work),
  clock,
});

const caseReads = ({ cases }: LedgerStores, clock: Clock): CaseReads =>
  createCaseReads({
    casesByIds: cases.byIds,
    casePage: cases.page,
    stepCounts: cases.counts,
    lapsing: cases.lapsing,
    clock,
  });

/** Does each part of a sweep whatever the parts before it threw, so that no wallet keeps reminders or roll-ups waiting. */
async function sweepAll(
  stores: LedgerStores,
  committer: Committer,
  positions: PositionPorts,
  programmes: ReadonlySet<string>,
): Promise<{ wallets: number }> {
  const now = () => positions.clock.now();
  let wallets = 0;
  const sweep = async (dueIds: SweepPorts['dueIds'], more: { readonly reminds?: true } = {}) => {
    const advance = (walletId: string) => committer.submit({ kind: 'ADVANCE', walletId, ...more });
    wallets += (await sweepWallets({ dueIds, advance })).wallets;
  };
  const toRemind = async (limit: number) =>
    (await stores.wallets.toRemind(now(), limit)).map((wallet) => wallet.id);
  await partsDespiteFailures({
    'what is due': () => sweep((limit) => stores.wallets.dueIds(now(), limit)),
    reminders: () => sweep(toRemind, { reminds: true }),
    'roll-ups': () =>
      eachDespiteFailures(
        programmes,
        (programme) => programme,
        (programme) => rollUp(programme, positions),
      ),
  });
  return { wallets };
}

/** Makes the ledger on a connection, whose indexes are built afterwards. */
export function createLedger(options: LedgerOptions): Ledger {
  const { connection, clock, newId, log } = options;
  const stores = createLedgerStores(connection);
  const load = loadPorts(stores, options);
  const committer = createCommitter(commitPorts(stores, load, options), log);
  const preview = (ids: readonly string[]) => previewWallets(ids, { load, clock, newId });
  const positions = positionPorts(stores, preview, clock);
  const months = monthPorts(stores, committer, connection, clock);
  // Programmes in use here, which are those whose roll-ups are worth moving on.
  const programmes = new Set<string>();
  return {
    execute: async <C extends Command>(command: C): Promise<OutcomeOf<C>> => {
      const outcome = (await committer.submit(command)) as OutcomeOf<C>;
      if (outcome.kind === 'PointsPosted') programmes.add(outcome.posting.programme);
      return outcome;
    },
    ...walletReads(walletPorts(stores, preview, clock)),
    ...journalReads(stores, preview),
    ...reminderReads(stores, preview, clock),
    returnPooled: (householdId) =>
      returnPooled(householdId, {
        poolsOf: stores.wallets.ofHousehold,
        openLots: stores.lots.open,
        rosters: options.rosters,
        advance: (walletId) => committer.submit({ kind: 'ADVANCE', walletId }),
      }),
    ...caseReads(stores, clock),
    lotsById: stores.lots.byIds,
    month: (memberId, month) => readMonth(memberId, month, months),
    settle: async (memberId, householdIds) => {
      const pools = await Promise.all(householdIds.map(stores.wallets.ofHousehold));
      const wallets = [...(await stores.wallets.ofMember(memberId)), ...pools.flat()];
      const due = wallets.filter((wallet) => isDue(wallet, clock.now()));
      await Promise.all(due.map(({ id }) => committer.submit({ kind: 'ADVANCE', walletId: id })));
    },
    position: (merchantId, programme) => readPosition(merchantId, programme, positions),
    positions: (programme) => readPositions(programme, positions),
    sweep: () => sweepAll(stores, committer, positions, programmes),
    stop: () => committer.stop(),
  };
}
