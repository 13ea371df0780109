/** Work done, the time it took, and the processor time that this process spent on it. */
export interface Measured {
  done: number;
  ms: number;
  cpuMs: number;
}

/** A sum to begin with. */
export const nothing = (): Measured => ({ done: 0, ms: 0, cpuMs: 0 });

/** Keeps so many operations under way for a while and adds what was done to a sum. */
export async function measure(
  operation: () => Promise<unknown>,
  concurrency: number,
  forMs: number,
  sum: Measured,
): Promise<void> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const one = async () => {
    while (performance.now() - start < forMs) {
      await operation();
      sum.done++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
  sum.ms += performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  sum.cpuMs += (user + system) / 1_000;
}

/** Two operations in turns of a second, so that a busy machine slows both alike. */
export async function inTurns(
  a: () => Promise<unknown>,
  b: () => Promise<unknown>,
  concurrency: number,
  forMs: number,
): Promise<[Measured, Measured]> {
  const sums: [Measured, Measured] = [nothing(), nothing()];
  for (let spent = 0; spent < forMs; spent += 1_000) {
    await measure(a, concurrency, 1_000, sums[0]);
    await measure(b, concurrency, 1_000, sums[1]);
  }
  return sums;
}

/** Operations a second. */
export const rate = ({ done, ms }: Measured): number => (done * 1_000) / ms;

/** The middle of some durations. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.floor(sorted.length / 2)]!;
}
