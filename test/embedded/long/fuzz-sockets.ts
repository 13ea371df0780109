import { connect, type Socket } from 'node:net';
import { rawClient } from '../wire/raw-client.ts';
import { mutate } from './mutate.ts';
import { type Random, randomly } from './randomly.ts';
import { seedMessages } from './seed-messages.ts';

/** How a well-behaved client fared beside those that were not. */
export interface SocketReport {
  readonly sent: number;
  readonly connections: number;
  readonly pings: number;
  /** The longest that it waited for an answer. */
  readonly slowest_ms: number;
}

const AT_ONCE = 8;
const MOST_ON_ONE = 10;

/** Sends mutated messages over many connections, in pieces, while another client pings. Fails when it is not answered. */
export async function fuzzSockets(uri: string, seed: number, messages: number): Promise<SocketReport> {
  const random = randomly(seed);
  const seeds = seedMessages();
  const { hostname, port } = new URL(uri);
  const counts = { sent: 0, connections: 0, pings: 0, slowest_ms: 0 };
  const abuse = async (): Promise<void> => {
    while (counts.sent < messages) {
      counts.connections++;
      const socket = connect(Number(port), hostname).on('error', () => {});
      if (random() < 0.9) socket.resume();
      for (let i = random.below(MOST_ON_ONE); i >= 0 && !socket.destroyed; i--) {
        counts.sent++;
        await sendInPieces(socket, mutate(seeds, random), random);
      }
      socket.destroy();
    }
  };
  const others = Promise.all(Array.from({ length: AT_ONCE }, abuse));
  let over = false;
  void others.finally(() => {
    over = true;
  });
  const client = await rawClient(uri);
  while (!over) {
    const start = performance.now();
    const reply = await client.command({ ping: 1, $db: 'admin' });
    if (reply['ok'] !== 1) throw new Error('the ping failed');
    counts.slowest_ms = Math.max(counts.slowest_ms, performance.now() - start);
    counts.pings++;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await others;
  client.close();
  return counts;
}

async function sendInPieces(socket: Socket, message: Buffer, random: Random): Promise<void> {
  const cut = random.below(message.length);
  socket.write(message.subarray(0, cut));
  if (random() < 0.2) return;
  if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 1));
  socket.write(message.subarray(cut));
  await new Promise((resolve) => setImmediate(resolve));
}
