import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { endSessionTransaction } from '../transactions/sessions.ts';
import { flagOf } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { writeError } from './error-reply.ts';
import { beforeStatement } from './retryable-write.ts';

/**
 * Runs the statements of a write command one after another. An error of one is reported under its position and,
 * when the command is ordered, ends the command; inside a transaction it ends the transaction.
 */
export async function runStatements<T>(
  context: CommandContext,
  statements: readonly T[],
  run: (statement: T, index: number) => Promise<void>,
): Promise<Document[]> {
  const ordered = flagOf(context.command, 'ordered', true);
  const errors: Document[] = [];
  for (const [index, statement] of statements.entries()) {
    const stop = beforeStatement(context, index);
    if (stop) await stop;
    try {
      await run(statement, index);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      // Conflicts fail the whole command, so that the driver sees their label.
      if (error.code === 112 || error.code === 251) throw error;
      if (context.transaction) abandon(context);
      errors.push(writeError(index, error));
      if (ordered || context.transaction) break;
    }
  }
  return errors;
}

function abandon({ engine, session }: CommandContext): void {
  if (session) endSessionTransaction(engine.sessions, session);
}
