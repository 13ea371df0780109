import type { NewId } from '../../shared/ids.ts';
import type { BatchChange } from './batch-change.ts';
import type { AdvanceCommand, Command, Outcome } from './command.ts';
import { type Answer, type DecidedBatch, decideBatch } from './decide-batch.ts';
import { idempotencyKeyId } from './view.ts';
import { NeedsLots } from './wallet.ts';
import type { Loaded } from './working-view.ts';

/** Thrown by the write of a batch when another process changed what it was decided on. Nothing was written. */
export class StaleBatch extends Error {
  override name = 'StaleBatch';
}

/** Most times a batch is decided again because another process came first. */
const mostAttempts = 40;

/** What committing a batch needs. */
export interface CommitPorts {
  readonly load: (
    commands: readonly (Command | AdvanceCommand)[],
    wide: ReadonlyMap<string, 'MORE' | 'ALL'>,
    now: Date,
  ) => Promise<Loaded>;
  /** Writes all or nothing, durably. Throws StaleBatch when something is not as it was loaded. */
  readonly write: (change: BatchChange, decidedAt: Date) => Promise<void>;
  /** Which of these idempotency keys have been used by now. */
  readonly usedKeys: (ids: readonly string[]) => Promise<readonly string[]>;
  readonly now: () => Date;
  readonly newId: NewId;
  /** Waits a little, longer after more attempts, and not the same time as others. */
  readonly pause: (attempt: number) => Promise<void>;
}

/** Loads and decides; again with more lots of a wallet, or all, when a decision needs more of them than were loaded. */
async function loadAndDecide(
  commands: readonly (Command | AdvanceCommand)[],
  wide: Map<string, 'MORE' | 'ALL'>,
  now: Date,
  ports: CommitPorts,
): Promise<DecidedBatch> {
  for (;;) {
    const loaded = await ports.load(commands, wide, now);
    try {
      return decideBatch(loaded, commands, now, ports.newId);
    } catch (error) {
      if (!(error instanceof NeedsLots)) throw error;
      const had = wide.get(error.walletId);
      if (had === 'ALL') throw error;
      wide.set(error.walletId, had === 'MORE' ? 'ALL' : error.need);
    }
  }
}

/** What a command made: its posting, hold, or step in a case. */
function resultId(outcome: Extract<Outcome, { replayed: boolean }>): string {
  if (outcome.kind === 'CaseChanged') return outcome.stepId;
  return outcome.kind === 'PointsPosted' ? outcome.posting.id : outcome.hold.id;
}

/**
 * A commit whose answer was lost may have happened. Decided again, its commands look like replays; those whose posting,
 * hold or step this very batch made are no replays to the one who asked.
 */
function ownResult(answer: Answer, made: ReadonlySet<string>): Answer {
  if (!('outcome' in answer) || !answer.outcome || !('replayed' in answer.outcome)) return answer;
  const { outcome } = answer;
  if (!outcome.replayed || made.size === 0) return answer;
  return made.has(resultId(outcome)) ? { outcome: { ...outcome, replayed: false } } : answer;
}

const final: readonly string[] = ['InvalidInput', 'IdempotencyConflict'];

/**
 * Whether a refused command turns out to have been carried out by another process while this one read: its wallet was
 * read after that, its key before, so what is left of the wallet spoke against it. Then its first result is the answer.
 */
async function wasOvertaken(
  commands: readonly (Command | AdvanceCommand)[],
  answers: readonly Answer[],
  ports: CommitPorts,
): Promise<boolean> {
  const ids = commands.flatMap((command, i) => {
    const answer = answers[i]!;
    const outcome = 'outcome' in answer ? answer.outcome : null;
    if (command.kind === 'ADVANCE' || !outcome || 'replayed' in outcome) return [];
    return final.includes(outcome.kind) ? [] : [idempotencyKeyId(command.caller, command.idempotencyKey)];
  });
  return ids.length > 0 && (await ports.usedKeys(ids)).length > 0;
}

/**
 * Carries out a batch of commands in one transaction and gives an answer each, after the commit. When another process
 * came first it loads and decides again. Throws, with nothing known to be written, when the store fails.
 */
export async function commitBatch(
  commands: readonly (Command | AdvanceCommand)[],
  ports: CommitPorts,
): Promise<readonly Answer[]> {
  const wide = new Map<string, 'MORE' | 'ALL'>();
  const made = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const now = ports.now();
    const { answers, change } = await loadAndDecide(commands, wide, now, ports);
    if (attempt < mostAttempts && (await wasOvertaken(commands, answers, ports))) continue;
    const result = answers.map((answer) => ownResult(answer, made));
    if (change.wallets.length === 0) return result;
    try {
      for (const { id } of change.postings) made.add(id);
      for (const { hold, isNew } of change.holds) if (isNew) made.add(hold.id);
      for (const { case: one, stepsBefore } of change.cases)
        for (const { id } of one.steps.slice(stepsBefore)) made.add(id);
      await ports.write(change, now);
      return result;
    } catch (error) {
      if (!(error instanceof StaleBatch) || attempt === mostAttempts) throw error;
      await ports.pause(attempt);
    }
  }
}
