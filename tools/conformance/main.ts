import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import mongoose from 'mongoose';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../embedded-mongodb/server.ts';
import { explanationOf, unusedExplanations } from './explained.ts';
import { type SuiteResults, suiteReport, summaryTable } from './report.ts';
import { learnFacts } from './requirements.ts';
import { runSuite } from './run-suite.ts';

const USAGE = `usage: npm run conformance -- FOLDER [SUITE...] [--only TEXT] [--uri URI]

FOLDER  the \`source\` folder of the driver specifications, kept outside this repository
SUITE   folders in it, such as crud; without one, those that the embedded server has to pass
--only  only files whose names hold TEXT
--uri   another server, with test commands enabled, instead of an embedded one`;

const SUITES = [
  'crud',
  'transactions',
  'transactions-convenient-api',
  'retryable-writes',
  'retryable-reads',
  'sessions',
  'change-streams',
];

/** Runs the drivers' specification tests; ends with 1 when a test fails that is not explained. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, uri: { type: 'string' } },
  });
  const [folder, ...named] = positionals;
  if (folder === undefined) throw new Error(USAGE);
  const server = values.uri === undefined ? await startEmbeddedMongo({ failpoints: true }) : undefined;
  const uri = values.uri ?? (server as EmbeddedMongo).uri;
  const internal = await new mongoose.mongo.MongoClient(uri).connect();
  try {
    const facts = await learnFacts(internal);
    const suites: SuiteResults[] = [];
    for (const suite of named.length > 0 ? named : SUITES) {
      const results = await runSuite(
        { uri, internal },
        facts,
        { name: suite, folder: testFolder(folder, suite) },
        values.only,
      );
      suites.push({ suite, results });
      console.log(suiteReport({ suite, results }));
    }
    console.log(`\n${summaryTable(suites)}`);
    process.exitCode = verdict(suites, values.uri !== undefined) ? 0 : 1;
  } finally {
    await internal.close();
    await server?.stop();
  }
}

function testFolder(folder: string, suite: string): string {
  const found = ['tests/unified', 'tests'].map((inner) => join(folder, suite, inner)).find(existsSync);
  if (found === undefined) throw new Error(`there are no tests in ${join(folder, suite)}\n\n${USAGE}`);
  return found;
}

/** Explanations are about the embedded server; one that explains nothing any more is to be taken out. */
function verdict(suites: readonly SuiteResults[], otherServer: boolean): boolean {
  const results = suites.flatMap((suite) => suite.results);
  const unused = otherServer ? [] : unusedExplanations(results);
  for (const { file, because } of unused)
    console.log(`\n${file}: no failure to explain any more (because ${because})`);
  const unexplained = results.filter(
    (result) => result.outcome.kind === 'failed' && explanationOf(result) === undefined,
  );
  return unexplained.length === 0 && unused.length === 0;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
