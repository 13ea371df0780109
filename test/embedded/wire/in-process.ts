import { type Document, deserialize } from 'bson';
import type { ConnectionInfo, Engine } from '../../../embedded-mongodb/commands/context.ts';
import { type Journal, memoryJournal } from '../../../embedded-mongodb/storage/journal.ts';
import { emptyStore } from '../../../embedded-mongodb/storage/store.ts';
import { answerTo } from '../../../embedded-mongodb/wire/connection.ts';
import { opMsg } from './raw-client.ts';

/** A connection to a server in this process. */
export interface LocalConnection {
  /** Answers the bytes of one message; throws when a server would close the connection. */
  send(message: Buffer): Promise<Buffer | undefined>;
  command(body: Document): Promise<Document>;
  /** From here on the server takes its client for gone. */
  close(): void;
}

/** A server without sockets and timers: what is sent to it runs in this process, and time passes when a test says so. */
export interface InProcess extends LocalConnection {
  readonly engine: Engine;
  connect(): LocalConnection;
}

/** Makes an empty server, in memory or over a journal. */
export function inProcess(journal: Journal = memoryJournal()): InProcess {
  const store = emptyStore(journal);
  const engine: Engine = {
    store,
    sessions: { store, byId: new Map() },
    cursors: new Map(),
    snapshots: new Map(),
    failpoints: undefined,
    address: () => '127.0.0.1:27017',
    startedAt: new Date(),
    connections: { current: 1, total: 1 },
  };
  const connect = (): LocalConnection => connectionTo(engine);
  return { engine, connect, ...connect() };
}

function connectionTo(engine: Engine): LocalConnection {
  let closed = false;
  const close = (): void => {
    closed = true;
  };
  const info: ConnectionInfo = {
    id: 1,
    remote: '127.0.0.1:1',
    closed: () => closed,
    close,
    appName: undefined,
  };
  const send = (message: Buffer): Promise<Buffer | undefined> => answerTo(engine, info, message);
  return {
    send,
    command: async (body) => deserialize((await send(opMsg(body)))?.subarray(21) as Buffer),
    close,
  };
}
