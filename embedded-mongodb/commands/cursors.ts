import { randomBytes } from 'node:crypto';
import { type Document, Long } from 'bson';
import { ServerError } from '../bson/errors.ts';
import type { Transaction } from '../transactions/transaction.ts';
import type { Reply } from '../wire/reply.ts';
import { checkFields, countOf, documentField, integerOf, namespaceOf, wrongType } from './arguments.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';

/** Encoded documents on their way to a client; undefined means "nothing yet", so that others get their turn. */
export type DocumentSource = Iterator<Uint8Array | undefined> | AsyncIterator<Uint8Array | undefined>;

/** An open cursor. */
export interface ServerCursor {
  /** Zero until the first batch turned out not to be the last. */
  id: Long;
  readonly ns: string;
  readonly source: DocumentSource;
  readonly sessionId: string | undefined;
  readonly transaction: Transaction | undefined;
  readonly release: () => void;
  readonly timesOut: boolean;
  /** A document that did not fit in the batch before. */
  held: Uint8Array | undefined;
  lastUsed: number;
  busy: boolean;
  closed: boolean;
}

/** The open cursors of a server by id. */
export type Cursors = Map<string, ServerCursor>;

/** How a cursor is to be opened. */
export interface CursorOptions {
  readonly ns: string;
  /** Further fields of the first answer's cursor. */
  readonly more?: Document | undefined;
  /** Documents in the first batch; 101 when absent, as in the server. */
  readonly batchSize?: number | undefined;
  readonly singleBatch?: boolean;
  readonly timesOut?: boolean;
  readonly release: () => void;
}

const DEFAULT_BATCH = 101;
const MAX_BATCH_BYTES = 16 * 1024 * 1024;
const IDLE_MS = 10 * 60_000;
const SLICE_MS = 8;

/** Answers with the first batch, and keeps the cursor when there is more. */
export async function openCursor(
  context: CommandContext,
  source: DocumentSource,
  options: CursorOptions,
): Promise<Reply> {
  const cursor: ServerCursor = {
    id: Long.ZERO,
    ns: options.ns,
    source,
    sessionId: context.session?.id,
    transaction: context.transaction,
    release: options.release,
    timesOut: options.timesOut ?? true,
    held: undefined,
    lastUsed: Date.now(),
    busy: false,
    closed: false,
  };
  try {
    const { documents, done } = await fillBatch(context, cursor, options.batchSize ?? DEFAULT_BATCH);
    const open = !done && !options.singleBatch;
    if (open) {
      cursor.id = newCursorId();
      context.engine.cursors.set(cursor.id.toString(), cursor);
    } else closeCursor(cursor);
    const body = { cursor: { id: cursor.id, ns: cursor.ns, ...options.more }, ok: 1 };
    return { body, batch: { field: 'firstBatch', documents } };
  } catch (error) {
    closeCursor(cursor);
    throw error;
  }
}

function newCursorId(): Long {
  const id = randomBytes(8).readBigUInt64BE() >> 2n;
  return Long.fromBigInt(id + 1n);
}

function closeCursor(cursor: ServerCursor): void {
  cursor.closed = true;
  cursor.release();
  void cursor.source.return?.();
}

