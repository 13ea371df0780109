import type { TestResult } from './outcome.ts';

/** Failures that are not the server's, or that were decided: which, and why. */
export interface Explanation {
  /** The suite and file of the tests. */
  readonly file: string;
  /** What the failure says. */
  readonly failure: RegExp;
  readonly because: string;
}

/** Every failure that does not make the command fail. */
export const EXPLAINED: readonly Explanation[] = [
  {
    file: 'crud/bypassDocumentValidation',
    failure: /bypassDocumentValidation: false expected, nothing seen/,
    because: 'the driver sends this option only when it is true',
  },
  {
    file: 'crud/create-null-ids',
    failure: /^countDocuments: .* seen$/,
    because: 'the driver gives a document whose _id is null an id of its own before it sends it',
  },
  {
    file: 'retryable-writes/bulkWrite',
    failure: /insertedIds: '0' is not expected/,
    because: "the driver's error lists the id of a document that was never inserted",
  },
  {
    file: 'crud/estimatedDocumentCount',
    failure: /option 'viewOn' of create/,
    because: 'the embedded server has no views and says so',
  },
  {
    file: 'crud/findOneAndUpdate-errorResponse',
    failure: /does not support validators/,
    because: 'the embedded server has no validators and says so',
  },
];

/** Why a failure is not the server's, if that is known. */
export function explanationOf(result: TestResult): string | undefined {
  const { outcome, file } = result;
  if (outcome.kind !== 'failed') return undefined;
  return EXPLAINED.find((one) => one.file === file && one.failure.test(outcome.reason))?.because;
}

/** The explanations of failures in these files that did not happen. */
export function unusedExplanations(results: readonly TestResult[]): Explanation[] {
  const files = new Set(results.map(({ file }) => file));
  return EXPLAINED.filter(
    (one) =>
      files.has(one.file) &&
      !results.some(
        ({ file, outcome }) =>
          file === one.file && outcome.kind === 'failed' && one.failure.test(outcome.reason),
      ),
  );
}
