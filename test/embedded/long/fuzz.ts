import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Document, deserialize } from 'bson';
import { ServerError } from '../../../embedded-mongodb/bson/errors.ts';
import { dropCursorsOf, sweepCursors } from '../../../embedded-mongodb/commands/cursors.ts';
import { CloseConnection } from '../../../embedded-mongodb/commands/execute.ts';
import { sweepSessions } from '../../../embedded-mongodb/transactions/sessions.ts';
import { messageLength } from '../../../embedded-mongodb/wire/framing.ts';
import { type InProcess, inProcess } from '../wire/in-process.ts';
import { mutate } from './mutate.ts';
import { randomly } from './randomly.ts';
import { seedMessages } from './seed-messages.ts';

/** What came of the messages. */
export interface FuzzReport {
  readonly answered: number;
  readonly refused: number;
  /** Connections that would have been closed. */
  readonly closed: number;
  /** Messages of which more would have had to come. */
  readonly incomplete: number;
  /** What must not be, each once, with a message that does it: what it said, and its bytes. */
  readonly findings: ReadonlyMap<string, string>;
  /** Bytes of heap after the first part and at the end, garbage collected. */
  readonly heap: readonly [number, number];
}

const RESET_EVERY = 1_000;
const HANG_MS = 20_000;
const DAY_MS = 86_400_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Sends mutated messages to a server in this process. `onMessage` hears of each before it is sent. */
export async function fuzz(
  seed: number,
  messages: number,
  onMessage: (message: Buffer) => void = () => {},
): Promise<FuzzReport> {
  const random = randomly(seed);
  const seeds = seedMessages();
  const counts = { answered: 0, refused: 0, closed: 0, incomplete: 0 };
  const findings = new Map<string, string>();
  const note: Note = (what, message, said = '') => {
    if (!findings.has(what)) findings.set(what, `${said} ${message.toString('hex')}`);
  };
  const server = inProcess();
  let early = 0;
  for (let i = 0; i < messages; i++) {
    if (i % RESET_EVERY === 0) await reset(server, seeds, note);
    if (i === Math.min(messages >> 1, 20_000)) early = heapInUse();
    const message = mutate(seeds, random);
    onMessage(message);
    const outcome = await outcomeOf(server, message, note);
    counts[outcome]++;
  }
  await reset(server, seeds, note);
  return { ...counts, findings, heap: [early, heapInUse()] };
}

function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

type Outcome = 'answered' | 'refused' | 'closed' | 'incomplete';
type Note = (what: string, message: Buffer, said?: string) => void;

async function outcomeOf(server: InProcess, bytes: Buffer, note: Note): Promise<Outcome> {
  try {
    const length = messageLength(bytes);
    if (length === undefined || length > bytes.length) return 'incomplete';
    const message = bytes.subarray(0, length);
    const answer = await inTime(server, server.send(message));
    if (answer === 'hangs') note('hangs', message);
    else if (answer !== undefined) return judge(bodyOf(answer), message, note);
    return 'answered';
  } catch (error) {
    if (!(error instanceof ServerError) && !(error instanceof CloseConnection) && !isShort(error))
      note(`throws ${(error as Error).stack?.split('\n').slice(0, 3).join(' ')}`, bytes);
    return 'closed';
  }
}

/** A header that ends before its fields do: there is no message to answer. */
function isShort(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_OUT_OF_RANGE';
}

function bodyOf(answer: Buffer): Document {
  return deserialize(answer.subarray(answer.readInt32LE(12) === 1 ? 36 : 21));
}

function judge(body: Document, message: Buffer, note: Note): Outcome {
  if (body['ok'] === 1) return 'answered';
  if (body['code'] === 8 || typeof body['code'] !== 'number') {
    // One finding a place in our code, whatever the message says.
    const [what = '', ...places] = String(body['errmsg']).split('\n');
    const place = places.find((one) => one.includes('embedded-mongodb/'))?.trim();
    note(`fails inside ${place ?? what}`, message, what.slice(0, 200));
  }
  return 'refused';
}

/** The answer, or that there is none. A write that waits for a transaction gets it when that has timed out. */
async function inTime(
  server: InProcess,
  answer: Promise<Buffer | undefined>,
): Promise<Buffer | undefined | 'hangs'> {
  let settled = false;
  const watched = answer.finally(() => {
    settled = true;
  });
  watched.catch(() => {});
  for (let turns = 0; turns < 100 && !settled; turns++) await new Promise((done) => setImmediate(done));
  if (settled) return watched;
  pass(server, 61_000);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'hangs'>((done) => {
    timer = setTimeout(() => done('hangs'), HANG_MS);
  });
  try {
    return await Promise.race([watched, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets time pass for the server, as its sweeper would. */
function pass({ engine }: InProcess, ms: number): void {
  const now = Date.now() + ms;
  sweepSessions(engine.sessions, now, (id) => dropCursorsOf(engine.cursors, id));
  sweepCursors(engine.cursors, now);
}

/** Lets everything time out, looks for what stayed, and begins with the same data again. */
async function reset(server: InProcess, seeds: readonly Buffer[], note: Note): Promise<void> {
  const { store, cursors, sessions } = server.engine;
  pass(server, DAY_MS);
  const none = Buffer.alloc(0);
  // Cursors asked not to time out, outside of a session, are the client's to close.
  for (const cursor of cursors.values()) if (cursor.timesOut) note('a cursor stayed', none);
  await server.command({ killCursors: 'c', cursors: [...cursors.values()].map(({ id }) => id), $db: 't' });
  if (store.snapshots.size > 0) note('a snapshot stayed', none);
  if (sessions.byId.size > 0) note('a session stayed', none);
  for (const { locks } of store.catalog.values()) if (locks.size > 0) note('a lock stayed', none);
  const databases = new Set([...store.catalog.keys()].map((ns) => ns.slice(0, ns.indexOf('.'))));
  for (const $db of databases) await server.command({ dropDatabase: 1, $db });
  for (const message of seeds.slice(0, 12)) await server.send(message);
}
