import type { Running } from '../../subgraphs/shared/run-process.ts';

/** Things that were started, to be stopped the last first. */
export interface Undoing {
  /** Remembers something that runs, and gives it back. */
  readonly add: <T extends Running>(running: T) => T;
  /** Stops everything. What cannot be stopped is told in one line, and the rest is stopped all the same. */
  readonly undo: () => Promise<void>;
  /** True once stopping has begun. */
  readonly begun: () => boolean;
}

/** Begins with nothing started. */
export function startUndoing(): Undoing {
  const running: Running[] = [];
  let begun = false;
  const undo = async () => {
    begun = true;
    for (const each of running.splice(0).reverse()) {
      await each.stop().catch((error: Error) => console.error(`while stopping: ${error.message}`));
    }
  };
  const add: Undoing['add'] = (each) => {
    running.push(each);
    return each;
  };
  return { add, undo, begun: () => begun };
}
