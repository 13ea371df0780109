import type { Connection } from 'mongoose';
import { inTransaction } from '../../shared/mongo.ts';
import { type AuditStore, createAuditStore } from './audit-store.ts';
import { checkClosings } from './check-closings.ts';
import { checkOrphans } from './check-orphans.ts';
import { checkPositions } from './check-positions.ts';
import { checkReminders } from './check-reminders.ts';
import { checkWallets } from './check-wallets.ts';
import type { Violation } from './violation.ts';

/** What a check of the ledger found. */
export interface LedgerCheck {
  readonly ok: boolean;
  readonly checkedAt: Date;
  /** How many postings were read. */
  readonly postings: number;
  /** What breaks an invariant; of a store that breaks very many, the first. */
  readonly violations: readonly Violation[];
}

const walletsAtOnce = 200;
const mostViolations = 1_000;

async function checkAllWallets(
  audit: AuditStore,
  snapshot: <T>(work: () => Promise<T>) => Promise<T>,
  report: (found: readonly Violation[]) => void,
  now: Date,
): Promise<number> {
  let postings = 0;
  for (let after = ''; ; ) {
    const checked = await snapshot(async () => {
      const wallets = await audit.wallets(after, walletsAtOnce);
      const closings = await checkClosings(wallets, audit);
      const reminders = await checkReminders(wallets, audit, now);
      const also = [...closings, ...reminders];
      return { last: wallets.at(-1)?.id, also, ...(await checkWallets(wallets, audit)) };
    });
    report(checked.violations);
    report(checked.also);
    postings += checked.postings;
    if (checked.last === undefined) return postings;
    after = checked.last;
  }
}

/**
 * Verifies every invariant of the ledger over a whole store and lists what breaks them. Reads wallets some hundred at a
 * time, each time with their lots, holds and postings on one snapshot, so a ledger at work can be checked, and memory
 * does not grow with the store. Changes nothing.
 */
export async function checkLedger(connection: Connection, checkedAt = new Date()): Promise<LedgerCheck> {
  const audit = createAuditStore(connection);
  const snapshot = <T>(work: () => Promise<T>) => inTransaction(connection, work);
  const violations: Violation[] = [];
  const report = (found: readonly Violation[]) =>
    void violations.push(...found.slice(0, mostViolations - violations.length));
  const postings = await checkAllWallets(audit, snapshot, report, checkedAt);
  report(await checkOrphans(audit));
  report(await snapshot(() => checkPositions(audit)));
  return { ok: violations.length === 0, checkedAt, postings, violations };
}
