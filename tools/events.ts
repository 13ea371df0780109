// npm run events: lists the events that a subscriber keeps refusing, and hands them over again.

import { subgraphNames } from '../schema/subgraphs.ts';
import { readConfig, StartError } from '../subgraphs/shared/config.ts';
import { replayParked } from '../subgraphs/shared/events/park-event.ts';
import type { ParkedEvent, ParkedStore } from '../subgraphs/shared/events/parked-store.ts';
import { defineTelling } from '../subgraphs/shared/events/start-relay.ts';
import { connectMongo, inTransaction } from '../subgraphs/shared/mongo.ts';
import { openStore, storeConfig } from './open-store.ts';
import { printable } from './printable.ts';

const usage = `npm run events [-- --replay [ID]]

Lists the events that were set aside because their subscriber, another subgraph or the webhooks, refused them again and again:
who tells them, to whom, since when and why. --replay hands them over again, all or the one with an id, after those that were
delivered meanwhile; a relay of the running system takes them from there. Looks at MONGODB_URI (and DATABASE_PREFIX) or, without
it, at the embedded database of DATA_FOLDER (./data), whether npm start is using it or not. Exit status: 0 nothing is set aside
(any more), 1 something is, 2 it could not be looked at.`;

const readAtOnce = 1_000;

const describe = (teller: string, { event, subscriber, parkedAt, failures, reason }: ParkedEvent): string =>
  printable(
    `${event.id}  ${event.type}  ${teller} to ${subscriber}  since ${parkedAt.toISOString()}  ${failures} times: ${reason}`,
  );

/** All that was set aside, the longest parked first. */
async function* allParked({ list }: ParkedStore): AsyncGenerator<ParkedEvent> {
  let page: ParkedEvent[] = [];
  do {
    page = await list(readAtOnce, page.at(-1) ?? null);
    yield* page;
  } while (page.length === readAtOnce);
}

/** Lists or replays what one subgraph has set aside; gives how many events stay so. */
async function visit(teller: string, uri: string, database: string, replay: string | true | null) {
  const connection = await connectMongo(uri, database);
  try {
    const { outbox, parked } = defineTelling(connection, {});
    const ports = {
      outbox,
      parked,
      inTransaction: <T>(work: () => Promise<T>) => inTransaction(connection, work),
    };
    let left = 0;
    for await (const one of allParked(parked)) {
      const wanted = replay === true || replay === one.event.id;
      const again = wanted && (await replayParked(ports, one.subscriber, one.event.id));
      console.log(`${again ? 'handed over again: ' : ''}${describe(teller, one)}`);
      if (!again) left += 1;
    }
    return left;
  } finally {
    await connection.close();
  }
}

function readReplay(args: readonly string[]): string | true | null {
  const at = args.indexOf('--replay');
  return at < 0 ? null : (args[at + 1] ?? true);
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usage);
    return 0;
  }
  const { MONGODB_URI, DATABASE_PREFIX } = readConfig(storeConfig, process.env);
  const store = await openStore(MONGODB_URI, process.env['DATA_FOLDER'] ?? 'data');
  try {
    let left = 0;
    for (const name of subgraphNames)
      left += await visit(name, store.uri, `${DATABASE_PREFIX}-${name}`, readReplay(args));
    if (left === 0) console.log('No event is set aside.');
    return left === 0 ? 0 : 1;
  } finally {
    await store.stop();
  }
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const told = error instanceof StartError ? error.message : String((error as Error)?.stack ?? error);
    console.error(`events: ${told}`);
    process.exit(2);
  },
);
