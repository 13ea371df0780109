import type { Posting } from './posting.ts';
import { broken, total, type Violation } from './violation.ts';

const bucketOf = (account: string): string | null =>
  account.startsWith('wallet:') ? account.slice(account.lastIndexOf(':') + 1) : null;

const inAccounts = (posting: Posting, matches: (account: string) => boolean): bigint =>
  total(posting.entries.flatMap((entry) => (matches(entry.account) ? [entry.points] : [])));

const starting = (prefix: string) => (account: string) => account.startsWith(prefix);

/** What is wrong with a posting by itself. */
export function postingViolations(posting: Posting): Violation[] {
  const sum = inAccounts(posting, () => true);
  const inLots = inAccounts(posting, (account) => !['arrears', null].includes(bucketOf(account)));
  const held = inAccounts(posting, (account) => bucketOf(account) === 'held');
  const allocated = total(posting.allocations.map((allocation) => allocation.remaining));
  const allocatedHeld = total(posting.allocations.map((allocation) => allocation.held));
  const { issued, honouredOnUs, honouredOffUs, donated, expired, deducted } = posting.effect;
  const effects: [string, bigint, bigint][] = [
    ['issued', issued ?? 0n, -inAccounts(posting, starting('issuer:'))],
    ['honoured', (honouredOnUs ?? 0n) + (honouredOffUs ?? 0n), inAccounts(posting, starting('honourer:'))],
    ['donated', donated ?? 0n, inAccounts(posting, starting('charity:'))],
    ['expired', expired ?? 0n, inAccounts(posting, starting('breakage'))],
    ['deducted', deducted ?? 0n, inAccounts(posting, starting('case:'))],
  ];
  return broken(posting.id, [
    ['ENTRIES_SUM_TO_ZERO', sum === 0n, () => `the entries sum to ${sum}`],
    [
      'FULLY_ALLOCATED',
      inLots === allocated && held === allocatedHeld,
      () => `wallets change by ${inLots} (held ${held}), lots by ${allocated} (held ${allocatedHeld})`,
    ],
    ...effects.map(
      ([what, effect, entries]) =>
        [
          'EFFECT_EQUALS_ENTRIES',
          effect === entries,
          () => `${what}: the position changes by ${effect}, the entries by ${entries}`,
        ] as const,
    ),
  ]);
}

/** What is wrong with how often a posting and its lines were reversed. */
export function reversalViolations(posting: Posting, reversals: readonly Posting[]): Violation[] {
  const reversed = total(reversals.map((reversal) => reversal.points));
  const lines = new Map(posting.lines.map((line) => [line.id, line.points]));
  for (const reversal of reversals)
    for (const line of reversal.lines) lines.set(line.id, (lines.get(line.id) ?? 0n) - line.points);
  const over = [...lines].filter(([, left]) => left < 0n).map(([id]) => id);
  return broken(posting.id, [
    [
      'REVERSED_AT_MOST_ONCE',
      reversed <= posting.points && over.length === 0,
      () =>
        `${reversed} of ${posting.points} points were reversed${over.length > 0 ? `, too much of lines ${over.join(', ')}` : ''}`,
    ],
  ]);
}
