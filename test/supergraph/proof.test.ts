import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeSigningKey } from '../../subgraphs/shared/signing/signing-key.ts';
import { startCoalition, type TestCoalition } from '../support/coalition.ts';
import { checkCoalitionLedger } from '../support/ledger.ts';
import { sealNow } from '../support/proof.ts';
import { seeds, type TestMember } from '../support/seed.ts';

const root = join(import.meta.dirname, '../..');
const operation = (name: string) => readFileSync(join(root, `schema/operations/${name}.graphql`), 'utf8');

let coalition: TestCoalition;
let member: TestMember;
let month: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jifen-proof-'));
  coalition = await startCoalition();
  const seed = seeds(coalition);
  await seed.programme();
  const shop = await seed.merchant('Pet shop');
  member = await seed.member([shop], 'customer-1');
  await seed.earn(shop, member, 1000);
  month = coalition.clock.now().toISOString().slice(0, 7);
  coalition.clock.advance(62 * 86_400_000);
  await sealNow(coalition.mongo.uri, coalition.databases.accounts, coalition.clock);
}, 60_000);

afterAll(async () => {
  await coalition.stop();
  rmSync(folder, { recursive: true });
});

function save(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** Runs the verifier as a process of its own; gives its exit status and last line. */
async function verify(...args: string[]): Promise<[number, string]> {
  const command = [join(root, 'tools/run.mjs'), join(root, 'tools/verify/main.ts'), ...args];
  const options = { cwd: folder, env: { PATH: process.env['PATH'] } };
  const result = await promisify(execFile)(process.execPath, command, options).catch(
    (error: unknown) => error,
  );
  const { code = 0, stdout, stderr } = result as { code?: number; stdout: string; stderr: string };
  return [code, `${stdout}${stderr}`.trim().split('\n').at(-1)!];
}

test('what a member saves of a posting and of a balance is verified offline, and what was changed is not', async () => {
  const wallet = await coalition.send<{
    viewer: { member: { postings: { edges: { node: { id: string } }[] } } };
  }>(member.token, '{ viewer { member { postings { edges { node { id } } } } } }');
  const postingId = wallet.viewer.member.postings.edges[0]!.node.id;
  const posting = await coalition.ask(member.token, operation('storefront/ledger-proof'), { postingId });
  const balance = await coalition.ask(member.token, operation('storefront/liability-proof'));
  const published = await (await fetch(`${coalition.origin}/.well-known/jifen-signing-keys.json`)).text();
  const keys = save('keys.json', published);
  const { d: _, ...foreign } = makeSigningKey();

  for (const [name, answer] of [
    ['posting', posting],
    ['balance', balance],
  ] as const) {
    const file = save(`${name}.json`, answer);
    const forged = save(`${name}-forged.json`, JSON.stringify(answer).replace(/1000/, '2000'));

    expect(await verify(file, '--keys', keys)).toEqual([0, 'VERIFIED']);
    expect(await verify(file)).toEqual([0, 'VERIFIED, with keys that nobody vouched for']);
    expect(await verify(forged, '--keys', keys)).toEqual([1, 'NOT VERIFIED: do not rely on it']);
    expect(await verify(file, '--keys', save('foreign.json', foreign))).toEqual([
      1,
      'NOT VERIFIED: do not rely on it',
    ]);
  }
  expect(await checkCoalitionLedger(coalition)).toEqual([]);
}, 120_000);

test("a balance is verified as that of the wallet that the member's own export names, and of no other", async () => {
  const balance = await coalition.ask(member.token, operation('storefront/liability-proof'));
  const headers = { authorization: `Bearer ${member.token}` };
  const exported = await (await fetch(`${coalition.origin}/export`, { headers })).text();
  const records = exported
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  const walletId = records.find(({ type }) => type === 'wallet')!['id']!;
  const file = save('own.json', balance);

  expect(await verify(file, '--wallet', walletId)).toEqual([
    0,
    'VERIFIED, with keys that nobody vouched for',
  ]);
  expect(await verify(file, '--wallet', `${walletId}2`)).toEqual([1, 'NOT VERIFIED: do not rely on it']);
}, 120_000);

test('the statement that a member downloads is verified offline with the published keys', async () => {
  const query = `query ($month: String!) { viewer { member { statement(month: $month) { file: downloadUrl(format: JSON) } } } }`;
  const { viewer } = await coalition.send<{ viewer: { member: { statement: { file: string } } } }>(
    member.token,
    query,
    { month },
  );
  const download = await (await fetch(`${coalition.origin}${viewer.member.statement.file}`)).text();
  const published = await (await fetch(`${coalition.origin}/.well-known/jifen-signing-keys.json`)).text();
  const [file, keys] = [save('statement.json', download), save('published.json', published)];
  const forged = save('statement-forged.json', download.replaceAll('1000', '2000'));
  const { d: _, ...foreign } = makeSigningKey();

  expect(await verify(file, '--keys', keys)).toEqual([0, 'VERIFIED']);
  expect(await verify(file)).toEqual([
    1,
    "NOT FULLY VERIFIED: the coalition's public keys are needed (--keys KEYS.json)",
  ]);
  expect(await verify(forged, '--keys', keys)).toEqual([1, 'NOT VERIFIED: do not rely on it']);
  expect(await verify(file, '--keys', save('others.json', foreign))).toEqual([
    1,
    'NOT VERIFIED: do not rely on it',
  ]);
}, 120_000);

test('a file that cannot be read or holds nothing to verify is told apart from a proof that does not hold', async () => {
  expect((await verify('missing.json'))[0]).toBe(2);
  expect((await verify(save('broken.json', '{')))[0]).toBe(2);
  expect((await verify())[0]).toBe(2);
  expect(await verify(save('other.json', '{}'))).toEqual([2, 'NOTHING TO VERIFY: do not rely on it']);
  expect(await verify(save('half.json', '{"leaf":"{}","seal":{}}'))).toEqual([
    1,
    'NOT VERIFIED: do not rely on it',
  ]);
}, 60_000);
