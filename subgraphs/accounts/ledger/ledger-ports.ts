import type { Connection } from 'mongoose';
import type { DomainEvent } from '../../shared/events/event.ts';
import type { Clock, NewId } from '../../shared/ids.ts';
import { caseEvents } from '../case/case-event.ts';
import type { CommitPorts } from './commit-batch.ts';
import type { LedgerStores } from './ledger-stores.ts';
import { type LoadPorts, loadBatch } from './load-batch.ts';
import { batchEvents, type Listeners } from './reminder-event.ts';
import type { Roster } from './roster.ts';
import type { MerchantPrices, ProgrammeTerms } from './terms.ts';
import { type GuardHouseholds, isFreshAt, writeBatch } from './write-batch.ts';

/** What the ledger is wired to. */
export interface LedgerWiring {
  /** The ledger defines its models on it: build indexes afterwards. */
  readonly connection: Connection;
  readonly clock: Clock;
  readonly newId: NewId;
  /** The version of a programme in force at an instant, or null. */
  readonly programmeAt: (code: string, at: Date) => Promise<ProgrammeTerms | null>;
  /** A merchant's prices in a programme at an instant, or null. */
  readonly priceAt: (merchantId: string, programme: string, at: Date) => Promise<MerchantPrices | null>;
  /** The merchants that registered each of these members: they are told when its points are about to expire. */
  readonly listenersOf: (memberIds: readonly string[]) => Promise<Listeners>;
  /** Adds events to the outbox in the transaction of their postings. */
  readonly addEvents: (events: readonly DomainEvent[]) => Promise<void>;
  /** Who belongs to these households now. */
  readonly rosters: (householdIds: readonly string[]) => Promise<readonly Roster[]>;
  readonly guardHouseholds: GuardHouseholds;
}

const pause = (attempt: number): Promise<void> => {
  const longestMs = Math.min(2 ** attempt, 100);
  return new Promise((resolve) => setTimeout(resolve, Math.random() * longestMs));
};

/** What loading a batch reads, of these stores. */
export const loadPorts = (stores: LedgerStores, options: LedgerWiring): LoadPorts => ({
  wallets: stores.wallets.byIds,
  keys: stores.keys.byIds,
  postings: stores.postings.byIds,
  reversals: stores.postings.reversalsOf,
  holds: stores.holds.byIds,
  openHolds: stores.holds.open,
  cases: stores.cases.byIds,
  liveCases: stores.cases.live,
  lots: stores.lots.byIds,
  openLots: stores.lots.open,
  firstLots: stores.lots.firstOpen,
  programmeAt: options.programmeAt,
  priceAt: options.priceAt,
  rosters: options.rosters,
});

/** What committing a batch needs, on these stores. */
export function commitPorts(stores: LedgerStores, load: LoadPorts, options: LedgerWiring): CommitPorts {
  const { connection, clock, newId, addEvents, listenersOf, guardHouseholds } = options;
  return {
    load: (commands, wide, now) => loadBatch(commands, wide, now, load),
    write: async (change, decidedAt) => {
      const reminded = [...new Set(change.reminders.map(({ memberId }) => memberId))];
      const listeners: Listeners = reminded.length > 0 ? await listenersOf(reminded) : new Map();
      const told = batchEvents(change, listeners, newId);
      const events = [...told, ...caseEvents(change, told, newId)];
      const telling = { events, addEvents, guardHouseholds };
      return writeBatch(connection, stores, change, telling, () => isFreshAt(decidedAt, clock.now()));
    },
    usedKeys: async (ids) => (await stores.keys.byIds(ids)).map((key) => key.id),
    now: () => clock.now(),
    newId,
    pause,
  };
}
