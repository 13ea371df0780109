import { startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';
import { rawClient } from '../wire/raw-client.ts';
import { startServer } from './server-process.ts';

/** What came of writing until the disk was full. */
export interface FullDisk {
  /** Documents whose insert was answered. */
  readonly answered: number;
  /** Those of them that the next server does not have. */
  readonly lost: readonly number[];
  readonly exitCode: number | string;
  readonly lines: readonly string[];
}

const PAD = 'x'.repeat(20_000);

/** Writes to a server until it ends, then looks with `after` made true what is there. `wrap` limits the server. */
export async function fillDisk(
  folder: string,
  wrap: readonly string[],
  after: () => void,
): Promise<FullDisk> {
  const server = await startServer(['--data', folder], wrap);
  if (server.uri === undefined) throw new Error(`the server did not start: ${server.output()}`);
  const before = server.output().length;
  const client = await rawClient(server.uri);
  const closed = new Promise<undefined>((resolve) => client.socket.once('close', () => resolve(undefined)));
  const answered: number[] = [];
  for (let _id = 0; ; _id++) {
    const insert = { insert: 'c', documents: [{ _id, PAD }, { _id: -1 - _id }], $db: 't' };
    const reply = await Promise.race([client.command(insert), closed]);
    if (reply === undefined) break;
    if (reply['n'] !== 2) throw new Error(`an insert was refused: ${JSON.stringify(reply)}`);
    answered.push(_id);
  }
  const exitCode = await server.ended;
  after();
  const lost = await missing(folder, answered);
  const lines = server.output().slice(before).trim().split('\n');
  return { answered: answered.length, lost, exitCode, lines };
}

async function missing(folder: string, ids: readonly number[]): Promise<number[]> {
  const server = await startEmbeddedMongo({ dataFolder: folder });
  const client = await rawClient(server.uri);
  const lost: number[] = [];
  for (const _id of ids) {
    const found = await client.command({ find: 'c', filter: { _id: { $in: [_id, -1 - _id] } }, $db: 't' });
    if (found['cursor'].firstBatch.length !== 2) lost.push(_id);
  }
  const written = await client.command({ insert: 'c', documents: [{ _id: 'after' }], $db: 't' });
  if (written['n'] !== 1) throw new Error('the next server cannot be written to');
  client.close();
  await server.stop();
  return lost;
}
