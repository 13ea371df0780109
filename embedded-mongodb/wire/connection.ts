import type { Socket } from 'node:net';
import { ServerError } from '../bson/errors.ts';
import type { ConnectionInfo, Engine } from '../commands/context.ts';
import { errorReply } from '../commands/error-reply.ts';
import { executeCommand } from '../commands/execute.ts';
import { MAX_INTERNAL_BYTES, tooLarge } from '../storage/record.ts';
import { expectsReply, messageLength, OP, parseMessage, type Request } from './framing.ts';
import { encodeReply } from './reply.ts';

/** Messages that may wait for their turn on one connection; drivers wait for each answer. */
const MOST_PENDING = 16;
const KEEP_ALIVE_MS = 300_000;
const PROTOCOL_ERROR = 17;

/** Serves one client: reads messages, runs them one after another, writes the answers. */
export function serveConnection(engine: Engine, socket: Socket, id: number): void {
  const info: ConnectionInfo = {
    id,
    remote: `${socket.remoteAddress}:${socket.remotePort}`,
    closed: () => socket.destroyed,
    close: () => socket.destroy(),
    appName: undefined,
  };
  const pending: Buffer[] = [];
  let chunks: Buffer[] = [];
  let buffered = 0;
  let running = false;
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    buffered += chunk.length;
    try {
      takeMessages();
    } catch {
      // What is not the wire protocol cannot be answered in it.
      socket.destroy();
      return;
    }
    // Who sends on without reading answers is not read from; else what it sends would pile up here.
    if (pending.length > MOST_PENDING) socket.pause();
    if (!running) void drain();
  });

  function takeMessages(): void {
    for (;;) {
      if (buffered < 16) return;
      if (chunks.length > 1 && chunks[0]!.length < 16) chunks = [Buffer.concat(chunks)];
      const length = messageLength(chunks[0]!) as number;
      if (buffered < length) return;
      const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      pending.push(all.subarray(0, length));
      buffered -= length;
      chunks = buffered > 0 ? [all.subarray(length)] : [];
    }
  }

  async function drain(): Promise<void> {
    running = true;
    for (
      let message = pending.shift();
      message !== undefined && !socket.destroyed;
      message = pending.shift()
    ) {
      try {
        await serve(engine, info, socket, message);
      } catch {
        // A message that cannot be read, or a fail point: the client sees the connection closed.
        socket.destroy();
      }
    }
    running = false;
    if (socket.isPaused()) socket.resume();
  }
}

async function serve(engine: Engine, info: ConnectionInfo, socket: Socket, message: Buffer): Promise<void> {
  const answer = await answerTo(engine, info, message);
  if (answer === undefined || socket.destroyed) return;
  if (!socket.write(answer)) await drained(socket);
}

/** The bytes to answer a message with, if any. Throws when the connection is to be closed. */
export async function answerTo(
  engine: Engine,
  info: ConnectionInfo,
  message: Buffer,
): Promise<Buffer | undefined> {
  let request: Request;
  try {
    request = parseMessage(message);
  } catch (error) {
    // A whole message whose documents cannot be taken is answered; what is no message is not.
    if (!(error instanceof ServerError) || error.code === PROTOCOL_ERROR || !expectsReply(message))
      throw error;
    return encodeReply({ body: errorReply(error) }, OP.message, message.readInt32LE(4));
  }
  const reply = await executeCommand(engine, info, request);
  if (!request.wantsReply) return undefined;
  try {
    return encodeReply(reply, request.opcode, request.requestId);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const body = errorReply(tooLarge(MAX_INTERNAL_BYTES + 1));
    return encodeReply({ body }, request.opcode, request.requestId);
  }
}

/** Resolves when the client has read enough of its answers, or is gone. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
