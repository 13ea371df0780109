import type { AuditStore } from './audit-store.ts';
import { type Balance, type Closing, changeOfBuckets } from './closing.ts';
import { parseMonth } from './month.ts';
import { broken, type Violation } from './violation.ts';
import { memberHolder, type Wallet } from './wallet.ts';

const buckets = ['available', 'pending', 'held', 'arrears'] as const;

interface Sum {
  readonly closing: Closing;
  readonly to: Date;
  readonly total: { -readonly [B in keyof Balance]: bigint };
}

const differs = ({ closing, total }: Sum): boolean =>
  buckets.some((bucket) => BigInt(closing[bucket]) !== total[bucket]);

const shown = (balance: Balance): string =>
  buckets.map((bucket) => `${bucket} ${balance[bucket]}`).join(', ');

/** Checks that what is kept of wallets at the ends of months is what the journal says of them. */
export async function checkClosings(wallets: readonly Wallet[], audit: AuditStore): Promise<Violation[]> {
  const sums = new Map<string, Sum[]>();
  for (const closing of await audit.closingsOf(wallets.map(({ id }) => id))) {
    const total = { available: 0n, pending: 0n, held: 0n, arrears: 0n };
    const sum = { closing, to: parseMonth(closing.month)!.to, total };
    sums.set(closing.walletId, [...(sums.get(closing.walletId) ?? []), sum]);
  }
  const members = new Set([...sums.values()].map(([first]) => first!.closing.memberId));
  if (members.size === 0) return [];
  for await (const posting of audit.postingsOf([...members].map(memberHolder)))
    for (const walletId of posting.walletIds) {
      const change = changeOfBuckets(posting, walletId);
      for (const { to, total } of sums.get(walletId) ?? [])
        if (posting.at < to) for (const bucket of buckets) total[bucket] += change[bucket];
    }
  return [...sums.values()]
    .flat()
    .flatMap((sum) =>
      broken(`${sum.closing.walletId}:${sum.closing.month}`, [
        [
          'CLOSING_EQUALS_JOURNAL',
          !differs(sum),
          () => `it says ${shown(sum.closing)}; the journal says ${shown(sum.total)}`,
        ],
      ]),
    );
}
