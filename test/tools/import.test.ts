import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { request } from 'undici';
import { openImportFile } from '../../tools/import/import-file.ts';
import { keepProgress } from '../../tools/import/progress.ts';
import { startCoalition, type TestCoalition } from '../support/coalition.ts';
import { checkCoalitionLedger } from '../support/ledger.ts';
import { seeds, type TestMerchant } from '../support/seed.ts';

let coalition: TestCoalition;
let seed: ReturnType<typeof seeds>;
const folder = mkdtempSync(join(tmpdir(), 'import-'));
const root = join(import.meta.dirname, '../..');

beforeAll(async () => {
  coalition = await startCoalition();
  seed = seeds(coalition);
  await seed.programme();
}, 60_000);
afterAll(async () => {
  expect(await checkCoalitionLedger(coalition)).toEqual([]);
  await coalition.stop();
  rmSync(folder, { recursive: true });
});

/** Makes a process take its output for a terminal: what is drawn there only is then written to the pipe. */
const asTerminal = { NODE_OPTIONS: '--import data:text/javascript,process.stderr.isTTY=true' };

/** The import as a process of its own. */
function start(
  merchant: TestMerchant,
  path: string,
  origin = coalition.origin,
  more: string[] = [],
  variables: Record<string, string> = {},
) {
  const args = ['tools/run.mjs', 'tools/import/main.ts', path, '--url', origin, ...more];
  const { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET } = merchant;
  const env = { PATH: process.env['PATH'], CLIENT_ID, CLIENT_SECRET, ...variables };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += String(chunk);
    });
  return { child, output: () => output };
}

async function run(
  merchant: TestMerchant,
  path: string,
  more: string[] = [],
  variables: Record<string, string> = {},
): Promise<[number, string]> {
  const { child, output } = start(merchant, path, coalition.origin, more, variables);
  const [status] = (await once(child, 'close')) as [number];
  return [status, output()];
}

const summaryOf = (output: string): string =>
  output.split('\n').find((line) => / rows: /.test(line)) ?? output;

/** What a merchant issued: each posting's points, external reference and key to its member. */
async function issued(merchant: TestMerchant): Promise<string[]> {
  const query = `query ($after: String) { postings(first: 100, after: $after) { edges { node { points externalRef reason member { reference } } } pageInfo { hasNextPage endCursor } } }`;
  type Page = {
    postings: { edges: { node: object }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  };
  const found: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { postings }: Page = await coalition.send<Page>(merchant.token, query, { after });
    found.push(...postings.edges.map(({ node }) => JSON.stringify(node)));
    after = postings.pageInfo.endCursor;
    more = postings.pageInfo.hasNextPage;
  }
  return found.sort();
}

const expected = (reference: string, points: number, externalRef: string, reason: string | null = null) =>
  JSON.stringify({ points, externalRef, reason, member: { reference } });

test('a file registers members and issues their points, lists what was refused, and imported again changes nothing', async () => {
  const shop = await seed.merchant('Importing shop');
  const known = await seed.member([await seed.merchant('Other shop')], 'known-elsewhere');
  const path = join(folder, 'members.csv');
  writeFileSync(
    path,
    [
      'reference,cardNumber,displayName,locale,points,externalRef,reason',
      'm-1,,"Li, Wei",zh-CN,100,open-1,opening balance',
      `m-2,${known.cardNumber},,en,50,open-2,`,
      'm-3,,,,,,',
      'm-4,1234567812345678,,,10,open-4,',
      'm-5,,,fr,10,open-5,',
      'm-6,,,,ten,open-6,',
      'm-7,,,,70,open-1,',
      'm-1,,,,5,open-8,',
      '',
    ].join('\n'),
  );

  const [status, output] = await run(shop, path);

  expect([status, summaryOf(output)]).toEqual([
    2,
    '8 rows: 3 members registered, 155 points issued, 0 rows known from before, 4 refused',
  ]);
  const report = readFileSync(`${path}.refused.csv`, 'utf8');
  expect(report.split('\n')).toEqual([
    'line,reference,reason',
    '5,m-4,INVALID_INPUT: input.cardNumber must be 16 digits with a right check digit.',
    '6,m-5,INVALID_INPUT: input.locale must be zh-CN or en.',
    '7,m-6,"points must be a whole number up to 100,000,000"',
    '8,m-7,the externalRef is that of line 2',
    '',
  ]);
  const ledger = [
    expected('m-1', 100, 'open-1', 'opening balance'),
    expected('m-2', 50, 'open-2'),
    expected('m-1', 5, 'open-8'),
  ].sort();
  expect(await issued(shop)).toEqual(ledger);
  const again = await run(shop, path);
  expect([again[0], summaryOf(again[1])]).toEqual([
    2,
    '8 rows: 0 members registered, 0 points issued, 4 rows known from before, 4 refused',
  ]);
  expect(await issued(shop)).toEqual(ledger);
  writeFileSync(path, 'externalRef,points,reference,reason\nopen-1,100,m-1,opening balance\nopen-9,9,m-1,\n');
  const corrected = await run(shop, path);
  expect([corrected[0], summaryOf(corrected[1])]).toEqual([
    0,
    '2 rows: 0 members registered, 9 points issued, 1 rows known from before, 0 refused',
  ]);
  expect(existsSync(`${path}.refused.csv`)).toBe(false);
}, 120_000);