/** Draws documents until the batch is full, pausing so that a long scan does not hold up the server. */
async function fillBatch(
  context: CommandContext,
  cursor: ServerCursor,
  size: number,
): Promise<{ documents: Uint8Array[]; done: boolean }> {
  const documents: Uint8Array[] = [];
  const deadline = deadlineOf(context);
  let bytes = 0;
  let sliceEnd = performance.now() + SLICE_MS;
  if (cursor.held !== undefined && size > 0) {
    documents.push(cursor.held);
    bytes = cursor.held.length;
    cursor.held = undefined;
  }
  for (let drawn = 1; documents.length < size; drawn++) {
    const step = cursor.source.next();
    const { value, done } = step instanceof Promise ? await step : step;
    refuseStopped(cursor);
    if (done) return { documents, done: true };
    if (value !== undefined) {
      bytes += value.length + 16;
      if (bytes > MAX_BATCH_BYTES && documents.length > 0) {
        cursor.held = value;
        return { documents, done: false };
      }
      documents.push(value);
    }
    if ((value === undefined || drawn % 64 === 0) && performance.now() > sliceEnd) {
      if (Date.now() > deadline) throw new ServerError(50, 'operation exceeded time limit');
      await new Promise((resolve) => setImmediate(resolve));
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
  return { documents, done: false };
}

/** While a batch paused, its snapshot may have been given up: what would be read on is not one state of the data. */
function refuseStopped(cursor: ServerCursor): void {
  if (cursor.closed) throw new ServerError(237, `cursor id ${cursor.id.toString()} was killed`);
  if (cursor.transaction && cursor.transaction.state !== 'open')
    throw new ServerError(251, 'The transaction of this cursor was ended while a batch was read.', {
      errorLabels: ['TransientTransactionError'],
    });
}

/** When `maxTimeMS` runs out. */
export function deadlineOf(context: CommandContext): number {
  const limit = countOf(context.command, 'maxTimeMS');
  return limit ? context.now.getTime() + limit : Number.POSITIVE_INFINITY;
}

/** The next batch of an open cursor. */
export const getMore: CommandDefinition = {
  fields: ['collection', 'batchSize'],
  inTransaction: true,
  run: async (context) => {
    const { command, engine, db } = context;
    const id = cursorId(command['getMore']);
    const ns = namespaceOf(db, command, 'collection');
    const cursor = engine.cursors.get(id);
    if (cursor === undefined) throw new ServerError(43, `cursor id ${id} not found`);
    if (cursor.ns !== ns)
      throw new ServerError(
        13,
        `Requested getMore on namespace '${ns}', but cursor belongs to a different namespace ${cursor.ns}`,
      );
    if (cursor.transaction !== context.transaction) {
      throw new ServerError(
        50740,
        `Cannot run getMore on cursor ${id}, which was created in another transaction`,
      );
    }
    if (cursor.busy) throw new ServerError(12051, `cursor id ${id} is already in use`);
    cursor.busy = true;
    try {
      const size = integerOf(command, 'batchSize') || Number.POSITIVE_INFINITY;
      const { documents, done } = await fillBatch(context, cursor, size);
      if (done) dropCursor(engine.cursors, id);
      const body = { cursor: { id: done ? Long.ZERO : cursor.id, ns }, ok: 1 };
      return { body, batch: { field: 'nextBatch', documents } };
    } catch (error) {
      dropCursor(engine.cursors, id);
      throw error;
    } finally {
      cursor.busy = false;
      cursor.lastUsed = Date.now();
    }
  },
};

function cursorId(value: unknown): string {
  return value === undefined || value === null ? '0' : String(value);
}

/** Closes cursors by id. */
export const killCursors: CommandDefinition = {
  fields: ['cursors'],
  inTransaction: true,
  run: ({ command, engine }) => {
    const asked: unknown = command['cursors'];
    if (!Array.isArray(asked)) throw wrongType('killCursors.cursors', asked, 'array');
    const killed = asked.filter((id) => dropCursor(engine.cursors, cursorId(id)));
    const missing = asked.filter((id) => !killed.includes(id));
    return answer({
      cursorsKilled: killed,
      cursorsNotFound: missing,
      cursorsAlive: [],
      cursorsUnknown: [],
      ok: 1,
    });
  },
};

function dropCursor(cursors: Cursors, id: string): boolean {
  const cursor = cursors.get(id);
  if (cursor === undefined) return false;
  cursors.delete(id);
  closeCursor(cursor);
  return true;
}

/** Closes cursors not used for ten minutes, and those of transactions that have ended. */
export function sweepCursors(cursors: Cursors, now: number): void {
  for (const [id, cursor] of cursors) {
    const ended = cursor.transaction !== undefined && cursor.transaction.state !== 'open';
    const idle = cursor.timesOut && now - cursor.lastUsed > IDLE_MS;
    if (!cursor.busy && (ended || idle)) dropCursor(cursors, id);
  }
}

/** Closes the cursors of a session. */
export function dropCursorsOf(cursors: Cursors, sessionId: string): void {
  for (const [id, cursor] of cursors) if (cursor.sessionId === sessionId) dropCursor(cursors, id);
}

/** The `cursor: { batchSize }` argument of aggregate and its like. */
export function cursorArgument(command: Document): number | undefined {
  const cursor = documentField(command, 'cursor');
  if (cursor === undefined) return undefined;
  checkFields(cursor, 'cursor', new Set(['batchSize']));
  return countOf(cursor, 'batchSize');
}
