import { ServerError } from '../bson/errors.ts';
import {
  endSessionTransaction,
  forgetSession,
  journalSession,
  noSuchTransaction,
  type Session,
  sessionId,
} from '../transactions/sessions.ts';
import { commitTransaction as commitStore, hasWrites, takenName } from '../transactions/transaction.ts';
import { writeConflict } from '../transactions/writer.ts';
import { documentsOf } from './arguments.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';
import { dropCursorsOf } from './cursors.ts';

function requireSession({ session, command }: CommandContext): Session {
  if (session === undefined || command['txnNumber'] === undefined || command['autocommit'] !== false) {
    throw new ServerError(
      72,
      'commitTransaction and abortTransaction need lsid, txnNumber and autocommit: false',
    );
  }
  return session;
}

/** `commitTransaction`. Repeating it after it succeeded succeeds again, which is what retries rely on. */
export const commitTransaction: CommandDefinition = {
  fields: ['recoveryToken', 'coordinator'],
  inTransaction: true,
  writes: true,
  run: (context) => {
    const session = requireSession(context);
    if (session.transaction) {
      const { store, sessions } = context.engine;
      const taken = takenName(store, session.transaction);
      if (taken !== undefined) {
        endSessionTransaction(sessions, session);
        throw writeConflict(`The collection ${taken} was created by others too.`);
      }
      const wrote = hasWrites(session.transaction);
      commitStore(store, session.transaction);
      session.transaction = undefined;
      session.outcome = 'committed';
      if (wrote) journalSession(store, session, undefined);
    } else if (session.outcome !== 'committed') throw noSuchTransaction(session.txnNumber);
    return answer({ ok: 1 });
  },
};

/** `abortTransaction`. */
export const abortTransaction: CommandDefinition = {
  fields: ['recoveryToken', 'coordinator'],
  inTransaction: true,
  run: (context) => {
    const session = requireSession(context);
    if (session.outcome === 'committed') {
      throw new ServerError(256, `Transaction with { txnNumber: ${session.txnNumber} } has been committed.`);
    }
    if (session.transaction === undefined) throw noSuchTransaction(session.txnNumber);
    endSessionTransaction(context.engine.sessions, session);
    return answer({ ok: 1 });
  },
};

function endSessions({ engine, command, name }: CommandContext): void {
  for (const lsid of documentsOf(command[name], name)) {
    const id = sessionId(lsid);
    const session = engine.sessions.byId.get(id);
    dropCursorsOf(engine.cursors, id);
    if (session) forgetSession(engine.sessions, session);
  }
}

/** `endSessions`, and `killSessions`, which does the same here. */
export const endSessionsCommand: CommandDefinition = {
  fields: [],
  writes: true,
  run: (context) => {
    endSessions(context);
    return answer({ ok: 1 });
  },
};

/** `refreshSessions`. */
export const refreshSessions: CommandDefinition = {
  fields: [],
  run: ({ engine, command }) => {
    for (const lsid of documentsOf(command['refreshSessions'], 'refreshSessions')) {
      const session = engine.sessions.byId.get(sessionId(lsid));
      if (session) session.lastUsed = Date.now();
    }
    return answer({ ok: 1 });
  },
};

/** `killAllSessions`: all of them, whoever they belong to, because there are no users. */
export const killAllSessions: CommandDefinition = {
  fields: [],
  writes: true,
  run: ({ engine }) => {
    for (const session of [...engine.sessions.byId.values()]) {
      dropCursorsOf(engine.cursors, session.id);
      forgetSession(engine.sessions, session);
    }
    return answer({ ok: 1 });
  },
};
