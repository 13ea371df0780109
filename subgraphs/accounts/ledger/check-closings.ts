import type { AuditStore } from './audit-store.ts';
import type { Closing } from './closing.ts';
import { parseMonth } from './month.ts';
import { type Balance, inPools, inWallet, type Possession } from './possession.ts';
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

const possessionsOf = (wallet: Wallet): Possession[] =>
  wallet.memberId === null ? [] : [inWallet(wallet), inPools(wallet.memberId, wallet.programme)];

/** Checks that what is kept of wallets, and of members' points in pools, at the ends of months is what the journal says of them. */
export async function checkClosings(wallets: readonly Wallet[], audit: AuditStore): Promise<Violation[]> {
  const possessions = new Map(wallets.flatMap(possessionsOf).map((one) => [one.id, one]));
  const sums = new Map<string, Sum[]>();
  for (const closing of await audit.closingsOf([...possessions.keys()])) {
    const total = { available: 0n, pending: 0n, held: 0n, arrears: 0n };
    const sum = { closing, to: parseMonth(closing.month)!.to, total };
    sums.set(closing.walletId, [...(sums.get(closing.walletId) ?? []), sum]);
  }
  const members = new Set([...sums.values()].map(([first]) => first!.closing.memberId));
  if (members.size === 0) return [];
  for await (const posting of audit.postingsOf([...members].map(memberHolder))) {
    const pooled = posting.memberIds.map((memberId) => inPools(memberId, posting.programme).id);
    for (const id of [...posting.walletIds, ...pooled]) {
      const kept = sums.get(id) ?? [];
      if (kept.length === 0) continue;
      const change = possessions.get(id)!.changeBy(posting);
      for (const { to, total } of kept)
        if (posting.at < to) for (const bucket of buckets) total[bucket] += change[bucket];
    }
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
