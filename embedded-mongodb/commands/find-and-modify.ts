import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { compileProjection } from '../query/projection.ts';
import type { Search } from '../storage/search.ts';
import type { Reply } from '../wire/reply.ts';
import { documentField, documentsOf, flagOf, namespaceOf } from './arguments.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';
import { deadlineOf } from './cursors.ts';
import { searchOf } from './find.ts';
import { removeOne, updateOne } from './modify.ts';
import { beforeStatement } from './retryable-write.ts';

/** `findAndModify`, which changes one document and answers with it. */
export const findAndModify: CommandDefinition = {
  fields: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'arrayFilters',
    'hint',
    'collation',
    'let',
    'bypassDocumentValidation',
    'stmtId',
  ],
  inTransaction: true,
  writes: true,
  run: async (context) => {
    const { command } = context;
    const remove = flagOf(command, 'remove');
    if (remove && command['update'] !== undefined)
      throw new ServerError(9, 'Cannot specify both an update and remove=true');
    if (remove && flagOf(command, 'upsert'))
      throw new ServerError(9, 'Cannot specify both upsert=true and remove=true');
    if (remove && flagOf(command, 'new')) {
      throw new ServerError(
        9,
        "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
      );
    }
    if (!remove && command['update'] === undefined)
      throw new ServerError(9, 'Either an update or remove=true must be specified');
    const search = { ...searchOf(command, context.now, 'query'), limit: 1 };
    const ns = namespaceOf(context.db, command, context.name);
    await beforeStatement(context, 0);
    return remove ? runRemove(context, ns, search) : runUpdate(context, ns, search);
  },
};

async function runRemove(context: CommandContext, ns: string, search: Search): Promise<Reply> {
  const project = projectorOf(context.command, search);
  const removed = await removeOne(context, { ns, search, deadline: deadlineOf(context) });
  return answer({
    lastErrorObject: { n: removed ? 1 : 0 },
    value: removed ? project(removed) : null,
    ok: 1,
  });
}

async function runUpdate(context: CommandContext, ns: string, search: Search): Promise<Reply> {
  const { command } = context;
  const filters = command['arrayFilters'];
  // Made before the write, so that a bad projection fails without one.
  const project = projectorOf(command, search);
  const outcome = await updateOne(context, {
    ns,
    search,
    update: command['update'],
    upsert: flagOf(command, 'upsert'),
    arrayFilters: filters === undefined ? undefined : documentsOf(filters, 'arrayFilters'),
    deadline: deadlineOf(context),
  });
  const value = flagOf(command, 'new') ? outcome.after : outcome.before;
  return answer({
    lastErrorObject: {
      n: outcome.after ? 1 : 0,
      updatedExisting: outcome.after !== undefined && !outcome.upserted,
      ...(outcome.upserted && { upserted: outcome.after?.['_id'] }),
    },
    value: value ? project(value) : null,
    ok: 1,
  });
}

function projectorOf(command: Document, search: Search): (doc: Document) => Document {
  const fields = documentField(command, 'fields');
  if (fields === undefined || Object.keys(fields).length === 0) return (doc) => doc;
  return compileProjection(fields, { ...search.options, filter: search.filter });
}
