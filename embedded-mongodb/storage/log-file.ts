import { existsSync, readSync, writeSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { damaged } from './data-folder.ts';
import {
  decodeFrame,
  encodeFrame,
  encodeSlot,
  FRAME_HEAD_BYTES,
  FRAME_TAIL_BYTES,
  HEAD_BYTES,
  type LogPosition,
  newHead,
  payloadLength,
  readHead,
  SLOT_OFFSETS,
} from './log-frames.ts';

/** A log open for appending, by one caller at a time. */
export interface LogFile {
  /** Bytes up to the end of the last frame. */
  length(): number;
  /** Puts a frame at the end; it may be lost until `sync` has resolved. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Resolves when all that was appended is on disk, and notes how much that is. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Makes an empty log file in the place of whatever is there. */
export async function createLog(path: string): Promise<LogFile> {
  const handle = await open(path, 'w+');
  try {
    const { head, seed, start } = newHead();
    await writeAll(handle, head, 0);
    return appendable(handle, seed, start);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Opens a log and hands over the payloads of its frames. What was on disk when that was last noted has to be whole, else
 * it fails with `DataFolderError`. Behind that, a last frame that a crash cut off was never acknowledged: it is dropped.
 */
export async function openLog(path: string, onPayload: (payload: Buffer) => void): Promise<LogFile> {
  // Whatever a crash left half made beside the log was never needed.
  await rm(`${path}.new`, { force: true });
  if (!existsSync(path)) return createFirst(path);
  const handle = await open(path, 'r+');
  try {
    const read = windowOver(handle.fd);
    const head = readHead(read(0, HEAD_BYTES));
    if (typeof head === 'string') throw damaged(path, head);
    const { size } = await handle.stat();
    const end = readFrames(read, size, path, head, onPayload);
    await handle.truncate(end.end);
    return appendable(handle, head.seed, end);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Made aside and renamed, so that a crash leaves no half of a head behind. */
async function createFirst(path: string): Promise<LogFile> {
  const log = await createLog(`${path}.new`);
  await log.sync();
  await replaceLog(`${path}.new`, path);
  return log;
}

/** Gives a log that is on disk the place of another; both files may be open. */
export async function replaceLog(from: string, to: string): Promise<void> {
  await rename(from, to);
  const folder = await open(dirname(to), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Reads bytes at an offset, fewer at the end of the file; they are good until the next reading. */
type Read = (offset: number, length: number) => Buffer;

const WINDOW_BYTES = 4 * 1024 * 1024;

/** Reads ahead, because most frames are small; and at once, because nothing else goes on while a log is opened. */
function windowOver(fd: number): Read {
  let window = Buffer.alloc(0);
  let from = 0;
  return (offset, length) => {
    if (offset < from || offset + length > from + window.length) {
      window = Buffer.allocUnsafe(Math.max(length, WINDOW_BYTES));
      from = offset;
      let filled = 0;
      let got = -1;
      while (filled < window.length && got !== 0) {
        got = readSync(fd, window, filled, window.length - filled, offset + filled);
        filled += got;
      }
      window = window.subarray(0, filled);
    }
    return window.subarray(offset - from, offset - from + length);
  };
}

function readFrames(
  read: Read,
  size: number,
  path: string,
  { seed, confirmed }: { seed: number; confirmed: LogPosition },
  onPayload: (payload: Buffer) => void,
): LogPosition {
  if (size < confirmed.end) throw damaged(path, `${confirmed.end - size} bytes of its end are missing`);
  let position: LogPosition = { end: HEAD_BYTES, checksum: seed };
  for (;;) {
    if (position.end === confirmed.end && position.checksum !== confirmed.checksum)
      throw damaged(path, `what is before byte ${position.end} is not what was written`);
    const found = readFrame(read, position, size);
    if (found === undefined) {
      if (position.end < confirmed.end) throw damaged(path, `the entry at byte ${position.end} was changed`);
      return position;
    }
    onPayload(found.payload);
    position = found.next;
  }
}

function readFrame(
  read: Read,
  position: LogPosition,
  size: number,
): { payload: Buffer; next: LogPosition } | undefined {
  const length = payloadLength(read(position.end, FRAME_HEAD_BYTES), position);
  if (length === undefined) return undefined;
  const bytes = FRAME_HEAD_BYTES + length + FRAME_TAIL_BYTES;
  if (position.end + bytes > size) return undefined;
  return decodeFrame(read(position.end, bytes), position);
}

/** A frame up to this size is copied to the system's cache in microseconds, less than it takes to hand it to another thread. */
const SMALL_BYTES = 64 * 1024;

function writeAllNow(fd: number, bytes: Buffer, offset: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
}

async function writeAll(handle: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}

function appendable(handle: FileHandle, seed: number, start: LogPosition): LogFile {
  let position = start;
  let turn = 0;
  return {
    length: () => position.end,
    append: async (parts) => {
      const { frame, next } = encodeFrame(parts, position);
      if (frame.length <= SMALL_BYTES) writeAllNow(handle.fd, frame, position.end);
      else await writeAll(handle, frame, position.end);
      position = next;
    },
    sync: async () => {
      await handle.datasync();
      // Only now, and without a sync of its own: a note that is behind is safe, one that is ahead would not be.
      turn = 1 - turn;
      writeSync(handle.fd, encodeSlot(position, seed), 0, undefined, SLOT_OFFSETS[turn as 0 | 1]);
    },
    close: () => handle.close(),
  };
}
