import { rm } from 'node:fs/promises';
import { createLog, type LogFile, replaceLog } from './log-file.ts';

/** All that is to be kept, as encoded entries, as it was at one moment. */
export interface Content {
  entries(): Iterable<Uint8Array[]>;
  /** Ends the reading. */
  release(): void;
}

/** A log being written anew, without what was overwritten and removed. */
export interface Compaction {
  /** Takes a batch that was written to the old log after the content was looked at. */
  follow(parts: readonly Uint8Array[]): void;
  /** Whether the content is written and `finish` will be quick. */
  readonly ready: () => boolean;
  /** Brings the new log up to date. The old one must not be written from here on. */
  catchUp(): Promise<void>;
  /** Puts the new log in the place of the old; answers with the new one. */
  replace(old: LogFile): Promise<LogFile>;
  /** Gives up and removes what was written so far. */
  cancel(): Promise<void>;
}

const FRAME_BYTES = 1024 * 1024;

/** Begins to write content to a new log beside the old one; `done` is called when it is ready or has failed. */
export function startCompaction(path: string, content: Content, done: (error?: unknown) => void): Compaction {
  const aside = `${path}.new`;
  const behind: (readonly Uint8Array[])[] = [];
  let state: 'writing' | 'ready' | 'cancelled' = 'writing';
  let log: LogFile | undefined;
  const written = write();

  async function write(): Promise<void> {
    let failure: unknown;
    try {
      await writeContent();
      if (state === 'writing') state = 'ready';
    } catch (error) {
      failure = error;
    } finally {
      content.release();
    }
    done(failure);
  }

  async function writeContent(): Promise<void> {
    log = await createLog(aside);
    let parts: Uint8Array[] = [];
    let bytes = 0;
    for (const entry of content.entries()) {
      for (const part of entry) bytes += part.length;
      parts.push(...entry);
      if (bytes < FRAME_BYTES) continue;
      if (state !== 'writing') return;
      await log.append(parts);
      parts = [];
      bytes = 0;
    }
    await log.append(parts);
    await log.sync();
  }

  return {
    follow: (parts) => behind.push(parts),
    ready: () => state === 'ready',
    catchUp: async () => {
      for (const parts of behind) await log?.append(parts);
      await log?.sync();
    },
    replace: async (old) => {
      await old.close();
      await replaceLog(aside, path);
      return log as LogFile;
    },
    cancel: async () => {
      state = 'cancelled';
      await written;
      await log?.close();
      await rm(aside, { force: true });
    },
  };
}
