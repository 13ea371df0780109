import { ServerError } from '../bson/errors.ts';
import { checkFields, integerOf, namespaceOf } from './arguments.ts';
import { answer, type CommandDefinition } from './context.ts';
import { deadlineOf } from './cursors.ts';
import { removeMany, removeOne } from './modify.ts';
import { runStatements } from './statements.ts';
import { statementSearch, statementsOf } from './update.ts';

const STATEMENT = new Set(['q', 'limit', 'collation', 'hint']);

/** `delete`. */
export const deleteCommand: CommandDefinition = {
  fields: ['deletes', 'ordered', 'let', 'stmtId', 'stmtIds'],
  inTransaction: true,
  writes: true,
  run: async (context) => {
    const ns = namespaceOf(context.db, context.command, 'delete');
    const statements = statementsOf(context, 'deletes');
    for (const statement of statements) checkFields(statement, 'delete.deletes', STATEMENT);
    let n = 0;
    const writeErrors = await runStatements(context, statements, async (statement) => {
      const target = { ns, search: statementSearch(context, statement), deadline: deadlineOf(context) };
      const limit = integerOf(statement, 'limit');
      if (limit !== 0 && limit !== 1) {
        throw new ServerError(
          9,
          `The limit field in delete objects must be 0 or 1. Got ${limit ?? 'nothing'}`,
        );
      }
      if (limit === 0) n += await removeMany(context, target);
      else if ((await removeOne(context, target)) !== undefined) n++;
    });
    return answer({ n, ...(writeErrors.length > 0 && { writeErrors }), ok: 1 });
  },
};
