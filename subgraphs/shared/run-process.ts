import { StartError } from './config.ts';

/** Something that runs until told to stop. */
export interface Running {
  stop(): Promise<void>;
}

/**
 * Starts a process and stops it once, cleanly, on SIGINT, SIGTERM or when the parent that it has an IPC channel to goes
 * away. A StartError is told in one line; any other failure with its stack.
 */
export async function runProcess(name: string, start: () => Promise<Running>): Promise<void> {
  let running: Running;
  try {
    running = await start();
  } catch (error) {
    console.error(
      `${name}: ${error instanceof StartError ? error.message : String((error as Error)?.stack ?? error)}`,
    );
    process.exit(1);
  }
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), 10_000).unref();
    await running.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());
  if (process.send) process.on('disconnect', () => void stop());
}
