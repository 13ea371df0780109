import type { Log } from './log.ts';

/** A periodic task. */
export interface Sweeper {
  /** Runs it once now and gives its result; used by tests and at start. */
  run(): Promise<void>;
  /** Stops it and waits for a run under way. */
  stop(): Promise<void>;
}

/**
 * Runs `work` every `everyMs`, never twice at once in this process. A run that throws is logged and the next one comes
 * as usual; many processes may sweep the same store, so `work` must bear that.
 */
export function startSweeper(options: {
  name: string;
  everyMs: number;
  log: Log;
  work: () => Promise<void>;
}): Sweeper {
  const { name, everyMs, log, work } = options;
  let current: Promise<void> | null = null;
  const guarded = (): Promise<void> => {
    current ??= work()
      .catch((err: unknown) => log.error({ err, sweeper: name }, 'sweep failed'))
      .finally(() => {
        current = null;
      });
    return current;
  };
  const timer = setInterval(() => void guarded(), everyMs);
  timer.unref();
  return {
    run: guarded,
    stop: async () => {
      clearInterval(timer);
      await current;
    },
  };
}
