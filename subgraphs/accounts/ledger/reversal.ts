import { notFound } from '../../shared/refusal.ts';
import type { CommonRefusal, ReverseCommand } from './command.ts';
import type { Draft } from './draft.ts';
import { advance } from './due.ts';
import { forfeitIfClosed } from './forfeiting.ts';
import { alreadyPosted } from './once.ts';
import type { PointsSpent } from './policy-refusal.ts';
import { isOwn, type Posting } from './posting.ts';
import type { AlreadyPosted, NotReversible } from './refusal.ts';
import { leftOf, planOf } from './reversal-plan.ts';
import { reverseEarn } from './reverse-earn.ts';
import { reverseSpend } from './reverse-spend.ts';

const isSpend = (posting: Posting): boolean => posting.kind === 'REDEEM' || posting.kind === 'CAPTURE';

/** Reverses an earn, in full or by line, or a redemption or capture, in full or by points: its own, whoever asks. */
export function reverse(
  draft: Draft,
  command: ReverseCommand,
): Posting | CommonRefusal | AlreadyPosted | NotReversible | PointsSpent {
  const { postingId, lines } = command;
  const posting = draft.view.posting(postingId);
  if (!posting || !isOwn(posting, command.caller)) return notFound('POSTING', postingId);
  if (posting.kind !== 'EARN' && lines) return notFound('LINE', lines[0]!.id);
  const reversible = isSpend(posting) || posting.kind === 'EARN';
  const left = leftOf(posting, draft.view.reversalsOf(postingId));
  const plan = reversible ? planOf(posting, left.lines, left.points, command) : null;
  if (plan && 'kind' in plan) return plan;
  const earlier = alreadyPosted(draft.view, 'REVERSE', posting.merchantId, command.externalRef);
  if (earlier) return earlier;
  if (!reversible) return { kind: 'NotReversible', remaining: 0n, keeper: null, final: posting.kind };
  const remaining = left.points;
  if (posting.keeper && posting.keeper !== command.caller)
    return { kind: 'NotReversible', remaining, keeper: posting.keeper };
  if (plan === null) return { kind: 'NotReversible', remaining, keeper: null };
  advance(draft, posting.walletIds[0]!);
  if (!isSpend(posting)) return reverseEarn(draft, posting, plan, command);
  const reversal = reverseSpend(draft, posting, plan.points, command);
  forfeitIfClosed(draft, posting.walletIds[0]!);
  return reversal;
}
