import { type Document, deserialize } from 'bson';
import type { ConnectionInfo, Engine } from '../../../embedded-mongodb/commands/context.ts';
import { memoryJournal } from '../../../embedded-mongodb/storage/journal.ts';
import { emptyStore } from '../../../embedded-mongodb/storage/store.ts';
import { answerTo } from '../../../embedded-mongodb/wire/connection.ts';
import { opMsg } from './raw-client.ts';

/** A server without sockets and timers: what is sent to it runs in this process, and time passes when a test says so. */
export interface InProcess {
  readonly engine: Engine;
  /** Answers the bytes of one message; throws when a server would close the connection. */
  send(message: Buffer): Promise<Buffer | undefined>;
  command(body: Document): Promise<Document>;
}

/** Makes an empty server in memory. */
export function inProcess(): InProcess {
  const store = emptyStore(memoryJournal());
  const engine: Engine = {
    store,
    sessions: { store, byId: new Map() },
    cursors: new Map(),
    failpoints: undefined,
    address: () => '127.0.0.1:27017',
    startedAt: new Date(),
    connections: { current: 1, total: 1 },
  };
  const connection: ConnectionInfo = { id: 1, remote: '127.0.0.1:1', closed: () => false };
  const send = (message: Buffer): Promise<Buffer | undefined> => answerTo(engine, connection, message);
  return {
    engine,
    send,
    command: async (body) => deserialize((await send(opMsg(body)))?.subarray(21) as Buffer),
  };
}
