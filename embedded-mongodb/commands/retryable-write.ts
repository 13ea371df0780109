import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { advanceSession, journalSession, noSuchTransaction, type Session } from '../transactions/sessions.ts';
import type { Reply } from '../wire/reply.ts';
import type { CommandContext, ConnectionInfo } from './context.ts';
import { type FailPoints, strikes } from './failpoints.ts';

/** Runs a retryable write: a repeat of the number gets the first answer, even while the first is on its way. */
export async function runOnce(
  { engine, connection }: Pick<CommandContext, 'engine' | 'connection'>,
  session: Session,
  number: bigint,
  run: () => Reply | Promise<Reply>,
): Promise<Reply> {
  if (number === session.txnNumber && session.kind === 'transaction') throw noSuchTransaction(number);
  if (number === session.txnNumber && session.reply) {
    return { body: await unlessStopped(stoppable.get(session)?.goOn(connection), session.reply) };
  }
  advanceSession(engine.sessions, session, number);
  session.kind = 'retryable';
  const stopped = engine.failpoints?.has(FAIL_POINT) ? makeStoppable(session, connection) : undefined;
  if (stopped === undefined) stoppable.delete(session);
  const attempt = (async () => {
    const { body } = await run();
    journalSession(engine.store, session, body);
    return body;
  })();
  session.reply = attempt;
  attempt.catch(() => {
    if (session.reply === attempt) session.reply = undefined;
  });
  return { body: await unlessStopped(stopped, attempt) };
}

function unlessStopped(stopped: Promise<never> | undefined, reply: Promise<Document>): Promise<Document> {
  return stopped ? Promise.race([reply, stopped]) : reply;
}

const FAIL_POINT = 'onPrimaryTransactionalWrite';

/** A retryable write that a fail point may stop between two statements: it goes on when it is sent again. */
interface StoppableWrite {
  /** The connection that the write came over last. */
  connection: ConnectionInfo;
  /** Answers the present request with an error; settles when the write is sent again. */
  readonly stop: (error: ServerError) => Promise<void>;
  /** Lets a stopped write go on; what it gives rejects when the write is stopped once more. */
  readonly goOn: (connection: ConnectionInfo) => Promise<never>;
}

/** The sessions whose present retryable write began while the fail point was on. */
const stoppable = new WeakMap<Session, StoppableWrite>();

/** Makes the write that a session is about to begin a stoppable one; what it gives rejects when the write is stopped. */
function makeStoppable(session: Session, connection: ConnectionInfo): Promise<never> {
  let fail = (_error: ServerError): void => {};
  let resume = (): void => {};
  const untilStopped = (): Promise<never> =>
    new Promise((_, reject) => {
      fail = reject;
    });
  const write: StoppableWrite = {
    connection,
    stop: (error) => {
      fail(error);
      return new Promise((resolve) => {
        resume = resolve;
      });
    },
    goOn: (next) => {
      write.connection = next;
      const stopped = untilStopped();
      resume();
      return stopped;
    },
  };
  stoppable.set(session, write);
  return untilStopped();
}

/**
 * Consults `onPrimaryTransactionalWrite` before the statement at a position of a retryable write. It may close the
 * connection, which loses the answer, and it may stop the write, which loses nothing that was done before. The documents
 * of an insert are one statement to it.
 */
export function beforeStatement(context: CommandContext, position: number): Promise<void> | undefined {
  const { engine, session, transaction, name } = context;
  if (engine.failpoints === undefined || session === undefined || transaction !== undefined) return undefined;
  const write = stoppable.get(session);
  if (write === undefined || (name === 'insert' && position > 0)) return undefined;
  return stopWhileStruck(engine.failpoints, write);
}

async function stopWhileStruck(points: FailPoints, write: StoppableWrite): Promise<void> {
  for (;;) {
    const point = points.get(FAIL_POINT);
    if (point === undefined || !strikes(point)) return;
    if (point.data['closeConnection'] !== false) write.connection.close();
    const code = point.data['failBeforeCommitExceptionCode'];
    if (code === undefined) return;
    await write.stop(new ServerError(Number(code), `Failing the write via '${FAIL_POINT}' failpoint`));
  }
}
