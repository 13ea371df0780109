import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { decodeDocument } from '../storage/record.ts';
import type { Search } from '../storage/search.ts';
import {
  checkFields,
  collationOf,
  documentField,
  documentsOf,
  flagOf,
  hintOf,
  isDocument,
  namespaceOf,
} from './arguments.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';
import { deadlineOf } from './cursors.ts';
import { type UpdateStatement, updateMany, updateOne } from './modify.ts';
import { runStatements } from './statements.ts';

const STATEMENT = new Set(['q', 'u', 'c', 'multi', 'upsert', 'collation', 'arrayFilters', 'hint']);

/** `update`. */
export const update: CommandDefinition = {
  fields: ['updates', 'ordered', 'bypassDocumentValidation', 'let', 'stmtId', 'stmtIds'],
  inTransaction: true,
  writes: true,
  run: async (context) => {
    const ns = namespaceOf(context.db, context.command, 'update');
    const statements = statementsOf(context, 'updates');
    for (const statement of statements) checkFields(statement, 'update.updates', STATEMENT);
    const total = { n: 0, nModified: 0, upserted: [] as Document[] };
    const writeErrors = await runStatements(context, statements, async (raw, index) => {
      const statement = updateStatement(context, ns, raw);
      if (flagOf(raw, 'multi')) await addMany(context, statement, index, total);
      else await addOne(context, statement, index, total);
    });
    return answer({
      n: total.n,
      nModified: total.nModified,
      ...(total.upserted.length > 0 && { upserted: total.upserted }),
      ...(writeErrors.length > 0 && { writeErrors }),
      ok: 1,
    });
  },
};

interface Totals {
  n: number;
  nModified: number;
  readonly upserted: Document[];
}

async function addOne(
  context: CommandContext,
  statement: UpdateStatement,
  index: number,
  total: Totals,
): Promise<void> {
  const outcome = await updateOne(context, statement);
  if (outcome.after === undefined) return;
  total.n++;
  if (outcome.upserted) total.upserted.push({ index, _id: outcome.after['_id'] });
  else if (outcome.changed) total.nModified++;
}

async function addMany(
  context: CommandContext,
  statement: UpdateStatement,
  index: number,
  total: Totals,
): Promise<void> {
  if (isReplacement(statement.update))
    throw new ServerError(9, 'multi update is not supported for replacement-style update');
  const { matched, modified, upserted } = await updateMany(context, statement);
  total.n += upserted ? 1 : matched;
  total.nModified += modified;
  if (upserted) total.upserted.push({ index, _id: upserted['_id'] });
}

function isReplacement(change: Document | Document[]): boolean {
  return !Array.isArray(change) && !(Object.keys(change)[0]?.startsWith('$') ?? false);
}

/** The statements of a write command, from its body or from a document sequence. */
export function statementsOf(
  { command, sequences }: CommandContext,
  field: 'updates' | 'deletes',
): Document[] {
  const statements = sequences.get(field)?.map(decodeDocument) ?? documentsOf(command[field], field);
  if (statements.length < 1 || statements.length > 100_000) {
    throw new ServerError(
      16,
      `Write batch sizes must be between 1 and 100000. Got ${statements.length} operations.`,
    );
  }
  return statements;
}

/** The search of one statement of update or delete. */
export function statementSearch(context: CommandContext, statement: Document): Search {
  const collation = collationOf(statement);
  const filter = documentField(statement, 'q');
  if (filter === undefined) throw new ServerError(40414, "BSON field 'q' is missing but a required field");
  return {
    filter,
    collation,
    hint: hintOf(statement),
    options: { collation, now: context.now, let: documentField(context.command, 'let') },
  };
}

function updateStatement(context: CommandContext, ns: string, raw: Document): UpdateStatement {
  const filters = raw['arrayFilters'];
  if (raw['u'] === undefined)
    throw new ServerError(40414, "BSON field 'update.updates.u' is missing but a required field");
  if (!Array.isArray(raw['u']) && !isDocument(raw['u']))
    throw new ServerError(9, 'Update argument must be either an object or an array');
  return {
    ns,
    search: statementSearch(context, raw),
    update: raw['u'] as Document | Document[],
    upsert: flagOf(raw, 'upsert'),
    arrayFilters: filters === undefined ? undefined : documentsOf(filters, 'arrayFilters'),
    constants: documentField(raw, 'c'),
    deadline: deadlineOf(context),
  };
}
