import { randomBytes } from 'node:crypto';
import { startEmbeddedMongo } from '../../embedded-mongodb/server.ts';

/** A database server for one test file. */
export interface TestMongo {
  readonly uri: string;
  /** A database name that no other test uses. */
  database(name: string): string;
  stop(): Promise<void>;
}

/** Clients of it can be heard sending their commands. */
function monitored(uri: string): string {
  const url = new URL(uri);
  url.searchParams.set('monitorCommands', 'true');
  return url.href;
}

/** The server that `MONGODB_URI` names or, without one, an embedded server in memory. */
export async function startTestMongo(): Promise<TestMongo> {
  const run = randomBytes(5).toString('hex');
  const database = (name: string) => `test-${run}-${name}`;
  const given = process.env['MONGODB_URI'];
  if (given) return { uri: monitored(given), database, stop: async () => {} };
  const server = await startEmbeddedMongo({});
  return { uri: monitored(server.uri), database, stop: () => server.stop() };
}
