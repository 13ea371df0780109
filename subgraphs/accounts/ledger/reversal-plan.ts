import { notFound } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import type { ReverseCommand } from './command.ts';
import type { Line, Posting } from './posting.ts';

/** What a command takes back of a posting. */
export interface ReversalPlan {
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

/** What is reversed; NotFound for a line that the posting does not have, null if more is asked than is left. */
export function planOf(
  posting: Posting,
  left: Map<string, bigint>,
  all: bigint,
  command: ReverseCommand,
): ReversalPlan | NotFound | null {
  if (!command.lines) {
    const { points } = command;
    if (typeof points === 'bigint') return points <= all ? { points, lines: [] } : null;
    const lines = [...left].flatMap(([id, points]) => (points > 0n ? [{ id, points }] : []));
    return all > 0n ? { points: all, lines } : null;
  }
  const unknown = command.lines.find((line) => !left.has(line.id));
  if (unknown) return notFound('LINE', unknown.id);
  const lines = command.lines.map((line) => ({ id: line.id, points: line.points ?? left.get(line.id)! }));
  const granted = new Map(posting.lines.map((line) => [line.id, line.points]));
  const exhausted = lines.some(({ id, points }) =>
    points === 0n ? granted.get(id)! > 0n : points > left.get(id)!,
  );
  const points = lines.reduce((sum, line) => sum + line.points, 0n);
  return exhausted || points === 0n ? null : { points, lines: lines.filter((line) => line.points > 0n) };
}
