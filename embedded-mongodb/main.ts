import { parseArgs } from 'node:util';
import { startEmbeddedMongo } from './server.ts';

const USAGE =
  'usage: tsx embedded-mongodb/main.ts [--port N] [--host NAME] (--data FOLDER [--slack BYTES] | --memory) [--failpoints]';

/** Runs the server as a process of its own, until a signal or the parent's end stops it. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '27017' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string' },
      memory: { type: 'boolean', default: false },
      failpoints: { type: 'boolean', default: false },
      slack: { type: 'string' },
    },
  });
  if ((values.data === undefined) !== values.memory) throw new Error(USAGE);
  const server = await startEmbeddedMongo({
    port: Number(values.port),
    host: values.host,
    failpoints: values.failpoints,
    ...(values.slack !== undefined && { journalSlackBytes: Number(values.slack) }),
    ...(values.data !== undefined && { dataFolder: values.data }),
  });
  console.error(
    'Embedded MongoDB-compatible server for development and tests; not for production, not made by MongoDB.',
  );
  console.log(JSON.stringify({ ready: true, uri: server.uri }));
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void server.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
