import type { Socket } from 'node:net';
import type { ConnectionInfo, Engine } from '../commands/context.ts';
import { executeCommand } from '../commands/execute.ts';
import { messageLength, parseMessage } from './framing.ts';
import { encodeReply } from './reply.ts';

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
  }
}

async function serve(engine: Engine, info: ConnectionInfo, socket: Socket, message: Buffer): Promise<void> {
  const request = parseMessage(message);
  const reply = await executeCommand(engine, info, request);
  if (request.wantsReply && !socket.destroyed)
    socket.write(encodeReply(reply, request.opcode, request.requestId));
}
