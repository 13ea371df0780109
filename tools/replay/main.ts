// npm run replay -- FILE.csv[.gz]: sends a file of real online purchases through the public endpoint.
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { createGraphqlClient, type GraphqlClient } from '../graphql-client.ts';
import { printable } from '../printable.ts';
import { openTokenIssuer } from '../signing-key.ts';
import { openCoalition, type ReplayCoalition } from './coalition.ts';
import { replayOperations } from './operations.ts';
import { type Plan, planReplay } from './plan.ts';
import { type ReplayCounts, replay } from './replay.ts';
import {
  faultLines,
  type LedgerCheckAnswer,
  ledgerLines,
  type PositionsAnswer,
  positionsTable,
  summary,
} from './report.ts';
import { readRetailFile } from './retail-file.ts';

const usage = `npm run replay -- FILE.csv[.gz] [--url http://127.0.0.1:4000] [--invoices N] [--concurrency N]

Sends an online-retail file through a running Jifen: each country is a merchant, each invoice a purchase, each
cancellation a return. Needs an operator's token: that of ./data if the system was started here, else the variable
OPERATOR_TOKEN. Exit status: 0 all well, 1 something failed or the ledger is not in order, 2 some lines were malformed.`;

interface Options {
  readonly file: string;
  readonly url: string;
  readonly invoices: number;
  readonly concurrency: number;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:4000' },
      invoices: { type: 'string', default: '1000000000' },
      concurrency: { type: 'string', default: '32' },
      help: { type: 'boolean', default: false },
    },
  });
  const numbers = { invoices: Number(values.invoices), concurrency: Number(values.concurrency) };
  const right = Object.values(numbers).every((value) => Number.isInteger(value) && value > 0);
  if (values.help || positionals.length !== 1 || !right) {
    console.log(usage);
    process.exit(values.help ? 0 : 1);
  }
  return { file: positionals[0]!, url: values.url, ...numbers };
}

async function send(
  client: GraphqlClient,
  coalition: ReplayCoalition,
  plan: Plan,
  concurrency: number,
): Promise<ReplayCounts> {
  const bar = new SingleBar(
    { format: '{bar} {percentage}% | {value}/{total} | {duration_formatted}', hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(plan.actions.length, 0);
  try {
    return await replay(client, coalition, plan.actions, { concurrency, onDone: () => bar.increment() });
  } finally {
    bar.stop();
  }
}

async function report(client: GraphqlClient, operator: string): Promise<boolean> {
  const { positions } = await client.send<{ positions: PositionsAnswer }>(operator, replayOperations.report);
  const { ledgerCheck } = await client.send<{ ledgerCheck: LedgerCheckAnswer }>(
    operator,
    replayOperations.ledgerCheck,
  );
  console.log(`\n${positionsTable(positions)}\n\n${ledgerLines(positions, ledgerCheck)}`);
  return ledgerCheck.ok;
}

/** The system was started here, so its key is at hand: an operator's token for the length of a replay. */
async function mintOperatorToken(): Promise<string> {
  const issuer = await openTokenIssuer();
  return issuer.sign({ kind: 'OPERATOR', subject: 'replay' }, 6 * 3600);
}

async function main(): Promise<number> {
  const options = readOptions();
  const operator = process.env['OPERATOR_TOKEN'] ?? (await mintOperatorToken());
  const file = await readRetailFile(options.file);
  const plan = planReplay(file.invoices.slice(0, options.invoices));
  const client = createGraphqlClient(options.url, options.concurrency);
  const coalition = await openCoalition(client, operator, plan.countries);
  const [started, before] = [performance.now(), client.requests()];
  const counts = await send(client, coalition, plan, options.concurrency);
  const speed = { requests: client.requests() - before, seconds: (performance.now() - started) / 1000 };
  const whole = await report(client, operator);
  console.log(`\n${summary(file, plan, counts, speed)}`);
  for (const line of faultLines(file.malformed, counts.failed)) console.log(line);
  await coalition.close();
  await client.close();
  if (counts.failed.length > 0 || !whole) return 1;
  return file.malformed.length > 0 ? 2 : 0;
}

main().then(
  (status) => process.exit(status),
  (error: Error) => {
    console.error(`replay: ${printable(error.message)}`);
    process.exit(1);
  },
);
