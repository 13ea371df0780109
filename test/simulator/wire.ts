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

/** A moment of a process: before its n-th write from now on reaches the database, or after the database has carried it out. */
export interface Moment {
  readonly write: number;
  readonly when: 'before' | 'after';
}

/** What a write is, as it passes. */
export interface Write {
  readonly command: string;
  readonly collection: string;
  /** The whole message, as it goes over the wire. */
  readonly message: Buffer;
}

/** The only way between one process and the database; cut, nothing of that process ever gets through again. */
export interface Wire {
  /** Connection string of the database behind it. */
  readonly uri: string;
  readonly port: number;
  /** Resolves when it is cut. */
  readonly ended: Promise<void>;
  /** Lets the process die at one of its next writes. */
  arm(death: Moment): void;
  /** Lets one of the next writes, or its answer, wait until `until` has come to an end; at the latest the next commit. */
  hold(moment: Moment, until: () => Promise<void>): void;
  /** Takes back what has not come. */
  disarm(): void;
  /** Resolves when the database next tells the process that somebody else's open transaction is in its way. */
  conflict(): Promise<void>;
  cut(): void;
}

interface Armed extends Moment {
  seen: number;
  /** What happens then: the process dies of nothing, and waits for anything else. */
  readonly until: (() => Promise<void>) | null;
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

/** The collection that a write is to: the value of that first field. */
function collectionOf(message: Buffer, command: string): string {
  const value = 26 + command.length + 1;
  return message[25] === 2 ? message.toString('utf8', value + 4, message.indexOf(0, value + 4)) : '';
}

/** The label of what the database refuses as somebody else's transaction is in the way. */
const conflictLabel = 'TransientTransactionError';

/** Opens a wire to the database at `uri`; `onWrite` is told of every write that passes. */
export async function openWire(uri: string, onWrite: (write: Write) => void = () => {}): Promise<Wire> {
  const { hostname, port: databasePort } = new URL(uri);
  const sockets = new Set<Socket>();
  let armed: Armed | null = null;
  let isCut = false;
  let met: (() => void) | null = null;
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
    /** Says what is to happen at this write, if it is the one. */
    const due = (command: string): Armed | null => {
      if (!armed || armed.seen >= armed.write) return null;
      // To be held one needs no more writes than there are; so that it is, the last of a transaction does as well.
      const isLast = armed.until !== null && command === 'commitTransaction';
      armed.seen = isLast ? armed.write : armed.seen + 1;
      return armed.seen === armed.write ? armed : null;
    };
    let answering: Armed | null = null;
    const ask = (message: Buffer): void => void (isCut || database.write(message));
    const answer = (message: Buffer): void => void (isCut || client.write(message));
    client.on(
      'data',
      messages((message) => {
        if (isCut) return;
        const command = commandOf(message);
        if (!writes.has(command)) return ask(message);
        const moment = due(command);
        if (moment?.when === 'before' && !moment.until) return cut();
        onWrite({ command, collection: collectionOf(message, command), message });
        if (moment?.when === 'before') return void moment.until!().then(() => ask(message));
        answering = moment;
        ask(message);
      }),
    );
    database.on(
      'data',
      messages((message) => {
        if (isCut) return;
        if (met && message.includes(conflictLabel)) met();
        const moment = answering;
        answering = null;
        if (!moment) return answer(message);
        if (!moment.until) return cut();
        void moment.until().then(() => answer(message));
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
      armed = { ...death, seen: 0, until: null };
    },
    hold: (moment, until) => {
      armed = { ...moment, seen: 0, until };
    },
    disarm: () => {
      armed = null;
    },
    conflict: () =>
      new Promise((resolve) => {
        met = () => {
          met = null;
          resolve();
        };
      }),
    cut,
  };
}
