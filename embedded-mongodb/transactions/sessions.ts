import { type Binary, type Document, Long, serialize } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { decodeDocument } from '../storage/record.ts';
import type { Store } from '../storage/store.ts';
import { abortTransaction, beginTransaction, type Transaction } from './transaction.ts';

/** Minutes without a command after which a session is forgotten, as announced by hello. */
export const SESSION_TIMEOUT_MINUTES = 30;
/** A tenth of a real server's, because each takes memory until it expires. */
const MAX_SESSIONS = 100_000;
const TRANSACTION_IDLE_MS = 60_000;
/**
 * A transaction whose client has gone is aborted after this, where a real server waits for the 60 s above: a
 * crashed process of a try-out must not block the next one for a minute.
 */
const ORPHAN_MS = 3_000;

/** A logical session: at most one transaction or retryable write at a time, numbered upwards by the client. */
export interface Session {
  readonly id: string;
  txnNumber: bigint;
  /** What the number stands for. */
  kind: 'none' | 'retryable' | 'transaction';
  /** The answer, or the answer to be, of the retryable write of this number. */
  reply: Promise<Document> | undefined;
  transaction: Transaction | undefined;
  /** How the transaction of this number ended. */
  outcome: 'open' | 'committed' | 'aborted';
  lastUsed: number;
  /** Whether each connection that the transaction was driven over is closed. */
  readonly connections: Set<() => boolean>;
}

/** All sessions of a server by id. */
export interface Sessions {
  readonly store: Store;
  readonly byId: Map<string, Session>;
}

/** The session that a command's `lsid` names. */
export function sessionOf(sessions: Sessions, lsid: Document): Session {
  const id = sessionId(lsid);
  let session = sessions.byId.get(id);
  if (session === undefined) {
    if (sessions.byId.size >= MAX_SESSIONS)
      throw new ServerError(261, `cannot add session into the cache: there are ${MAX_SESSIONS} already`);
    session = newSession(id, -1n, 'none');
    sessions.byId.set(id, session);
  }
  session.lastUsed = Date.now();
  return session;
}

/** The text under which a session is kept. */
export function sessionId(lsid: Document): string {
  const id = lsid['id'] as Binary | undefined;
  if (id?._bsontype !== 'Binary')
    throw new ServerError(40414, "BSON field 'lsid.id' is missing but a required field");
  return Buffer.from(id.buffer).toString('hex', 0, id.position);
}

function newSession(id: string, txnNumber: bigint, kind: Session['kind']): Session {
  return {
    id,
    txnNumber,
    kind,
    reply: undefined,
    transaction: undefined,
    outcome: 'aborted',
    lastUsed: Date.now(),
    connections: new Set(),
  };
}

/** Moves the session to a number, ending what an earlier number left open. Fails with 225 when it is in the past. */
export function advanceSession(sessions: Sessions, session: Session, number: bigint): void {
  if (number < session.txnNumber) {
    const message = `Cannot start transaction with number ${number} on session ${session.id} because a newer transaction ${session.txnNumber} has already started.`;
    throw new ServerError(225, message);
  }
  if (session.transaction) endSessionTransaction(sessions, session);
  session.txnNumber = number;
  session.kind = 'none';
  session.reply = undefined;
  session.connections.clear();
}

/** The transaction that a command with `autocommit: false` belongs to. */
export function transactionOf(
  sessions: Sessions,
  session: Session,
  number: bigint,
  start: boolean,
): Transaction | undefined {
  if (start) return startTransaction(sessions, session, number);
  if (session.txnNumber !== number || session.kind !== 'transaction') throw noSuchTransaction(number);
  return session.transaction;
}

/** The error for a transaction that the server does not have, or no longer. */
export function noSuchTransaction(number: bigint): ServerError {
  return new ServerError(
    251,
    `Given transaction number ${number} does not match any in-progress transactions.`,
    {
      errorLabels: ['TransientTransactionError'],
    },
  );
}

function startTransaction(sessions: Sessions, session: Session, number: bigint): Transaction {
  if (number === session.txnNumber && session.kind !== 'none') {
    throw new ServerError(
      117,
      `Cannot start a transaction at given transaction number ${number}: it was used before.`,
    );
  }
  advanceSession(sessions, session, number);
  session.kind = 'transaction';
  session.outcome = 'open';
  session.transaction = beginTransaction(sessions.store);
  return session.transaction;
}

/** Aborts the session's open transaction, if there is one. */
export function endSessionTransaction(sessions: Sessions, session: Session): void {
  if (session.transaction === undefined) return;
  abortTransaction(sessions.store, session.transaction);
  session.transaction = undefined;
  session.outcome = 'aborted';
}

/** Forgets a session and aborts what it left open. */
export function forgetSession(sessions: Sessions, session: Session): void {
  endSessionTransaction(sessions, session);
  sessions.byId.delete(session.id);
  if (session.txnNumber >= 0n) sessions.store.journal.putSession(session.id, undefined);
}

/** Aborts transactions left alone and forgets sessions not used for long. Call now and then. */
export function sweepSessions(sessions: Sessions, now: number, onExpired: (id: string) => void): void {
  for (const session of sessions.byId.values()) {
    const idle = now - session.lastUsed;
    const orphaned = [...session.connections].every((closed) => closed());
    if (session.transaction && idle > (orphaned ? ORPHAN_MS : TRANSACTION_IDLE_MS)) {
      endSessionTransaction(sessions, session);
    }
    if (idle <= SESSION_TIMEOUT_MINUTES * 60_000) continue;
    forgetSession(sessions, session);
    onExpired(session.id);
  }
}

/** Keeps with the commit that the session's number is done, so that a repeat after a restart applies nothing twice. */
export function journalSession(store: Store, session: Session, reply: Document | undefined): void {
  const state = {
    txnNumber: Long.fromBigInt(session.txnNumber),
    kind: session.kind,
    at: new Date(session.lastUsed),
    ...(reply && { reply }),
  };
  store.journal.putSession(session.id, serialize(state));
}

/** Takes up a session that the journal kept. */
export function restoreSession(byId: Map<string, Session>, id: string, bytes: Uint8Array): void {
  const state = decodeDocument(bytes);
  const session = newSession(id, (state['txnNumber'] as Long).toBigInt(), state['kind']);
  session.outcome = 'committed';
  session.lastUsed = (state['at'] as Date).getTime();
  if (state['reply']) session.reply = Promise.resolve(state['reply'] as Document);
  byId.set(id, session);
}
