// npm run import -- FILE.csv[.gz]: registers a merchant's members and issues their opening points.
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { createGraphqlClient, type GraphqlClient } from '../graphql-client.ts';
import { printable } from '../printable.ts';
import { tokenSource } from '../token-source.ts';
import { importFile } from './import.ts';
import type { ImportTarget } from './import-batch.ts';
import { type ImportFile, openImportFile } from './import-file.ts';
import { dropProgress, keepProgress, type Progress, readProgress, writeWhole } from './progress.ts';
import { refusedCsv, summary } from './report.ts';
import { columns } from './row.ts';

const usage = `npm run import -- FILE.csv[.gz] [--url http://127.0.0.1:4000] [--programme SHARED] [--batch 250] [--concurrency 16]

Registers members and issues their opening points through a running Jifen, as the merchant whose credential (scopes MEMBERS
and POINTS) is in the variables CLIENT_ID and CLIENT_SECRET. The file is UTF-8; its first line names the columns, in any order:
${columns.join(', ')}. Only reference is needed; points need an externalRef. Interrupted, it goes on when it is
run again; run twice, nothing changes. Rows that were refused are listed in FILE.csv.refused.csv.
Exit status: 0 all well, 1 something failed, 2 some rows were refused.`;

interface Options {
  readonly file: string;
  readonly url: string;
  readonly programme: string;
  readonly batch: number;
  readonly concurrency: number;
  readonly clientId: string;
  readonly clientSecret: string;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:4000' },
      programme: { type: 'string', default: 'SHARED' },
      batch: { type: 'string', default: '250' },
      concurrency: { type: 'string', default: '16' },
      help: { type: 'boolean', default: false },
    },
  });
  const [batch, concurrency] = [Number(values.batch), Number(values.concurrency)];
  const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env;
  const counts = [batch, concurrency].every((n) => Number.isInteger(n) && n > 0) && batch <= 1_000;
  if (values.help || positionals.length !== 1 || !counts || !clientId || !clientSecret) {
    console.log(usage);
    process.exit(values.help ? 0 : 1);
  }
  const { url, programme } = values;
  return { file: positionals[0]!, url, programme, batch, concurrency, clientId, clientSecret };
}

const targetOf = (client: GraphqlClient, options: Options): ImportTarget => ({
  client,
  token: tokenSource(client, options.clientId, options.clientSecret),
  programme: options.programme,
  concurrency: options.concurrency,
});

async function send(target: ImportTarget, file: ImportFile, options: Options): Promise<Progress> {
  const from = readProgress(file, `${options.url} ${options.clientId} ${options.programme}`);
  const bar = new SingleBar(
    { format: '{bar} {percentage}% | {value}/{total} | {duration_formatted}', hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(file.rows, from.rows);
  const onDone = (progress: Progress) => {
    keepProgress(file, progress);
    bar.update(progress.rows);
  };
  try {
    return await importFile(target, file, from, { batch: options.batch, onDone });
  } finally {
    bar.stop();
  }
}

/** Lists the refused rows beside the file; a list of an earlier run goes when there are none any more. */
function listRefused(file: ImportFile, { refused }: Progress): void {
  const path = `${file.path}.refused.csv`;
  if (refused.length === 0) rmSync(path, { force: true });
  else {
    writeWhole(path, refusedCsv(refused));
    console.log(`The refused rows and why: ${path}`);
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  const file = await openImportFile(options.file);
  const client = createGraphqlClient(options.url, options.concurrency);
  const done = await send(targetOf(client, options), file, options);
  console.log(summary(done));
  listRefused(file, done);
  dropProgress(file);
  await client.close();
  return done.refused.length > 0 ? 2 : 0;
}

main().then(
  (status) => process.exit(status),
  (error: Error) => {
    console.error(`import: ${printable(error.message)}\nRun it again to go on: nothing is done twice.`);
    process.exit(1);
  },
);
