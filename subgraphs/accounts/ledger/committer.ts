import type { Log } from '../../shared/log.ts';
import type { AdvanceCommand, Command, Outcome } from './command.ts';
import { type CommitPorts, commitBatch } from './commit-batch.ts';
import type { Answer } from './decide-batch.ts';

/** Most commands of one commit: enough to share its cost, few enough to keep each one's wait short. */
const largestBatch = 512;

interface Waiting {
  readonly command: Command | AdvanceCommand;
  readonly resolve: (outcome: Outcome | null) => void;
  readonly reject: (reason: unknown) => void;
}

/** Carries out commands, many in one commit. */
export interface Committer {
  /** Gives the answer after the commit. Throws only on faults. */
  submit(command: Command | AdvanceCommand): Promise<Outcome | null>;
  /** Refuses what comes later and waits for what is under way. */
  stop(): Promise<void>;
}

function tell(waiting: readonly Waiting[], answers: readonly Answer[]): void {
  for (const [i, { resolve, reject }] of waiting.entries()) {
    const answer = answers[i]!;
    if ('fault' in answer) reject(answer.fault);
    else resolve(answer.outcome);
  }
}

/** True where the store could not be reached, so that trying its commands one by one would only wait for each. */
const isUnreachable = (error: unknown): boolean =>
  /^Mongo(Network|ServerSelection|TopologyClosed|PoolCleared|NotConnected)/.test(
    (error as Error)?.name ?? '',
  );

/**
 * Carries out a batch. Should the store refuse it as a whole, its commands are tried one by one, so that a single one
 * that cannot be stored does not take the others with it.
 */
async function carryOut(batch: readonly Waiting[], ports: CommitPorts, log: Log): Promise<void> {
  try {
    tell(
      batch,
      await commitBatch(
        batch.map((waiting) => waiting.command),
        ports,
      ),
    );
  } catch (error) {
    if (batch.length === 1 || isUnreachable(error))
      return tell(
        batch,
        batch.map(() => ({ fault: error })),
      );
    log.warn({ err: error, commands: batch.length }, 'a batch failed; trying its commands one by one');
    for (const waiting of batch) await carryOut([waiting], ports, log);
  }
}

/**
 * Makes a committer: commands that arrive while a commit is under way wait and go together into the next one. One
 * commit is under way at a time, so the load itself decides how large batches are, and a lone command never waits.
 */
export function createCommitter(ports: CommitPorts, log: Log): Committer {
  let queue: Waiting[] = [];
  let running: Promise<void> | null = null;
  let stopped = false;
  const drain = async (): Promise<void> => {
    // Commands of the same turn of the event loop are let in.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const batch = queue.slice(0, largestBatch);
      queue = queue.slice(largestBatch);
      await carryOut(batch, ports, log);
    }
    running = null;
  };
  return {
    submit(command) {
      if (stopped) return Promise.reject(new Error('the ledger has stopped'));
      return new Promise((resolve, reject) => {
        queue.push({ command, resolve, reject });
        running ??= drain();
      });
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