test('a row too long for any request is listed, and those around it are imported', async () => {
  const shop = await seed.merchant('Long-winded shop');
  const path = join(folder, 'long.csv');
  const rows = ['l-1,10,long-1,', `l-2,10,long-2,${'x'.repeat(2_000_000)}`, 'l-3,10,long-3,'];
  writeFileSync(path, ['reference,points,externalRef,reason', ...rows].join('\n'));

  const [status, output] = await run(shop, path);

  expect([status, summaryOf(output)]).toEqual([
    2,
    '3 rows: 2 members registered, 20 points issued, 0 rows known from before, 1 refused',
  ]);
  expect(readFileSync(`${path}.refused.csv`, 'utf8')).toBe(
    'line,reference,reason\n3,l-2,reason must be at most 500 characters\n',
  );
  expect(await issued(shop)).toEqual([expected('l-1', 10, 'long-1'), expected('l-3', 10, 'long-3')]);
}, 120_000);

test('an external reference that stands in two rows is told, in one run as in one that goes on, and one that another file posted too', async () => {
  const shop = await seed.merchant('Repeating shop');
  const path = join(folder, 'repeating.csv');
  const rows = ['d-1,10,twice,opening', 'd-2,5,once,', 'd-1,10,twice,bonus'];
  writeFileSync(path, ['reference,points,externalRef,reason', ...rows].join('\n'));
  const list = 'line,reference,reason\n4,d-1,the externalRef is that of line 2\n';
  const more = ['--batch', '1'];

  const [status, output] = await run(shop, path, more);
  const told = readFileSync(`${path}.refused.csv`, 'utf8');
  const file = await openImportFile(path);
  const counts = { members: 1, points: 10, repeated: 0 };
  const target = `${coalition.origin} ${shop.clientId} SHARED`;
  keepProgress(file, { hash: file.hash, target, rows: 1, counts, refused: [] });
  const [resumed] = await run(shop, path, more);

  expect([status, summaryOf(output), told]).toEqual([
    2,
    '3 rows: 2 members registered, 15 points issued, 0 rows known from before, 1 refused',
    list,
  ]);
  expect([resumed, readFileSync(`${path}.refused.csv`, 'utf8')]).toEqual([2, list]);
  writeFileSync(path, 'reference,points,externalRef\nd-3,10,twice\n');
  const [other] = await run(shop, path);
  expect([other, readFileSync(`${path}.refused.csv`, 'utf8')]).toEqual([
    2,
    'line,reference,reason\n2,d-3,ALREADY_POSTED: This external reference was posted before.\n',
  ]);
  expect(await issued(shop)).toEqual([expected('d-1', 10, 'twice', 'opening'), expected('d-2', 5, 'once')]);
}, 120_000);

