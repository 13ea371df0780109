import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from '../../subgraphs/shared/config.ts';
import { signingKeyShape } from '../config.ts';
import { newSigningKey } from '../token/issuer.ts';

const keysShape = z.object({ internalSecret: z.string().min(32), tokenSigningKey: signingKeyShape });

/** The secrets of a coalition that `npm start` runs. */
export type LaunchKeys = z.infer<typeof keysShape>;

/** Issuer of the tokens of a coalition that `npm start` runs. */
export const launchTokenIssuer = 'jifen';

const fileOf = (folder: string): string => join(folder, 'keys.json');

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new StartError(`the data folder ${resolve(folder)} cannot be made: ${(error as Error).message}`);
  }
}

/** Reads the keys that an earlier start kept in the data folder; null if there was none. */
export function readKeys(folder: string): LaunchKeys | null {
  const file = fileOf(folder);
  if (!existsSync(file)) return null;
  try {
    return keysShape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new StartError(
      `${resolve(file)} is damaged: remove it to have new keys made (tokens given so far end)`,
    );
  }
}

/** Reads the keys, or makes them and keeps them where only their owner can read them. */
export async function readOrMakeKeys(folder: string): Promise<LaunchKeys> {
  const kept = readKeys(folder);
  if (kept) return kept;
  const keys = { internalSecret: randomBytes(32).toString('hex'), tokenSigningKey: await newSigningKey() };
  makeFolder(folder);
  try {
    writeFileSync(fileOf(folder), `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // Another start made them in the meantime: theirs are as good.
    const theirs = (error as NodeJS.ErrnoException).code === 'EEXIST' ? readKeys(folder) : null;
    if (theirs) return theirs;
    throw new StartError(`the data folder ${resolve(folder)} cannot be written: ${(error as Error).message}`);
  }
  return keys;
}
