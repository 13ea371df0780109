import { type Document, Long, UUID } from 'bson';
import { until } from '../../support/until.ts';
import { type RawClient, rawClient } from '../wire/raw-client.ts';
import { checkAfterKill } from './kill-checks.ts';
import { type Random, randomly } from './randomly.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** What the clients know of what they wrote. */
export interface Ledger {
  /** Documents inserted alone: true once answered. */
  readonly singles: Map<number, boolean>;
  /** Transactions by number: true once the commit was answered. */
  readonly transactions: Map<number, boolean>;
  /** Increments of each counter that were answered. */
  readonly counted: number[];
  /** What was on its way when the server was killed: the message to repeat, and what to do with the answer. */
  readonly unanswered: { message: Document; settle: (reply: Document) => void }[];
  readonly figures: Record<string, number>;
}

export const WRITERS = 3;
const START_AGAIN = 2;
/** More documents than one part of a flush or of a message would hold. */
export const LARGE = 300;

/** Kills the server again and again while it is written to, and looks after each time at what is there. */
export async function runKills(
  folder: string,
  seed: number,
  kills: number,
  onKill: (figures: Readonly<Record<string, number>>) => void = () => {},
): Promise<Record<string, number>> {
  const random = randomly(seed);
  const ledger: Ledger = {
    singles: new Map(),
    transactions: new Map(),
    counted: Array(WRITERS).fill(0),
    unanswered: [],
    figures: { kills: 0 },
  };
  for (let round = 0; round <= kills; round++) {
    // With little slack the journal is being written anew most of the time.
    const slack = random() < 0.5 ? ['--slack', '50000'] : [];
    const server = await startServer(['--data', folder, ...slack]);
    if (server.uri === undefined) throw new Error(`the server did not start: ${server.output()}`);
    try {
      await checkAfterKill(server.uri, ledger);
      if (round % START_AGAIN === START_AGAIN - 1) await removeAll(server.uri, ledger);
      if (round < kills) await workUntilKilled(server, ledger, round, random);
      onKill(ledger.figures);
    } finally {
      server.child.kill('SIGKILL');
      await server.ended;
    }
  }
  return ledger.figures;
}

/** Leaves a journal of many times its content, which is then soon to be written anew. */
async function removeAll(uri: string, ledger: Ledger): Promise<void> {
  const client = await rawClient(uri);
  for (const name of ['singles', 'parts', 'numbers'])
    await client.command({ delete: name, deletes: [{ q: {}, limit: 0 }], $db: 'k' });
  client.close();
  ledger.singles.clear();
  ledger.transactions.clear();
}

interface Work {
  readonly client: RawClient;
  readonly ledger: Ledger;
  readonly random: Random;
  next: number;
  killed: boolean;
}

async function workUntilKilled(
  server: ServerProcess,
  ledger: Ledger,
  round: number,
  random: Random,
): Promise<void> {
  const uri = server.uri as string;
  const jobs = [
    insertAlone,
    insertAlone,
    increment,
    increment,
    increment,
    inTransaction,
    inTransaction,
    largeTransaction,
  ];
  const works = await Promise.all(
    jobs.map(async (_, i) => ({
      client: await rawClient(uri),
      ledger,
      random,
      next: (round * jobs.length + i) * 100_000,
      killed: false,
    })),
  );
  const running = jobs.map((job, i) => untilKilled(works[i] as Work, job, i));
  // By what was answered, not by the clock: a slow machine is not killed before it has done anything.
  const enough = answers(ledger) + 10 + random.below(150);
  await until(() => answers(ledger) >= enough);
  await new Promise((resolve) => setTimeout(resolve, random.below(20)));
  const gone = works.map(({ client }) => new Promise((resolve) => client.socket.once('close', resolve)));
  server.child.kill('SIGKILL');
  await Promise.all(gone);
  await Promise.all(running);
  count(ledger, 'kills');
}

type Job = (work: Work, writer: number) => Promise<void>;

