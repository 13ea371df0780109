/** A repeatable source of chance. */
export interface Random {
  /** From 0 up to but not 1. */
  (): number;
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

/** The same seed gives the same course. */
export function randomly(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return Object.assign(next, { below, pick: <T>(items: readonly T[]) => items[below(items.length)] as T });
}
