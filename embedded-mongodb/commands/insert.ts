import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import type { Collection } from '../storage/collection.ts';
import { decodeDocument } from '../storage/record.ts';
import { whenUnblocked } from '../transactions/waiting.ts';
import { insertDocument, insertEncoded } from '../transactions/writer.ts';
import { documentsOf, isDocument, namespaceOf } from './arguments.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';
import { deadlineOf } from './cursors.ts';
import { runStatements } from './statements.ts';
import { collectionForWrite } from './target.ts';

const MAX_STATEMENTS = 100_000;
/** Types of BSON that an `_id` cannot have. */
const [DOCUMENT, ARRAY, REGEX] = [0x03, 0x04, 0x0b];
const DOLLAR = 0x24;

/** A document to insert: its bytes, if the client sent them as a sequence, until they have to be decoded. */
type Incoming = { readonly raw: Buffer } | { readonly doc: Document; readonly raw?: Buffer };

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

function insertOne({ writer }: CommandContext, collection: Collection, item: Incoming): void {
  if ('doc' in item) insertDocument(writer, collection, item.doc, item.raw);
  else insertEncoded(writer, collection, item.raw);
}

function incoming({ command, sequences }: CommandContext): Incoming[] {
  const sequence = sequences.get('documents');
  const documents: Incoming[] = sequence
    ? sequence.map(encoded)
    : documentsOf(command['documents'], 'documents').map((doc) => ({ doc }));
  if (documents.length < 1 || documents.length > MAX_STATEMENTS) {
    throw new ServerError(
      16,
      `Write batch sizes must be between 1 and ${MAX_STATEMENTS}. Got ${documents.length} operations.`,
    );
  }
  return documents;
}

/** The message's buffer is let go, so the bytes kept are copied out of it. */
function encoded(bytes: Uint8Array): Incoming {
  const raw = Buffer.from(bytes);
  return beginsWithId(raw) ? { raw } : { raw, doc: decodeDocument(raw) };
}

/** Whether the first field is an `_id` of a kind that can identify. */
function beginsWithId(raw: Buffer): boolean {
  const named = raw[5] === 0x5f && raw[6] === 0x69 && raw[7] === 0x64 && raw[8] === 0;
  return named && raw[4] !== ARRAY && raw[4] !== REGEX && !(raw[4] === DOCUMENT && holdsDollar(raw));
}

/** Whether there is a dollar anywhere in an `_id` that is a document. */
function holdsDollar(raw: Buffer): boolean {
  const [start, length] = [9, raw.readInt32LE(9)];
  return raw.subarray(start, start + length).includes(DOLLAR);
}

/** Refuses an `_id` of a kind that cannot identify. */
function checkDocument(item: Incoming): void {
  if ('doc' in item) checkId(item.doc['_id']);
}

/** Fails with 53, or 52 for fields that begin with a dollar, when a value cannot be an `_id`. */
export function checkId(id: unknown): void {
  if (isDocument(id)) {
    const field = Object.keys(id).find((key) => key.startsWith('$'));
    if (field !== undefined)
      throw new ServerError(
        52,
        `_id fields may not contain '$'-prefixed fields: ${field} is not valid for storage.`,
      );
  }
  if (Array.isArray(id)) throw new ServerError(53, "The '_id' value cannot be of type array");
  if ((id as Document | null | undefined)?.['_bsontype'] === 'BSONRegExp') {
    throw new ServerError(53, "The '_id' value cannot be of type regex");
  }
}
