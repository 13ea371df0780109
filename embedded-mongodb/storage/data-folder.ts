import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';

/** Why a data folder cannot be opened; the message is one line for whoever started the server. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly reason: 'in use' | 'damaged' | 'unusable';

  constructor(reason: 'in use' | 'damaged' | 'unusable', message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Holds a data folder for this server alone. */
export interface FolderLock {
  release(): Promise<void>;
}

const ANSWER_MS = 2_000;

/**
 * Takes a folder. The lock file names a loopback port on which the holder repeats the file's secret: a server that
 * was killed cannot answer, whatever process has its number now, so nobody has to clean up after a crash.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  makeFolder(folder);
  const path = join(folder, 'server.lock');
  const secret = randomBytes(16).toString('hex');
  const server = createServer((socket) => socket.on('error', () => {}).end(secret));
  server.unref();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const content = JSON.stringify({ pid: process.pid, port: (server.address() as AddressInfo).port, secret });
  try {
    await takeLockFile(folder, path, content);
  } catch (error) {
    server.close();
    throw error;
  }
  return { release: () => releaseLock(server, path) };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new DataFolderError(
      'unusable',
      `the data folder ${resolve(folder)} cannot be made: ${(error as Error).message}`,
    );
  }
}

async function takeLockFile(folder: string, path: string, content: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    if (tryCreate(path, content)) return;
    const holder = readLock(path);
    if (holder !== undefined && (await answers(holder))) {
      throw new DataFolderError(
        'in use',
        `the data folder ${resolve(folder)} is in use by process ${holder.pid}`,
      );
    }
    rmSync(path, { force: true });
  }
  throw new DataFolderError('in use', `the data folder ${resolve(folder)} is being taken by another server`);
}

function tryCreate(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new DataFolderError('unusable', `the data folder cannot be written: ${(error as Error).message}`);
  }
}

interface LockHolder {
  readonly pid: number;
  readonly port: number;
  readonly secret: string;
}

function readLock(path: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

/** Whether the holder lives. One that takes the call and says nothing is alive but stopped. */
function answers(holder: LockHolder): Promise<boolean> {
  return new Promise((done) => {
    let heard = '';
    const socket = connect(holder.port, '127.0.0.1');
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
    });
    let connected = false;
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('error', () => {});
    socket.on('close', () => done(connected && (heard === holder.secret || heard === '')));
  });
}

async function releaseLock(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  await new Promise((done) => server.close(done));
}

/** The error for data that cannot be trusted. */
export function damaged(path: string, detail = 'it is not a whole journal'): DataFolderError {
  return new DataFolderError(
    'damaged',
    `the data in ${resolve(path)} is damaged (${detail}); restore a copy, or move it away to start empty`,
  );
}
