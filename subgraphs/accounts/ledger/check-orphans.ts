import type { AuditStore } from './audit-store.ts';
import type { KeyRecord } from './view.ts';
import type { Violation } from './violation.ts';

const atOnce = 1_000;

/** Reads all rows of a collection in the order of their ids and checks them batch by batch. */
async function inBatches<T extends { readonly id: string }>(
  read: (after: string, limit: number) => Promise<T[]>,
  check: (rows: readonly T[]) => Promise<Violation[]>,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (let after = ''; ; ) {
    const rows = await read(after, atOnce);
    if (rows.length === 0) return violations;
    violations.push(...(await check(rows)));
    after = rows.at(-1)!.id;
  }
}

const ownerless =
  <T extends { readonly id: string }>(audit: AuditStore, walletsOf: (row: T) => readonly string[]) =>
  async (rows: readonly T[]): Promise<Violation[]> => {
    const found = await audit.presentWallets([...new Set(rows.flatMap((row) => [...walletsOf(row)]))]);
    return rows.flatMap((row) => {
      const missing = walletsOf(row).filter((id) => !found.has(id));
      if (walletsOf(row).length > 0 && missing.length === 0) return [];
      const message = missing.length > 0 ? `${missing.join(', ')} is not there` : 'it names no wallet';
      return [{ invariant: 'BELONGS_TO_WALLET' as const, id: row.id, message }];
    });
  };

async function resultless(keys: readonly KeyRecord[], audit: AuditStore): Promise<Violation[]> {
  const ids = (pick: (key: KeyRecord) => string | null | undefined) =>
    keys.map(pick).filter((id) => typeof id === 'string');
  const postings = await audit.presentPostings(ids((key) => key.postingId));
  const holds = await audit.presentHolds(ids((key) => key.holdId));
  const cases = await audit.presentCases(ids((key) => key.caseId));
  return keys.flatMap((key) => {
    const kept =
      (key.postingId !== null && postings.has(key.postingId)) ||
      (key.holdId !== null && holds.has(key.holdId)) ||
      (key.caseId !== undefined && cases.has(key.caseId));
    const message = `its result ${key.postingId ?? key.holdId ?? key.caseId} is not there`;
    return kept ? [] : [{ invariant: 'KEY_HAS_RESULT' as const, id: key.id, message }];
  });
}

/** Finds lots, holds, cases and postings without their wallet, and keys without their result. */
export async function checkOrphans(audit: AuditStore): Promise<Violation[]> {
  return [
    ...(await inBatches(
      audit.lots,
      ownerless(audit, (lot) => [lot.walletId]),
    )),
    ...(await inBatches(
      audit.holds,
      ownerless(audit, (hold) => [hold.walletId]),
    )),
    ...(await inBatches(
      audit.cases,
      ownerless(audit, (one) => [one.walletId]),
    )),
    ...(await inBatches(
      audit.postings,
      ownerless(audit, (posting) => posting.walletIds),
    )),
    ...(await inBatches(audit.keys, (keys) => resultless(keys, audit))),
  ];
}
