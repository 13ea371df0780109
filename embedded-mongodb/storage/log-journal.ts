import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError, damaged, lockFolder } from './data-folder.ts';
import type { Journal } from './journal.ts';
import { type Compaction, type Content, startCompaction } from './log-compaction.ts';
import { collectionEntry, type LogReader, readEntries, recordEntry, sessionEntry } from './log-entries.ts';
import { type LogFile, openLog } from './log-file.ts';

/** What the journal needs of whoever keeps the content. */
export interface JournalOwner extends LogReader {
  /** The collections and documents as they are now, with their size in bytes, to write the log anew from. */
  content(): Content;
  bytes(): number;
  /** The journal cannot be written: nothing more may be acknowledged or read. */
  failed(error: unknown): void;
  warn(message: string): void;
}

/** How much a log may outgrow twice its content before it is written anew. */
const SLACK_BYTES = 32 * 1024 * 1024;

/** Opens the journal in a folder and hands over what it holds. Fails with `DataFolderError`. */
export async function openJournal(
  folder: string,
  owner: JournalOwner,
  slack: number = SLACK_BYTES,
): Promise<Journal> {
  const lock = await lockFolder(folder);
  try {
    const path = join(folder, 'data.log');
    refuseOlder(folder, path);
    const sessions = new Map<string, Uint8Array>();
    const log = await readLog(path, owner, sessions);
    return writingJournal({ path, log, owner, sessions, slack, unlock: lock.release });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function refuseOlder(folder: string, path: string): void {
  if (existsSync(path) || !existsSync(join(folder, 'data.mdb'))) return;
  throw new DataFolderError(
    'unusable',
    `the data folder ${folder} was written by an earlier version, which kept its data in data.mdb; name another folder, or move it away to start empty`,
  );
}

async function readLog(
  path: string,
  owner: JournalOwner,
  sessions: Map<string, Uint8Array>,
): Promise<LogFile> {
  const reader: LogReader = {
    collection: owner.collection,
    record: owner.record,
    session: (id, state) => {
      if (state) sessions.set(id, state);
      else sessions.delete(id);
      owner.session(id, state);
    },
  };
  try {
    return await openLog(path, (payload) => readEntries(payload, reader));
  } catch (error) {
    if (error instanceof DataFolderError) throw error;
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw damaged(path, String(error));
    throw new DataFolderError(
      'unusable',
      `the data in ${path} cannot be opened: ${(error as Error).message}`,
    );
  }
}

interface Opened {
  readonly path: string;
  log: LogFile;
  readonly owner: JournalOwner;
  /** What the log holds of sessions, which nobody else keeps in this form. */
  readonly sessions: Map<string, Uint8Array>;
  readonly slack: number;
  readonly unlock: () => Promise<void>;
}

/**
 * Group commit: what comes while one batch is being written goes into the next. What was put in one go is in one
 * batch, because the queue is taken as a whole and only between turns of the event loop.
 */
function writingJournal(opened: Opened): Journal {
  const { owner, sessions } = opened;
  const compactor = compactorOf(opened, () => {
    if (!closed) next ??= current.then(turn).then(writeQueue);
  });
  let queue: Uint8Array[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  let closed = false;
  const put = (entry: Uint8Array[]): void => {
    // A command cut off by the end of the server: nobody will be told that it was done.
    if (closed) return;
    queue.push(...entry);
    next ??= current.then(turn).then(writeQueue);
  };
  const writeQueue = async (): Promise<void> => {
    const batch = queue;
    queue = [];
    current = next as Promise<void>;
    next = undefined;
    try {
      compactor.batchTaken(batch);
      if (batch.length > 0) {
        await opened.log.append(batch);
        await opened.log.sync();
      }
      await compactor.batchWritten();
    } catch (error) {
      owner.failed(error);
      throw error;
    }
  };
  return {
    putRecord: (collection, rid, raw) => put(recordEntry(collection, rid, raw)),
    putCollection: (id, meta) => put(collectionEntry(id, meta)),
    putSession: (id, state) => {
      if (state) sessions.set(id, state);
      else sessions.delete(id);
      put(sessionEntry(id, state));
    },
    flushed: () => next ?? current,
    close: async () => {
      closed = true;
      await (next ?? current);
      await compactor.stop();
      await opened.log.close();
      await opened.unlock();
    },
  };
}

interface Compactor {
  /** Call when a batch has been taken: content and log are at the same point then. */
  batchTaken(batch: readonly Uint8Array[]): void;
  /** Call when it is on disk and before the next one is taken. */
  batchWritten(): Promise<void>;
  stop(): Promise<void>;
}

/** Writes the log anew when it has outgrown its content; `wake` makes a batch, if only an empty one, be written. */
function compactorOf(opened: Opened, wake: () => void): Compactor {
  const { owner, path } = opened;
  let running: Compaction | undefined;
  let limit = 2 * owner.bytes() + opened.slack;
  const giveUp = async (error: unknown): Promise<void> => {
    owner.warn(`the journal cannot be written anew and goes on growing: ${String(error)}`);
    limit = 2 * opened.log.length();
    const given = running;
    running = undefined;
    await given?.cancel();
  };
  return {
    batchTaken: (batch) => {
      if (running) running.follow(batch);
      else if (opened.log.length() > limit) {
        const content = withSessions(owner.content(), opened.sessions);
        running = startCompaction(path, content, (error) => (error ? void giveUp(error) : wake()));
      }
    },
    batchWritten: async () => {
      if (!running?.ready()) return;
      try {
        await running.catchUp();
      } catch (error) {
        return giveUp(error);
      }
      opened.log = await running.replace(opened.log);
      running = undefined;
      limit = 2 * opened.log.length() + opened.slack;
    },
    stop: async () => {
      await running?.cancel();
    },
  };
}

/** Lets the rest of this turn of the event loop, with all its replies on the way, join the batch. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function withSessions(content: Content, sessions: ReadonlyMap<string, Uint8Array>): Content {
  const remembered = [...sessions].map(([id, state]) => sessionEntry(id, state));
  return {
    entries: function* entries() {
      yield* remembered;
      yield* content.entries();
    },
    release: content.release,
  };
}
