import { notFound } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import { walletIdOf } from './account.ts';
import type { CloseCommand, Command, Outcomes, PointsIn } from './command.ts';
import { closeDraft, type Draft, lotsIn, openDraft, walletIn } from './draft.ts';
import { advance } from './due.ts';
import { forfeit } from './forfeiting.ts';
import { returnStrays } from './returning.ts';
import type { Change, DecisionPorts, LedgerView } from './view.ts';
import type { Wallet } from './wallet.ts';

/** What closing is answered and what it changes. */
export interface Closure {
  readonly outcome: Outcomes['CLOSE'];
  readonly change: Change | null;
}

/** What a wallet has that nobody waits for. */
const freeIn = ({ available, pending }: Wallet): bigint => available + pending;

/** Gives back what pools hold of a member who left, and tells what holds keep of it there, by programme. */
function heldInPools(draft: Draft, { memberId, pools }: CloseCommand): Map<string, bigint> {
  const held = new Map<string, bigint>();
  for (const { householdId, programme } of pools) {
    const poolId = walletIdOf(householdId, programme);
    advance(draft, poolId);
    const own = () => lotsIn(draft, poolId).filter((lot) => lot.contributorId === memberId);
    const ids = own().map(({ id }) => id);
    returnStrays(draft, poolId, advance, ids);
    const kept = own().reduce((sum, lot) => sum + lot.remaining, 0n);
    held.set(programme, (held.get(programme) ?? 0n) + kept);
  }
  return held;
}

const having = (wallets: readonly Wallet[], of: (wallet: Wallet) => bigint): PointsIn[] =>
  wallets.flatMap((wallet) => (of(wallet) > 0n ? [{ programme: wallet.programme, points: of(wallet) }] : []));

function isConfirmed(left: readonly PointsIn[], confirmed: readonly PointsIn[]): boolean {
  const named = new Map(confirmed.map(({ programme, points }) => [programme, points]));
  return named.size === left.length && left.every((one) => named.get(one.programme) === one.points);
}

/**
 * Closes all wallets of a member for good, at one instant, and forfeits what is left in them if it is just what was
 * confirmed. What is on its way back from pools of households that the member left counts as if it were there: what
 * is free comes back first, and what is held there is held. Closed ones stay closed. Refusals come in this order: CasesOpen, HoldsOpen, ArrearsOwed, PointsLeft.
 */
export function close(view: LedgerView, command: CloseCommand, ports: DecisionPorts): Closure {
  const draft = openDraft(view, ports);
  const ids = command.programmes.map((programme) => walletIdOf(command.memberId, programme));
  for (const id of ids) advance(draft, id);
  const pooled = heldInPools(draft, command);
  const wallets = ids.map((id) => walletIn(draft, id));
  const open = wallets.filter((wallet) => wallet.closedAt === null);
  if (open.length === 0) return { outcome: { kind: 'WalletsClosed' }, change: null };
  const disputed = open.filter((wallet) => wallet.openCases > 0).map(({ programme }) => programme);
  if (disputed.length > 0) return { outcome: { kind: 'CasesOpen', programmes: disputed }, change: null };
  const held = having(open, (wallet) => wallet.held + (pooled.get(wallet.programme) ?? 0n));
  if (held.length > 0) return { outcome: { kind: 'HoldsOpen', held }, change: null };
  const owed = having(open, (wallet) => wallet.arrears);
  if (owed.length > 0) return { outcome: { kind: 'ArrearsOwed', owed }, change: null };
  const left = having(open, freeIn);
  if (!isConfirmed(left, command.forfeit)) return { outcome: { kind: 'PointsLeft', left }, change: null };
  for (const { id } of open) {
    forfeit(draft, id);
    draft.wallets.set(id, { ...walletIn(draft, id), closedAt: draft.now });
  }
  return { outcome: { kind: 'WalletsClosed' }, change: closeDraft(draft, []) };
}

const isClosed = (view: LedgerView, memberId: string, programme: string): boolean =>
  (view.wallet(walletIdOf(memberId, programme))?.wallet.closedAt ?? null) !== null;

/** A member whose wallets were closed is not there any more, for whatever would give it points or take some. */
export function closedMember(view: LedgerView, command: Command): NotFound | null {
  const about = command.kind === 'CASE' && command.act.type === 'OPEN' ? command.act : command;
  if (!('programme' in about && 'memberId' in about)) return null;
  const { memberId, programme } = about;
  if (isClosed(view, memberId, programme)) return notFound('MEMBER', memberId);
  return command.kind === 'TRANSFER' && isClosed(view, command.toMemberId, programme)
    ? notFound('MEMBER', command.toMemberId)
    : null;
}
