import type { Outcome, TestResult } from './outcome.ts';
import { type ServerFacts, unmetRequirement } from './requirements.ts';
import { type Host, runTest } from './run-test.ts';
import { readSpecFiles, type SpecFile, type SpecTest } from './spec-file.ts';

/** A folder of test files, and the name under which their results are told. */
export interface Suite {
  readonly name: string;
  readonly folder: string;
}

/** Runs the tests of a suite one after another; `only` keeps the files whose names hold it. */
export async function runSuite(
  host: Host,
  facts: ServerFacts,
  suite: Suite,
  only: string | undefined,
): Promise<TestResult[]> {
  const results: TestResult[] = [];
  for (const file of readSpecFiles(suite.folder)) {
    if (only !== undefined && !file.name.includes(only)) continue;
    for (const test of file.tests) {
      const reason = obstacle(facts, file, test);
      const outcome: Outcome = reason ? { kind: 'not-applicable', reason } : await runTest(host, file, test);
      results.push({ file: `${suite.name}/${file.name}`, description: test.description, outcome });
    }
  }
  return results;
}

function obstacle(facts: ServerFacts, file: SpecFile, test: SpecTest): string | undefined {
  if (test.skipReason) return 'the test itself says that it is to be skipped';
  const unmet =
    unmetRequirement(facts, file.runOnRequirements) ?? unmetRequirement(facts, test.runOnRequirements);
  if (unmet) return unmet;
  const names = test.operations.map(({ name }) => name);
  if (names.includes('createChangeStream') && !facts.changeStreams)
    return 'the server refuses change streams';
  if (names.includes('failPoint') && !facts.failPoints) return 'the server has no fail points';
  return undefined;
}
