import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { StartError } from '../../subgraphs/shared/config.ts';
import {
  makeSigningKey,
  type SigningKey,
  signingKeyShape,
} from '../../subgraphs/shared/signing/signing-key.ts';
import { newSigningKey } from '../token/issuer.ts';

const keysShape = z.object({ internalSecret: z.string().min(32), tokenSigningKey: signingKeyShape });

/** The secrets of a coalition that `npm start` runs. */
export type LaunchKeys = z.infer<typeof keysShape>;

/** Issuer of the tokens of a coalition that `npm start` runs. */
export const launchTokenIssuer = 'jifen';

/** A file of the data folder that is made once and kept, and what it costs to lose it. */
interface Kept<T> {
  readonly name: string;
  readonly shape: z.ZodType<T>;
  readonly loss: string;
}

const launchKeys: Kept<LaunchKeys> = {
  name: 'keys.json',
  shape: keysShape,
  loss: 'tokens given so far end',
};

// A file of its own, so that folders of before it was needed get one too.
const recordsKey: Kept<SigningKey> = {
  name: 'records-key.json',
  shape: signingKeyShape,
  loss: 'what was signed so far still verifies',
};

// A file of its own for the same reason.
const memberIdSecret: Kept<string> = {
  name: 'member-id-secret.json',
  shape: z.string().min(32),
  loss: 'merchants are shown other ids of their members from then on',
};

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new StartError(`the data folder ${resolve(folder)} cannot be made: ${(error as Error).message}`);
  }
}

function readKept<T>(folder: string, { name, shape, loss }: Kept<T>): T | null {
  const file = join(folder, name);
  if (!existsSync(file)) return null;
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new StartError(`${resolve(file)} is damaged: remove it to have new keys made (${loss})`);
  }
}

/** Reads what is kept, or makes it and keeps it where only its owner can read it. */
async function readOrMake<T>(folder: string, kept: Kept<T>, make: () => T | Promise<T>): Promise<T> {
  const known = readKept(folder, kept);
  if (known) return known;
  const made = await make();
  makeFolder(folder);
  try {
    writeFileSync(join(folder, kept.name), `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // Another start made them in the meantime: theirs are as good.
    const theirs = (error as NodeJS.ErrnoException).code === 'EEXIST' ? readKept(folder, kept) : null;
    if (theirs) return theirs;
    throw new StartError(`the data folder ${resolve(folder)} cannot be written: ${(error as Error).message}`);
  }
  return made;
}

/** Reads the keys that an earlier start kept in the data folder; null if there was none. */
export const readKeys = (folder: string): LaunchKeys | null => readKept(folder, launchKeys);

/** Reads the keys, or makes them and keeps them where only their owner can read them. */
export const readOrMakeKeys = (folder: string): Promise<LaunchKeys> =>
  readOrMake(folder, launchKeys, async () => ({
    internalSecret: randomBytes(32).toString('hex'),
    tokenSigningKey: await newSigningKey(),
  }));

/** The key that signs seals and statements, made at the first start. */
export const readOrMakeRecordsKey = (folder: string): Promise<SigningKey> =>
  readOrMake(folder, recordsKey, makeSigningKey);

/** What the ids that merchants know members by are made with, made at the first start. */
export const readOrMakeMemberIdSecret = (folder: string): Promise<string> =>
  readOrMake(folder, memberIdSecret, () => randomBytes(32).toString('hex'));
