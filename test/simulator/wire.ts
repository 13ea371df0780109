import { connect, createServer, type Socket } from 'node:net';
import { listen } from '../../subgraphs/shared/subgraph-server.ts';

/** Commands that change something: between these a process can die with some of its work done. */
const writes = new Set([
  'insert',
  'update',
  'delete',
  'findAndModify',
  'commitTransaction',
  'abortTransaction',
]);

/** Where a process is to die: before its n-th write reaches the database, or after the database has carried it out. */
export interface Death {
  readonly write: number;
  readonly when: 'before' | 'after';
}

/** The only way between one process and the database; cut, nothing of that process ever gets through again. */
export interface Wire {
  /** Connection string of the database behind it. */
  readonly uri: string;
  readonly port: number;
  /** Resolves when it is cut. */
  readonly ended: Promise<void>;
  /** Lets the process die at one of its next writes. */
  arm(death: Death): void;
  /** Takes a death back that has not come. */
  disarm(): void;
  cut(): void;
}

interface Armed extends Death {
  seen: number;
}

/** Whole messages of a stream of them, each with its length in front. */
function messages(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      onMessage(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };
}

/**
 * The name of the command in an OP_MSG: of its body, the section of kind 0 which the driver sends first, the name of the
 * first field.
 */
function commandOf(message: Buffer): string {
  const isMessage = message.readInt32LE(12) === 2013 && message[20] === 0;
  return isMessage ? message.toString('latin1', 26, message.indexOf(0, 26)) : '';
}

/** Opens a wire to the database at `uri`; `onWrite` is told of every write that passes. */
export async function openWire(uri: string, onWrite: () => void = () => {}): Promise<Wire> {
  const { hostname, port: databasePort } = new URL(uri);
  const sockets = new Set<Socket>();
  let armed: Armed | null = null;
  let isCut = false;
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
    server.close();
    end();
  };
  const pipe = (client: Socket): void => {
    if (isCut) return void client.destroy();
    const database = connect(Number(databasePort), hostname);
    let dyingReply = false;
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on(
      'data',
      messages((message) => {
        if (isCut) return;
        if (writes.has(commandOf(message))) {
          if (armed && ++armed.seen === armed.write) {
            if (armed.when === 'before') return cut();
            dyingReply = true;
          }
          onWrite();
        }
        database.write(message);
      }),
    );
    database.on(
      'data',
      messages((message) => {
        if (isCut) return;
        if (dyingReply) cut();
        else client.write(message);
      }),
    );
  };
  const server = createServer(pipe);
  const port = await listen(server as never, '127.0.0.1', 0);
  return {
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true&serverMonitoringMode=poll`,
    port,
    ended,
    arm: (death) => {
      armed = { ...death, seen: 0 };
    },
    disarm: () => {
      armed = null;
    },
    cut,
  };
}
