import { type Clock, systemClock } from '../../subgraphs/shared/ids.ts';

/** Counts failures by name. Kept by each gateway process for itself. */
export interface FailureLimit {
  /** True if this name has failed too often within the window. */
  exceeded(name: string): boolean;
  record(name: string): void;
}

/** So many failures are allowed a window; at most `names` names are remembered, the oldest forgotten first. */
export function createFailureLimit(options: {
  failures: number;
  windowMs: number;
  names?: number;
  clock?: Clock;
}): FailureLimit {
  const { failures, windowMs, names = 10_000, clock = systemClock } = options;
  const seen = new Map<string, { count: number; since: number }>();
  const current = (name: string) => {
    const entry = seen.get(name);
    return entry && clock.now().getTime() - entry.since < windowMs ? entry : undefined;
  };
  const record = (name: string) => {
    const entry = current(name) ?? { count: 0, since: clock.now().getTime() };
    seen.delete(name);
    seen.set(name, { ...entry, count: entry.count + 1 });
    const oldest = seen.keys().next();
    if (seen.size > names && !oldest.done) seen.delete(oldest.value);
  };
  return { exceeded: (name) => (current(name)?.count ?? 0) >= failures, record };
}