/** A door before the gateway at which the import is killed before or after so many requests have gone through. */
async function deadlyDoor(kill: { after: number; answered: boolean }) {
  let child: ChildProcess | null = null;
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    const answerOrKill = async () => {
      const last = incoming.url === '/graphql' && ++count === kill.after;
      if (count > kill.after || (last && !kill.answered)) return void child!.kill('SIGKILL');
      const { authorization } = incoming.headers;
      const headers = {
        'content-type': incoming.headers['content-type']!,
        ...(authorization ? { authorization } : {}),
      };
      const body = Buffer.concat(chunks);
      const answer = await request(`${coalition.origin}${incoming.url}`, { method: 'POST', headers, body });
      const text = await answer.body.text();
      // Carried out, and the answer is lost.
      if (last) return void child!.kill('SIGKILL');
      outgoing.writeHead(answer.statusCode, { 'content-type': 'application/json' }).end(text);
    };
    incoming.on('end', () => void answerOrKill());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    watch: (watched: ChildProcess) => {
      child = watched;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test.each([
  ['before a batch of points arrives', { after: 26, answered: false }],
  ['after a batch of points was issued and before its answer came', { after: 26, answered: true }],
  ['in the midst of registering', { after: 20, answered: true }],
])(
  'killed %s and run again, an import ends with the same ledger as one that was not',
  async (_, kill) => {
    const shop = await seed.merchant(`Killed ${kill.after} ${kill.answered}`);
    const path = join(folder, `killed-${kill.after}-${kill.answered}.csv`);
    const rows = Array.from({ length: 30 }, (_, i) => `k-${i},${10 + i},k-open-${i}`);
    writeFileSync(path, ['reference,points,externalRef', ...rows].join('\n'));
    const door = await deadlyDoor(kill);
    // Batches of 12: 12 registrations and the points, so request 13 and 26 issue; requests of a member go one by one.
    const more = ['--batch', '12', '--concurrency', '1'];

    const { child } = start(shop, path, door.origin, more);
    door.watch(child);
    const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
    door.stop();

    expect([status, signal]).toEqual([null, 'SIGKILL']);
    const kept = JSON.parse(readFileSync(`${path}.progress.json`, 'utf8')) as { rows: number };
    expect(kept.rows).toBe(12);
    const [ended, output] = await run(shop, path, more);
    expect([ended, output.includes('0 refused')]).toEqual([0, true]);
    expect(existsSync(`${path}.progress.json`)).toBe(false);
    const ledger = Array.from({ length: 30 }, (_, i) => expected(`k-${i}`, 10 + i, `k-open-${i}`)).sort();
    expect(await issued(shop)).toEqual(ledger);
    const [repeated, told] = await run(shop, path, more);
    expect([repeated, summaryOf(told)]).toEqual([
      0,
      '30 rows: 0 members registered, 0 points issued, 30 rows known from before, 0 refused',
    ]);
  },
  120_000,
);

/** Each state that a bar was drawn in, as `percentage done/all`, without those drawn twice in a row. */
const barsIn = (output: string): string[] =>
  [...output.matchAll(/[█░]+ (\d+%) \| (\d+\/\d+) \|/g)]
    .map(([, percentage, rows]) => `${percentage} ${rows}`)
    .filter((bar, i, bars) => bar !== bars[i - 1]);

test('on a terminal a bar shows the rows that are done, from where the import goes on; elsewhere there is none', async () => {
  const shop = await seed.merchant('Watched shop');
  const path = join(folder, 'watched.csv');
  writeFileSync(path, ['reference', ...Array.from({ length: 40 }, (_, i) => `w-${i}`)].join('\n'));
  const more = ['--batch', '10', '--concurrency', '1'];

  const [status, drawn] = await run(shop, path, more, asTerminal);
  const file = await openImportFile(path);
  const counts = { members: 10, points: 0, repeated: 0 };
  const target = `${coalition.origin} ${shop.clientId} SHARED`;
  keepProgress(file, { hash: file.hash, target, rows: 10, counts, refused: [] });
  const [resumed, redrawn] = await run(shop, path, more, asTerminal);
  const [again, told] = await run(shop, path, more);

  expect([status, resumed, again]).toEqual([0, 0, 0]);
  const [first, last] = ['0% 0/40', '100% 40/40'];
  const bars = barsIn(drawn);
  expect([bars[0], bars.at(-1)]).toEqual([first, last]);
  // What follows another within a tenth of a second may be left out.
  const all = [first, '25% 10/40', '50% 20/40', '75% 30/40', last];
  expect(bars).toEqual(all.filter((bar) => bars.includes(bar)));
  expect([barsIn(redrawn)[0], barsIn(redrawn).at(-1)]).toEqual(['25% 10/40', last]);
  expect([barsIn(told), summaryOf(told).startsWith('40 rows: ')]).toEqual([[], true]);
}, 120_000);

test('a damaged note of the progress, a wrong credential and a wrong header are borne or told', async () => {
  const shop = await seed.merchant('Noted shop');
  const path = join(folder, 'noted.csv');
  writeFileSync(path, 'reference\nn-1\n');
  writeFileSync(`${path}.progress.json`, '{"rows":');

  const [status, output] = await run(shop, path);

  expect([status, summaryOf(output)]).toEqual([
    0,
    '1 rows: 1 members registered, 0 points issued, 0 rows known from before, 0 refused',
  ]);
  const [wrong, told] = await run({ ...shop, clientSecret: 'wrong' }, path);
  expect([wrong, told.includes('Run it again to go on')]).toEqual([1, true]);
  writeFileSync(path, 'reference,colour\nn-1,red\n');
  const [bad, why] = await run(shop, path);
  expect([bad, why.includes('import: unknown column "colour"')]).toEqual([1, true]);
  writeFileSync(path, `reference,\u001b]0;owned\u0007${'x'.repeat(100_000)}\nn-1,red\n`);
  const [loud, cut] = await run(shop, path);
  expect([loud, cut.startsWith('import: unknown column "\\u{1b}]0;owned\\u{7}xxx')]).toEqual([1, true]);
  expect(cut.length).toBeLessThan(1_200);
}, 120_000);
