import { connect, type Socket } from 'node:net';
import { type Document, deserialize, serialize } from 'bson';

/** A connection on which a test says exactly what it wants to say. */
export interface RawClient {
  readonly socket: Socket;
  /** Sends one OP_MSG and resolves to the reply's body. */
  command(body: Document): Promise<Document>;
  /** The body of the next reply, to what a test writes itself. */
  next(): Promise<Document>;
  close(): void;
}

/** The bytes of an OP_MSG with one body section. */
export function opMsg(body: Document, requestId = 1): Buffer {
  const doc = serialize(body);
  const out = Buffer.alloc(21 + doc.length);
  out.writeInt32LE(out.length, 0);
  out.writeInt32LE(requestId, 4);
  out.writeInt32LE(2013, 12);
  out.set(doc, 21);
  return out;
}

/** Connects to the server of a connection string. */
export async function rawClient(uri: string): Promise<RawClient> {
  const { hostname, port } = new URL(uri);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let received = Buffer.alloc(0);
  const waiting: ((body: Document) => void)[] = [];
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= 16 && received.length >= received.readInt32LE(0)) {
      const length = received.readInt32LE(0);
      waiting.shift()?.(deserialize(received.subarray(21, length)));
      received = received.subarray(length);
    }
  });
  const next = (): Promise<Document> => new Promise((resolve) => waiting.push(resolve));
  return {
    socket,
    command: (body) => {
      const reply = next();
      socket.write(opMsg(body));
      return reply;
    },
    next,
    close: () => socket.destroy(),
  };
}
