/** What went wrong in one of several things, by its name. */
export type Failure = readonly [name: string, error: unknown];

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Throws what went wrong, all of it together and each by its name; does nothing if nothing did. */
export function throwTogether(failures: readonly Failure[]): void {
  if (failures.length === 0) return;
  throw new AggregateError(
    failures.map(([, error]) => error),
    failures.map(([name, error]) => `${name}: ${wordsOf(error)}`).join('; '),
  );
}

/**
 * Does something with one after another. One that fails does not keep those behind it from being done: in the end
 * everything that went wrong is thrown together, and so is that no more could be found.
 */
export async function eachDespiteFailures<T>(
  ones: Iterable<T> | AsyncIterable<T>,
  nameOf: (one: T) => string,
  work: (one: T) => Promise<unknown>,
): Promise<void> {
  const failures: Failure[] = [];
  const attempt = async (one: T): Promise<void> => {
    try {
      await work(one);
    } catch (error) {
      failures.push([nameOf(one), error]);
    }
  };
  try {
    for await (const one of ones) await attempt(one);
  } catch (error) {
    failures.push(['finding the next', error]);
  }
  throwTogether(failures);
}

/** Does parts of some work, by name, one after another: each runs whatever those before it threw. */
export const partsDespiteFailures = (
  parts: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<void> =>
  eachDespiteFailures(
    Object.entries(parts),
    ([name]) => name,
    ([, part]) => part(),
  );
