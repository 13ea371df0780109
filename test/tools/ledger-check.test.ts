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

/** Runs the check as a process of its own; gives its exit status and its lines. */
async function checkWhole(env: Record<string, string>): Promise<[number, string[]]> {
  const args = [join(root, 'tools/run.mjs'), join(root, 'tools/ledger-check.ts')];
  const options = { cwd: root, env: { PATH: process.env['PATH'], ...env } };
  const result = await promisify(execFile)(process.execPath, args, options).catch((error: unknown) => error);
  const { code = 0, stdout, stderr } = result as { code?: number; stdout: string; stderr: string };
  return [code, `${stdout}${stderr}`.trim().split('\n')];
}

/** Its exit status and last line. */
async function check(env: Record<string, string>): Promise<[number, string]> {
  const [status, lines] = await checkWhole(env);
  return [status, lines.at(-1)!];
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

test('a reference in the journal does not say in the place of the check that every invariant holds', async () => {
  const verdict = '5 postings checked: every invariant holds';
  const connection = await connectMongo(accounts.mongo.uri, accounts.database);
  await connection.collection<{ _id: string }>('ledger-keys').insertOne({
    _id: `ref|EARN|mer_1|x\u001b[1A\u001b[2K\r${verdict}\u001b[8m\n${verdict}`,
    hash: '',
    postingId: 'pos_1\n',
    holdId: null,
  } as { _id: string });
  await connection.close();

  const prefix = accounts.database.replace(/-accounts$/, '');
  const [status, lines] = await checkWhole({ MONGODB_URI: accounts.mongo.uri, DATABASE_PREFIX: prefix });

  expect(status).toBe(1);
  expect(lines.filter((line) => line.startsWith('KEY_HAS_RESULT'))).toEqual([
    `KEY_HAS_RESULT ref|EARN|mer_1|x\\u{1b}[1A\\u{1b}[2K\\u{d}${verdict}\\u{1b}[8m\\u{a}${verdict}: its result pos_1\\u{a} is not there`,
  ]);
  expect(lines.at(-1)).toMatch(new RegExp(`postings checked: ${lines.length - 1} violations$`));
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
