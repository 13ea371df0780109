import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectMongo } from '../../subgraphs/shared/mongo.ts';
import {
  openMerchant,
  publishProgramme,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../support/accounts.ts';
import { act } from '../support/points.ts';

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
});
afterAll(() => accounts.stop());

const root = join(import.meta.dirname, '../..');

/** Runs the check as a process of its own; gives its exit status and last line. */
async function check(env: Record<string, string>): Promise<[number, string]> {
  const args = [join(root, 'tools/run.mjs'), join(root, 'tools/ledger-check.ts')];
  const options = { cwd: root, env: { PATH: process.env['PATH'], ...env } };
  const result = await promisify(execFile)(process.execPath, args, options).catch((error: unknown) => error);
  const { code = 0, stdout, stderr } = result as { code?: number; stdout: string; stderr: string };
  return [code, `${stdout}${stderr}`.trim().split('\n').at(-1)!];
}

test('the check as a command tells by its status and last line whether every invariant holds', async () => {
  await publishProgramme(accounts);
  const shop = await openMerchant(accounts, 'Shop');
  const member = await registerMember(accounts, shop, 'm');
  await act(accounts, shop.caller, 'issuePoints', { member: { id: member.id }, points: 5 });
  const prefix = accounts.database.replace(/-accounts$/, '');
  const env = { MONGODB_URI: accounts.mongo.uri, DATABASE_PREFIX: prefix };

  expect(await check(env)).toEqual([0, '1 postings checked: every invariant holds']);

  const connection = await connectMongo(accounts.mongo.uri, accounts.database);
  await connection.collection('ledger-lots').updateOne({}, { $inc: { remaining: 1n } });
  await connection.close();
  const [status, line] = await check(env);
  expect([status, line]).toEqual([1, '1 postings checked: 3 violations']);
});

test('a bad environment is told in one line', async () => {
  expect(await check({ MONGODB_URI: 'http://x' })).toEqual([
    2,
    'ledger:check: bad configuration: MONGODB_URI: must start with mongodb:// or mongodb+srv://',
  ]);
});

test('a folder without a store is told in one line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jifen-check-'));

  const [status, line] = await check({ DATA_FOLDER: folder });

  expect(status).toBe(2);
  expect(line).toBe(`ledger:check: there is no store in ${folder}: run npm start, or set MONGODB_URI`);
  rmSync(folder, { recursive: true });
});
