import { Worker } from 'node:worker_threads';

/** Tells a thread that looks on what is being done, so that one thing that never ends can be named. */
export interface Watchdog {
  /** Call before each piece of work with what it works on. */
  begin(work: Buffer): void;
  end(): Promise<number>;
}

const MOST_BYTES = 1_000_000;

const LOOKER_ON = `
const { workerData } = require('node:worker_threads');
const { shared, limit_ms } = workerData;
const [count, length] = [new Int32Array(shared, 0, 1), new Int32Array(shared, 4, 1)];
let seen = -1;
setInterval(() => {
  if (count[0] !== seen) { seen = count[0]; return; }
  const work = Buffer.from(shared, 8, length[0]);
  process._rawDebug('no end after ' + limit_ms + ' ms of message ' + seen + ': ' + work.toString('hex'));
  process.abort();
}, limit_ms);
`;

/** Ends the process with the bytes of the work that takes longer than this. */
export function watchdog(limit_ms: number): Watchdog {
  const shared = new SharedArrayBuffer(8 + MOST_BYTES);
  const [count, length] = [new Int32Array(shared, 0, 1), new Int32Array(shared, 4, 1)];
  const work = new Uint8Array(shared, 8);
  const worker = new Worker(LOOKER_ON, { eval: true, workerData: { shared, limit_ms } });
  worker.unref();
  return {
    begin: (bytes) => {
      const kept = bytes.subarray(0, MOST_BYTES);
      work.set(kept);
      length[0] = kept.length;
      count[0] = (count[0] as number) + 1;
    },
    end: () => worker.terminate(),
  };
}
