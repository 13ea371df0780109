import type { Document, Long } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { bsonType } from '../bson/value.ts';
import {
  endSessionTransaction,
  noSuchTransaction,
  type Session,
  sessionOf,
  transactionOf,
} from '../transactions/sessions.ts';
import type { Transaction } from '../transactions/transaction.ts';
import type { Request } from '../wire/framing.ts';
import type { Reply } from '../wire/reply.ts';
import { checkConcerns, checkFields, unsatisfiedConcern, wrongType } from './arguments.ts';
import { clusterFields } from './cluster-time.ts';
import type { CommandContext, CommandDefinition, ConnectionInfo, Engine } from './context.ts';
import { labelled } from './error-labels.ts';
import { errorReply } from './error-reply.ts';
import { type Failure, failureOf } from './fail-command.ts';
import { checkReadConcern } from './read-concern.ts';
import { COMMANDS } from './registry.ts';
import { runOnce } from './retryable-write.ts';

/** The connection is to be closed instead of an answer being sent. */
export class CloseConnection extends Error {}

const fieldSets = new Map<string, ReadonlySet<string>>();
const TRANSACTION_ENDS = new Set(['commitTransaction', 'abortTransaction']);

/** Runs one command and answers it; every failure becomes the reply that a real server would send. */
export async function executeCommand(
  engine: Engine,
  connection: ConnectionInfo,
  request: Request,
): Promise<Reply> {
  const { command } = request;
  const name = Object.keys(command)[0] ?? '';
  let reply: Reply;
  try {
    reply = await runNamed(engine, connection, request, name);
  } catch (error) {
    if (error instanceof CloseConnection) throw error;
    reply = { body: labelled(errorReply(error), command, name) };
  }
  return { ...reply, body: { ...reply.body, ...clusterFields() } };
}

async function runNamed(
  engine: Engine,
  connection: ConnectionInfo,
  request: Request,
  name: string,
): Promise<Reply> {
  const { command } = request;
  const definition = COMMANDS.get(name);
  if (definition === undefined) throw new ServerError(59, `no such command: '${name}'`);
  if (typeof command['$db'] !== 'string')
    throw new ServerError(40414, 'OP_MSG requests require a $db argument');
  const failure = engine.failpoints && (await failureOf(engine.failpoints, connection, name, command));
  if (failure?.close) throw new CloseConnection();
  // What never ran has not touched the transaction that it would have belonged to.
  if (failure?.reply) return { body: failure.reply };
  const session = command['lsid'] ? sessionOf(engine.sessions, command['lsid']) : undefined;
  try {
    if (!definition.anyFields) checkFields(command, name, fieldsOf(name, definition), true);
    checkConcerns(command);
    checkReadConcern(command, name);
    const unsatisfied = definition.writes ? unsatisfiedConcern(command) : undefined;
    const reply = await runInSession(engine, connection, request, name, definition, session);
    // What an open transaction wrote is in no journal yet: it waits for nobody's flush but that of its commit.
    if (definition.writes && !session?.transaction) await engine.store.journal.flushed();
    return withConcernError(reply, failure, unsatisfied);
  } catch (error) {
    if (command['autocommit'] === false && session !== undefined) abortAfter(engine, session, command, name);
    throw error;
  }
}

function withConcernError(
  reply: Reply,
  failure: Failure | undefined,
  unsatisfied: Document | undefined,
): Reply {
  const addition = failure?.addition ?? (unsatisfied && { writeConcernError: unsatisfied });
  return addition ? { ...reply, body: { ...reply.body, ...addition } } : reply;
}

/** Any error inside a transaction ends it, except from the commands that end it themselves. */
function abortAfter(engine: Engine, session: Session, command: Document, name: string): void {
  if (TRANSACTION_ENDS.has(name) || session.txnNumber !== numberOf(command)) return;
  endSessionTransaction(engine.sessions, session);
}

async function runInSession(
  engine: Engine,
  connection: ConnectionInfo,
  request: Request,
  name: string,
  definition: CommandDefinition,
  session: Session | undefined,
): Promise<Reply> {
  const { command } = request;
  const context = contextOf(engine, connection, request, name, session);
  if (command['txnNumber'] === undefined) return definition.run(context);
  if (session === undefined)
    throw new ServerError(72, 'Transaction number requires a session ID to be specified');
  if (command['autocommit'] !== false)
    return runOnce(context, session, numberOf(command), () => definition.run(context));
  const transaction = enterTransaction(engine, connection, session, command, name, definition);
  const reply = await definition.run({
    ...context,
    transaction,
    writer: { store: engine.store, transaction },
  });
  // Ended from elsewhere while the command paused, it may have read more than one state of the data.
  const endedElsewhere = transaction?.state === 'aborted' && !reply.body['writeErrors'];
  if (endedElsewhere && !TRANSACTION_ENDS.has(name)) throw noSuchTransaction(session.txnNumber);
  return reply;
}

function contextOf(
  engine: Engine,
  connection: ConnectionInfo,
  { command, sequences }: Request,
  name: string,
  session: Session | undefined,
): CommandContext {
  return {
    engine,
    connection,
    name,
    db: command['$db'] as string,
    command,
    sequences,
    session,
    transaction: undefined,
    writer: { store: engine.store, transaction: undefined },
    now: new Date(),
  };
}

function enterTransaction(
  engine: Engine,
  connection: ConnectionInfo,
  session: Session,
  command: Document,
  name: string,
  definition: CommandDefinition,
): Transaction | undefined {
  const number = numberOf(command);
  if (!definition.inTransaction) {
    throw new ServerError(263, `Cannot run '${name}' in a multi-document transaction.`);
  }
  if (command['writeConcern'] !== undefined && !TRANSACTION_ENDS.has(name)) {
    throw new ServerError(72, 'writeConcern is not allowed within a multi-statement transaction');
  }
  const start = command['startTransaction'] === true;
  if (!start && command['readConcern'] !== undefined && !TRANSACTION_ENDS.has(name)) {
    throw new ServerError(72, 'Only the first command in a transaction may specify a readConcern');
  }
  const transaction = transactionOf(engine.sessions, session, number, start);
  if (start && transaction) transaction.readLevel = command['readConcern']?.['level'];
  session.connections.add(connection.closed);
  if (TRANSACTION_ENDS.has(name)) return transaction;
  if (session.outcome === 'committed') {
    throw new ServerError(256, `Transaction with { txnNumber: ${number} } has been committed.`);
  }
  if (transaction === undefined) throw noSuchTransaction(number);
  return transaction;
}

function numberOf(command: Document): bigint {
  const number: unknown = command['txnNumber'];
  if (number === undefined) throw new ServerError(72, 'a transaction needs a txnNumber');
  if (bsonType(number) !== 'Long') throw wrongType('txnNumber', number, 'long');
  return (number as Long).toBigInt();
}

function fieldsOf(name: string, definition: CommandDefinition): ReadonlySet<string> {
  let fields = fieldSets.get(name);
  if (fields === undefined) {
    fields = new Set([name, ...definition.fields]);
    fieldSets.set(name, fields);
  }
  return fields;
}
