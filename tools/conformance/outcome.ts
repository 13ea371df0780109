/** What the test asks for is not there, in the driver, the server or this runner: the test says nothing about the server. */
export class NotApplicable extends Error {}

/** What was seen is not what the test expects. */
export class Mismatch extends Error {}

/** How one test ended. */
export type Outcome =
  /** `allowed` are the peculiarities of the driver that were allowed for; see driver-peculiarities.ts. */
  | { readonly kind: 'passed'; readonly allowed: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not-applicable'; readonly reason: string };

/** One test and how it ended. */
export interface TestResult {
  /** The test's suite and file, such as `crud/find`. */
  readonly file: string;
  readonly description: string;
  readonly outcome: Outcome;
}

/** The outcome that an error stands for. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof NotApplicable) return { kind: 'not-applicable', reason: error.message };
  if (error instanceof Mismatch) return { kind: 'failed', reason: error.message };
  const { name, message } = error as Error;
  return { kind: 'failed', reason: `${name}: ${message}` };
}
