import { type Draft, walletIn } from '../ledger/draft.ts';
import { type Case, isOpen, lapsed } from './case.ts';
import { release } from './freezing.ts';

/** Lays a new or changed case over the draft. Its wallet is written with it, so that the wallet's version guards it. */
export function putCase(draft: Draft, next: Case, before: Case | null): void {
  draft.cases.set(next.id, next);
  const wallet = walletIn(draft, next.walletId);
  const change = Number(isOpen(next)) - Number(before !== null && isOpen(before));
  draft.wallets.set(wallet.id, { ...wallet, openCases: wallet.openCases + change });
}

/** Ends a case that nobody decided in time and releases what it froze, at the instant at which it ended. */
export function lapse(draft: Draft, one: Case): void {
  release(draft, one, one.lapsesAt!);
  putCase(draft, lapsed(one), one);
}
