import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import type { Collection } from '../storage/collection.ts';
import { decodeDocument, MAX_DOCUMENT_BYTES, tooLarge } from '../storage/record.ts';
import { whenUnblocked } from '../transactions/waiting.ts';
import { insertDocument } from '../transactions/writer.ts';
import { documentsOf, namespaceOf } from './arguments.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';
import { deadlineOf } from './cursors.ts';
import { runStatements } from './statements.ts';
import { collectionForWrite } from './target.ts';

const MAX_STATEMENTS = 100_000;

/** A document to insert and, when the client sent it as a sequence, its bytes. */
interface Incoming {
  readonly doc: Document;
  readonly raw: Uint8Array | undefined;
}

/** `insert`. */
export const insert: CommandDefinition = {
  fields: ['documents', 'ordered', 'bypassDocumentValidation', 'stmtId', 'stmtIds'],
  inTransaction: true,
  writes: true,
  run: async (context) => {
    const ns = namespaceOf(context.db, context.command, 'insert');
    const documents = incoming(context);
    const deadline = deadlineOf(context);
    let n = 0;
    const writeErrors = await runStatements(context, documents, async (item) => {
      checkDocument(item);
      await whenUnblocked(() => insertOne(context, collectionForWrite(context, ns), item), deadline);
      n++;
    });
    return answer({ n, ...(writeErrors.length > 0 && { writeErrors }), ok: 1 });
  },
};

function insertOne(context: CommandContext, collection: Collection, item: Incoming): void {
  insertDocument(context.writer, collection, item.doc, item.raw);
}

function incoming({ command, sequences }: CommandContext): Incoming[] {
  const sequence = sequences.get('documents');
  const documents: Incoming[] = sequence
    ? // The message's buffer is let go, so the bytes kept are copied out of it.
      sequence.map((raw) => ({ doc: decodeDocument(raw), raw: Buffer.from(raw) }))
    : documentsOf(command['documents'], 'documents').map((doc) => ({ doc, raw: undefined }));
  if (documents.length < 1 || documents.length > MAX_STATEMENTS) {
    throw new ServerError(
      16,
      `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${documents.length} operations.`,
    );
  }
  return documents;
}

/** Refuses what cannot be stored: too many bytes, or an `_id` of a kind that cannot identify. */
function checkDocument({ doc, raw }: Incoming): void {
  if (raw !== undefined && raw.length > MAX_DOCUMENT_BYTES) throw tooLarge(raw.length);
  checkId(doc['_id']);
}

/** Fails with 53 when a value cannot be an `_id`. */
export function checkId(id: unknown): void {
  if (Array.isArray(id)) throw new ServerError(53, "The '_id' value cannot be of type array");
  if ((id as Document | null | undefined)?.['_bsontype'] === 'BSONRegExp') {
    throw new ServerError(53, "The '_id' value cannot be of type regex");
  }
}
