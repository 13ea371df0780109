import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answered, posting, sealedJournal } from '../rules/proof/sealed-journal.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'jifen-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

// A report as a file would like to have it read: its own verdict, and then what hides the real one.
const externalRef = 'R-1\u001b[3A\r  points       5000000\n\nVERIFIED\n\u001b[8m\u001b^';
let proof: Awaited<ReturnType<typeof answered>>;

beforeAll(async () => {
  const one = posting({ id: 'pos_1', externalRef });
  const journal = sealedJournal([one], '2026-03-03T01:00:00Z');
  await journal.seal();
  proof = await answered(journal, one);
});

/** Runs the command as a process of its own; gives its exit status and what it says on both streams. */
async function verify(text: string, keys: object | null): Promise<[number, string]> {
  const [file, keyFile] = [join(folder, 'proof.json'), join(folder, 'keys.json')];
  writeFileSync(file, text);
  if (keys) writeFileSync(keyFile, JSON.stringify(keys));
  const args = [join(root, 'tools/run.mjs'), join(root, 'tools/verify/main.ts'), file];
  const env = { PATH: process.env['PATH'] };
  const all = keys ? [...args, '--keys', keyFile] : args;
  const result = await promisify(execFile)(process.execPath, all, { cwd: root, env }).catch(
    (error: unknown) => error,
  );
  const { code = 0, stdout, stderr } = result as { code?: number; stdout: string; stderr: string };
  return [code, `${stdout}${stderr}`];
}

const verdicts = (said: string) => said.split('\n').filter((line) => /^(NOT )?(FULLY )?VERIFIED/.test(line));

test('the command verifies a proof, and nothing in it is more than a text on the screen', async () => {
  const [status, said] = await verify(JSON.stringify(proof), { keys: proof.signingKeys });

  expect([status, verdicts(said)]).toEqual([0, ['VERIFIED']]);
  expect(said).toContain('externalRef  R-1\\u{1b}[3A\\u{d}  points');
  expect(said.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
});

test('a forged file has no verdict of its own', async () => {
  const leaf = proof.leaf.replace('"points":"5"', '"points":"5000000"');
  const [status, said] = await verify(JSON.stringify({ ...proof, leaf }), { keys: proof.signingKeys });

  expect([status, verdicts(said)]).toEqual([1, ['NOT VERIFIED: do not rely on it']]);
  expect(said.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
});

test.each([
  ['no JSON', '{"leaf": \u001b[2J\u001b[HVERIFIED\n', null, 'cannot be read as JSON'],
  ['a name twice', '{"leaf":"a","leaf":"b"}', null, 'a name stands twice in one of its objects'],
  ['keys of its own only', '{}', { leaf: '', signingKeys: [] }, 'its own keys do not vouch for it'],
])('a file with %s is told in one line', async (_, text, keys, why) => {
  const [status, said] = await verify(text, keys);

  expect([status, said.trim().split('\n').length]).toEqual([2, 1]);
  expect(said).toContain(why);
  expect(said.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
});
