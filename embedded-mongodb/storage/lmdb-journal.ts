import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Document, Int32, serialize } from 'bson';
import type { RootDatabase } from 'lmdb';
import { checkDataFile, DataFolderError, damaged, lockFolder } from './data-folder.ts';
import type { CollectionMeta, Journal } from './journal.ts';
import { decodeDocument } from './record.ts';

/** What a journal held when it was opened, in the order: format, collections, their records, sessions. */
export interface JournalContent {
  collection(meta: CollectionMeta): void;
  record(collection: number, rid: number, raw: Uint8Array): void;
  session(id: string, state: Uint8Array): void;
}

type Database = RootDatabase<Buffer, Buffer>;

const FORMAT = 'jifen embedded-mongodb 1';
const KIND = { format: 0x01, collection: 0x63, record: 0x72, session: 0x73 } as const;

/**
 * Opens the journal in a folder and hands over what it holds. lmdb is loaded only here, so that memory mode needs
 * no native code. Fails with `DataFolderError`.
 */
export async function openJournal(
  folder: string,
  content: JournalContent,
  onFailure: (error: unknown) => void,
): Promise<Journal> {
  const lock = await lockFolder(folder);
  const path = join(folder, 'data.mdb');
  try {
    const database = await openDatabase(folder, path);
    readAll(database, path, content);
    return writingJournal(database, lock.release, onFailure);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openDatabase(folder: string, path: string): Promise<Database> {
  checkDataFile(path);
  const { open } = await loadLmdb();
  try {
    // Without overlapping syncs the promise of a batch settles only when it is on disk.
    const database = open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      overlappingSync: false,
    });
    return database;
  } catch (error) {
    throw damaged(path, (error as Error).message);
  }
}

async function loadLmdb(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb');
  } catch (error) {
    const message = (error as Error).message.split('\n')[0];
    throw new DataFolderError(
      'unusable',
      `the lmdb package cannot be loaded (${message}); run in memory, or set MONGODB_URI`,
    );
  }
}

function readAll(database: Database, path: string, content: JournalContent): void {
  let formatSeen = false;
  let empty = true;
  for (const { key, value } of database.getRange({})) {
    empty = false;
    const body = checked(value, path);
    if (key[0] === KIND.format) formatSeen = body.toString() === FORMAT;
    else if (!formatSeen) throw damaged(path, 'it is not a journal of this server');
    else hand(key, body, content);
  }
  if (!formatSeen && !empty) throw damaged(path, 'it is not a journal of this server');
}

function hand(key: Buffer, body: Buffer, content: JournalContent): void {
  if (key[0] === KIND.collection) content.collection(metaOf(decodeDocument(body)));
  else if (key[0] === KIND.record) content.record(key.readUInt32BE(1), key.readUIntBE(5, 6), body);
  else content.session(key.toString('latin1', 1), body);
}

/** Every value starts with a checksum of the rest, so that a damaged page is noticed and not served. */
function checked(value: Buffer, path: string): Buffer {
  const body = value.subarray(4);
  if (value.length < 4 || crc32(body) !== value.readUInt32BE(0))
    throw damaged(path, 'a checksum does not match');
  return body;
}

function sealed(body: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(body.length + 4);
  out.set(body, 4);
  out.writeUInt32BE(crc32(body), 0);
  return out;
}

function metaOf(doc: Document): CollectionMeta {
  return {
    id: (doc['id'] as Int32).value,
    ns: doc['ns'],
    uuid: doc['uuid'].buffer,
    options: doc['options'],
    indexes: doc['indexes'],
  };
}

/**
 * Group commit: what comes while one batch is being written goes into the next. What was put in one go is in one
 * batch, because the queue is taken as a whole and only between turns of the event loop.
 */
function writingJournal(
  database: Database,
  unlock: () => Promise<void>,
  onFailure: (error: unknown) => void,
): Journal {
  let queue: [Buffer, Buffer | undefined][] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  let closed = false;
  const put = (key: Buffer, body: Uint8Array | undefined): void => {
    // A command cut off by the end of the server: nobody will be told that it was done.
    if (closed) return;
    queue.push([key, body && sealed(body)]);
    next ??= current.then(turn).then(writeQueue);
  };
  const writeQueue = async (): Promise<void> => {
    const batch = queue;
    queue = [];
    current = next as Promise<void>;
    next = undefined;
    try {
      await database.batch(() => {
        for (const [key, value] of batch) {
          if (value === undefined) void database.remove(key);
          else void database.put(key, value);
        }
      });
    } catch (error) {
      onFailure(error);
      throw error;
    }
  };
  put(Buffer.of(KIND.format), Buffer.from(FORMAT));
  return {
    putRecord: (collection, rid, raw) => put(recordKey(collection, rid), raw),
    putCollection: (id, meta) => put(collectionKey(id), meta && serialize({ ...meta, id: new Int32(id) })),
    putSession: (id, state) => put(Buffer.from(`${String.fromCharCode(KIND.session)}${id}`, 'latin1'), state),
    flushed: () => next ?? current,
    close: async () => {
      closed = true;
      await (next ?? current);
      await database.close();
      await unlock();
    },
  };
}

/** Lets the rest of this turn of the event loop, with all its replies on the way, join the batch. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function collectionKey(id: number): Buffer {
  const key = Buffer.alloc(5);
  key[0] = KIND.collection;
  key.writeUInt32BE(id, 1);
  return key;
}

function recordKey(collection: number, rid: number): Buffer {
  const key = Buffer.alloc(11);
  key[0] = KIND.record;
  key.writeUInt32BE(collection, 1);
  key.writeUIntBE(rid, 5, 6);
  return key;
}