class Killed extends Error {}

async function untilKilled(work: Work, job: Job, writer: number): Promise<void> {
  try {
    for (;;) await job(work, writer);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
}

/** Sends a command; fails with `Killed` when the connection ends before the answer. */
async function ask(work: Work, command: Document): Promise<Document> {
  const { socket } = work.client;
  let onClose = (): void => {};
  const closed = new Promise<never>((_, reject) => {
    onClose = () => reject(new Killed());
    socket.once('close', onClose);
  });
  closed.catch(() => {});
  if (socket.destroyed) throw new Killed();
  const reply = await Promise.race([work.client.command({ ...command, $db: command['$db'] ?? 'k' }), closed]);
  socket.off('close', onClose);
  return reply;
}

function answers({ figures }: Ledger): number {
  return Object.values(figures).reduce((sum, times) => sum + times, 0);
}

export function count(ledger: Ledger, what: string): void {
  ledger.figures[what] = (ledger.figures[what] ?? 0) + 1;
}

async function insertAlone(work: Work): Promise<void> {
  const { ledger, random } = work;
  const _id = work.next++;
  ledger.singles.set(_id, false);
  const reply = await ask(work, {
    insert: 'singles',
    documents: [{ _id, mod: _id % 7, pad: 'x'.repeat(random.below(3_000)) }],
  });
  if (reply['n'] !== 1) throw new Error(`the insert failed: ${JSON.stringify(reply)}`);
  ledger.singles.set(_id, true);
  count(ledger, 'inserts');
}

/** A retryable write: repeated after the kill, under its number, it has to count once. */
async function increment(work: Work, job: number): Promise<void> {
  const { ledger } = work;
  const writer = job % WRITERS;
  const message = {
    update: 'counters',
    updates: [{ q: { _id: writer }, u: { $inc: { n: 1, key: 1 } }, upsert: true }],
    lsid: { id: new UUID() },
    txnNumber: Long.ONE,
    $db: 'k',
  };
  const settle = (reply: Document): void => {
    if (reply['n'] !== 1) throw new Error(`the increment failed: ${JSON.stringify(reply)}`);
    ledger.counted[writer] = (ledger.counted[writer] as number) + 1;
    count(ledger, 'increments');
  };
  await settled(work, message, settle);
}

/** Sends what is repeated after a kill, and settles with the answer, now or then. */
async function settled(work: Work, message: Document, settle: (reply: Document) => void): Promise<void> {
  const entry = { message, settle };
  work.ledger.unanswered.push(entry);
  const reply = await ask(work, message);
  work.ledger.unanswered.splice(work.ledger.unanswered.indexOf(entry), 1);
  settle(reply);
}

function inTransaction(work: Work): Promise<void> {
  return transaction(work, 1 + work.random.below(4));
}

async function largeTransaction(work: Work): Promise<void> {
  await transaction(work, LARGE);
  await new Promise((resolve) => setTimeout(resolve, 150));
}

/** Inserts documents, counts them in another collection, removes an older transaction's: all or nothing. */
async function transaction(work: Work, size: number): Promise<void> {
  const { ledger } = work;
  const number = work.next++;
  const own = { lsid: { id: new UUID() }, txnNumber: Long.ONE, autocommit: false };
  const documents = Array.from({ length: size }, (_, part) => ({
    _id: number * 10_000 + part,
    number,
    part,
    size,
  }));
  await ask(work, { insert: 'parts', documents, ...own, startTransaction: true });
  await ask(work, { insert: 'numbers', documents: [{ _id: number, size }], ...own });
  await settled(work, { commitTransaction: 1, ...own, $db: 'admin' }, (reply) => {
    ledger.transactions.set(number, reply['ok'] === 1);
    if (reply['ok'] !== 1 && reply['code'] !== 251)
      throw new Error(`the commit failed: ${JSON.stringify(reply)}`);
    count(ledger, reply['ok'] === 1 ? 'commits' : 'commits that were not');
  });
}
