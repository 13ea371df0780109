import type { NewId } from '../../shared/ids.ts';
import { type BatchChange, mergeChanges } from './batch-change.ts';
import type { AdvanceCommand, Command, Outcome } from './command.ts';
import { decide, decideAdvance } from './decision.ts';
import type { Change, DecisionPorts } from './view.ts';
import { NeedsLots } from './wallet.ts';
import { createWorkingView, type Loaded, type WorkingView } from './working-view.ts';

/** What one command of a batch comes to: its answer (null for what answers nothing), or the fault it met. */
export type Answer = { readonly outcome: Outcome | null } | { readonly fault: unknown };

/** A batch decided: an answer a command, in their order, and all there is to write. */
export interface DecidedBatch {
  readonly answers: readonly Answer[];
  readonly change: BatchChange;
}

function decideOne(
  view: WorkingView,
  command: Command | AdvanceCommand,
  ports: DecisionPorts,
): { outcome: Outcome | null; change: Change | null } {
  if (command.kind === 'ADVANCE') return { outcome: null, change: decideAdvance(view, command, ports) };
  return decide(view, command, ports);
}

/**
 * Decides commands one after another, each on top of those before it. A command that is refused or faulty changes
 * nothing and harms no other. Throws NeedsLots if more has to be loaded.
 */
export function decideBatch(
  loaded: Loaded,
  commands: readonly (Command | AdvanceCommand)[],
  now: Date,
  newId: NewId,
): DecidedBatch {
  const view = createWorkingView(loaded);
  const changes: Change[] = [];
  const answers = commands.map((command): Answer => {
    try {
      const { outcome, change } = decideOne(view, command, { now, newId });
      if (change) {
        view.apply(change);
        changes.push(change);
      }
      return { outcome };
    } catch (fault) {
      if (fault instanceof NeedsLots) throw fault;
      return { fault };
    }
  });
  return { answers, change: mergeChanges(changes, loaded) };
}
