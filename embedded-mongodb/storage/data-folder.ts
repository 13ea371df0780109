import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
const WRITTEN_MS = 400;

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
    await takeLock(folder, path, content);
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

const ATTEMPTS = 5;

async function takeLock(folder: string, path: string, content: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (tryCreate(path, content)) return;
    const dead = await deadHolder(folder, path);
    if (dead !== undefined && (await succeed(folder, path, content, [dead]))) return;
  }
  throw new DataFolderError('in use', `the data folder ${resolve(folder)} is being taken by another server`);
}

/**
 * Takes the place of a dead holder. Removing its file would not do: of two that find it at once, the second would
 * remove the first one's. So there is one successor, who makes the one file that is named after the dead one's secret,
 * and gives it the lock file's name. Should it die in between, it has a successor in turn.
 */
async function succeed(
  folder: string,
  path: string,
  content: string,
  dead: readonly [string, ...string[]],
): Promise<boolean> {
  const own = `${path}.${dead.at(-1)}`;
  if (!tryCreate(own, content)) {
    const deadToo = await deadHolder(folder, own);
    return deadToo !== undefined && succeed(folder, path, content, [...dead, deadToo]);
  }
  // Another may have succeeded, and so taken its file away from here, before this one was made.
  if ((await readLock(path))?.secret !== dead[0]) {
    rmSync(own, { force: true });
    return false;
  }
  renameSync(own, path);
  for (const secret of dead.slice(0, -1)) rmSync(`${path}.${secret}`, { force: true });
  return true;
}

/** The secret of a lock file whose holder does not live any more; undefined if the file went meanwhile. */
async function deadHolder(folder: string, path: string): Promise<string | undefined> {
  const holder = await readLock(path);
  if (holder === undefined || !(await answers(holder))) return holder?.secret;
  throw new DataFolderError(
    'in use',
    `the data folder ${resolve(folder)} is in use by process ${holder.pid}`,
  );
}

function tryCreate(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // On a full disk the file may have been made and not been written.
    rmSync(path, { force: true });
    throw new DataFolderError('unusable', `the data folder cannot be written: ${(error as Error).message}`);
  }
}

interface LockHolder {
  readonly pid: number;
  readonly port: number;
  readonly secret: string;
}

const UNREADABLE: LockHolder = { pid: 0, port: 0, secret: 'unreadable' };

/** What a lock file says; undefined if there is none. One just made may be empty for a moment. */
async function readLock(path: string): Promise<LockHolder | undefined> {
  for (let waited = 0; ; waited += 20) {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      if (waited >= WRITTEN_MS) return UNREADABLE;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
}

/** Whether the holder lives. One that takes the call and says nothing is alive but stopped. */
function answers(holder: LockHolder): Promise<boolean> {
  if (!(holder.port > 0 && holder.port < 65536)) return Promise.resolve(false);
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
