import { notFound } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import { breakageAccount, honourerAccount, issuerAccount } from './account.ts';
import type { AlreadyPosted, CommonRefusal, NotReversible, ReverseCommand } from './command.ts';
import { type Draft, lotIn, walletIn } from './draft.ts';
import { advance } from './due.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import { least } from './least.ts';
import { freeOf } from './lot.ts';
import { alreadyPosted } from './once.ts';
import { type Line, type PositionTotals, type Posting, positionFields } from './posting.ts';
import { settle, take } from './spending.ts';
import { reinstatedExpiry } from './terms.ts';

/** What a command takes back of an earn. */
interface Plan {
  readonly points: bigint;
  readonly lines: readonly Line[];
}

/** What is left of a posting after its reversals, in all and by line. */
export function leftOf(
  posting: Posting,
  reversals: readonly Posting[],
): { points: bigint; lines: Map<string, bigint> } {
  const lines = new Map(posting.lines.map((line) => [line.id, line.points]));
  let points = posting.points;
  for (const reversal of reversals) {
    points -= reversal.points;
    for (const line of reversal.lines) lines.set(line.id, lines.get(line.id)! - line.points);
  }
  return { points, lines };
}

/** Which lines lose how much; NotFound for a line that the earn does not have, null if more is asked than is left. */
function planOf(
  earn: Posting,
  left: Map<string, bigint>,
  all: bigint,
  command: ReverseCommand,
): Plan | NotFound | null {
  if (!command.lines) {
    const lines = [...left].flatMap(([id, points]) => (points > 0n ? [{ id, points }] : []));
    return all > 0n ? { points: all, lines } : null;
  }
  const unknown = command.lines.find((line) => !left.has(line.id));
  if (unknown) return notFound('LINE', unknown.id);
  const lines = command.lines.map((line) => ({ id: line.id, points: line.points ?? left.get(line.id)! }));
  const granted = new Map(earn.lines.map((line) => [line.id, line.points]));
  const exhausted = lines.some(({ id, points }) =>
    points === 0n ? granted.get(id)! > 0n : points > left.get(id)!,
  );
  const points = lines.reduce((sum, line) => sum + line.points, 0n);
  return exhausted || points === 0n ? null : { points, lines: lines.filter((line) => line.points > 0n) };
}

/**
 * Takes points of an earn back: first from its own lot, then from what of that lot had expired (breakage pays it back),
 * then from the member's other available lots, first-expiring first. What is missing becomes arrears. The pools are
 * drawn in a fixed order, so partial reversals in any order end where the full one does.
 */
function reverseEarn(draft: Draft, earn: Posting, plan: Plan, command: ReverseCommand): Posting {
  const walletId = earn.walletIds[0]!;
  const lot = lotIn(draft, walletId, earn.lotId!);
  const event = openEvent(draft, walletId);
  const own = least(plan.points, freeOf(lot));
  const broken = least(plan.points - own, lot.expired);
  if (own > 0n || broken > 0n)
    allocate(event, lot, { points: -own, remaining: -own, set: { expired: lot.expired - broken } });
  move(event, walletId, lot.unlocked ? 'available' : 'pending', -own);
  credit(event, breakageAccount, -broken);
  const others = least(plan.points - own - broken, walletIn(draft, walletId).available);
  if (others > 0n) take(event, walletId, others);
  const arrears = plan.points - own - broken - others;
  move(event, walletId, 'arrears', -arrears);
  credit(event, issuerAccount(earn.merchantId!), plan.points);
  return closeEvent(event, {
    ...headerOf(draft, earn, command),
    points: plan.points,
    lines: plan.lines,
    arrears,
    effect: {
      issued: -plan.points,
      owedMilli: -plan.points * lot.issuePricePerThousand,
      expired: -broken,
    },
  });
}

const headerOf = (draft: Draft, posting: Posting, command: ReverseCommand) => ({
  kind: 'REVERSE' as const,
  at: draft.now,
  merchantId: posting.merchantId,
  holdId: posting.holdId,
  externalRef: command.externalRef ?? null,
  reason: command.reason ?? null,
  reverses: posting.id,
});

/**
 * Gives a redemption's points back to the very lots they came from. A lot that expired meanwhile gets a new expiry as
 * its terms say. Arrears are paid first.
 */
function reverseSpend(draft: Draft, posting: Posting, command: ReverseCommand): Posting {
  const walletId = posting.walletIds[0]!;
  const event = openEvent(draft, walletId);
  for (const { lotId, remaining, settles } of posting.allocations) {
    if (settles || remaining === 0n) continue;
    const lot = lotIn(draft, walletId, lotId);
    const expired = lot.expiresAt <= draft.now;
    const set = expired ? { expiresAt: reinstatedExpiry(draft.now, lot.reinstatementDays) } : {};
    allocate(event, lot, { points: -remaining, remaining: -remaining, set });
  }
  move(event, walletId, 'available', posting.points);
  credit(event, honourerAccount(posting.merchantId!), -posting.points);
  settle(event, walletId);
  return closeEvent(event, {
    ...headerOf(draft, posting, command),
    points: posting.points,
    effect: negated(posting.effect),
  });
}

function negated(effect: Partial<PositionTotals>): Partial<PositionTotals> {
  return Object.fromEntries(positionFields.map((field) => [field, -(effect[field] ?? 0n)]));
}

const isSpend = (posting: Posting): boolean => posting.kind === 'REDEEM' || posting.kind === 'CAPTURE';

/** Reverses an earn, in full or by line, or a redemption or capture in full. */
export function reverse(
  draft: Draft,
  command: ReverseCommand,
): Posting | CommonRefusal | AlreadyPosted | NotReversible {
  const { postingId, onlyMerchant, lines } = command;
  const posting = draft.view.posting(postingId);
  if (!posting || (onlyMerchant && posting.merchantId !== onlyMerchant))
    return notFound('POSTING', postingId);
  if (posting.kind !== 'EARN' && lines) return notFound('LINE', lines[0]!.id);
  const left = leftOf(posting, draft.view.reversalsOf(postingId));
  const plan = posting.kind === 'EARN' ? planOf(posting, left.lines, left.points, command) : null;
  if (plan && 'kind' in plan) return plan;
  const earlier = alreadyPosted(draft.view, 'REVERSE', posting.merchantId, command.externalRef);
  if (earlier) return earlier;
  const spend = isSpend(posting);
  const remaining = spend || posting.kind === 'EARN' ? left.points : 0n;
  if (posting.keeper && posting.keeper !== command.caller)
    return { kind: 'NotReversible', remaining, keeper: posting.keeper };
  if (spend ? left.points === 0n : plan === null) return { kind: 'NotReversible', remaining, keeper: null };
  advance(draft, posting.walletIds[0]!);
  return plan ? reverseEarn(draft, posting, plan, command) : reverseSpend(draft, posting, command);
}
