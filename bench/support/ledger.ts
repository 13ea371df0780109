import { pino } from 'pino';
import type { Command } from '../../subgraphs/accounts/ledger/command.ts';
import { commitBatch } from '../../subgraphs/accounts/ledger/commit-batch.ts';
import { createCommitter } from '../../subgraphs/accounts/ledger/committer.ts';
import { createLedger, type Ledger } from '../../subgraphs/accounts/ledger/ledger.ts';
import { commitPorts, loadPorts } from '../../subgraphs/accounts/ledger/ledger-ports.ts';
import { createLedgerStores } from '../../subgraphs/accounts/ledger/ledger-stores.ts';
import { createOutboxStore } from '../../subgraphs/shared/events/outbox-store.ts';
import { newId, systemClock } from '../../subgraphs/shared/ids.ts';
import { buildIndexes, connectMongo } from '../../subgraphs/shared/mongo.ts';

/** Carries out a command; throws if it was not posted. */
export type Execute = (command: Command) => Promise<void>;

/** A ledger over a database of its own, with its two ways to commit. */
export interface BenchLedger {
  readonly ledger: Ledger;
  /** Many commands in one transaction, as the ledger does. */
  readonly grouped: Execute;
  /** The same code with one transaction a command. */
  readonly single: Execute;
  /** Waits for what is under way and disconnects. */
  close(): Promise<void>;
  /** Removes the database. */
  drop(): Promise<void>;
}

/** A programme in which points are available at once and stay for two years. */
const programmeAt = async (code: string) => ({
  code,
  version: 1,
  unlock: { kind: 'IMMEDIATE' as const },
  validity: { kind: 'ROLLING' as const, months: 24, roundTo: 'DAY' as const },
  eligibleIssuerIds: null,
  arrears: 'OWE' as const,
  transfers: { allowed: true, mostPerTransfer: null, mostPerDay: null, declineWithinDays: 0 },
  pooling: { allowed: true },
  reminders: { daysBefore: [30, 7, 1], graceDays: 0, restoreOnce: false },
  holdTimeoutSeconds: 900,
  reinstatementDays: 30,
});

/** Opens a ledger, events of its postings included, on a database of a store. */
export async function openLedger(uri: string, database: string): Promise<BenchLedger> {
  const connection = await connectMongo(uri, database);
  const wiring = {
    connection,
    clock: systemClock,
    newId,
    programmeAt,
    addEvents: createOutboxStore(connection, () => ['webhooks']).add,
    rosters: async () => [],
    guardHouseholds: async () => true,
    priceAt: async () => ({ issuePricePerThousand: 950n, redemptionPricePerThousand: 900n }),
  };
  const log = pino({ level: 'warn' });
  const stores = createLedgerStores(connection);
  const ports = commitPorts(stores, loadPorts(stores, wiring), wiring);
  const committer = createCommitter(ports, log);
  const ledger = createLedger({ ...wiring, log });
  await buildIndexes(connection);
  return {
    ledger,
    async grouped(command) {
      const outcome = await committer.submit(command);
      if (outcome?.kind !== 'PointsPosted') throw new Error('a command was not posted', { cause: outcome });
    },
    async single(command) {
      const [answer] = await commitBatch([command], ports);
      if (!answer || 'fault' in answer || answer.outcome?.kind !== 'PointsPosted')
        throw new Error('a command was not posted', { cause: answer });
    },
    async close() {
      await committer.stop();
      await ledger.stop();
      await connection.close();
    },
    drop: async () => {
      await connection.dropDatabase();
    },
  };
}

const merchants = ['supermarket', 'pets', 'books', 'cafe'];

/** What every command of a bench has in common with the others. */
export const commandBase = (n: number | string, memberId: string) => ({
  caller: 'bench',
  idempotencyKey: `key-${n}`,
  inputHash: 'bench',
  programme: 'SHARED',
  memberId,
});

/** Which member the n-th command concerns. */
export const memberOf = (n: number, members: number): string => `member-${(n * 7_919) % members}`;

/**
 * The n-th command: two earns to one payment, over many wallets. Each wallet first earns more than is paid from it, so
 * that no payment is refused.
 */
export function nthCommand(n: number, members: number): Command {
  const base = commandBase(n, memberOf(n, members));
  const merchantId = merchants[n % merchants.length]!;
  if (n < members || n % 3 !== 0)
    return { ...base, kind: 'EARN', merchantId, points: 120n, externalRef: `receipt-${n}` };
  return { ...base, kind: 'REDEEM', merchantId, points: 50n };
}
