import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '../../gateway/launch/database.ts';

/** A store that is measured. */
export interface Store {
  readonly uri: string;
  stop(): Promise<void>;
}

/** The store of `MONGODB_URI`, else the embedded database as `npm start` runs it: its own process, durable, or in memory. */
export async function startStore({ inMemory = false } = {}): Promise<Store> {
  const given = process.env['MONGODB_URI'];
  if (given) return { uri: given, stop: async () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'jifen-bench-'));
  const database = await startDatabase(inMemory ? null : folder);
  const stop = async () => {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { uri: database.uri, stop };
}
