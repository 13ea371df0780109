import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { canonicalJson, sha256 } from '../../subgraphs/shared/idempotency.ts';
import { createSigner } from '../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey } from '../../subgraphs/shared/signing/signing-key.ts';
import { answeredBalance, balance, countedBalances } from '../rules/proof/counted-balances.ts';
import { answered, posting, sealedJournal } from '../rules/proof/sealed-journal.ts';
import { type GatewayWorld, startGatewayWorld } from '../supergraph/gateway-world.ts';
import { startTestBrowser, type TestBrowser } from '../support/browser.ts';

const saved = pathToFileURL(join(import.meta.dirname, '../../gateway/pages/verify.html')).href;

let world: GatewayWorld;
let browser: TestBrowser;
let ledgerProof: Awaited<ReturnType<typeof answered>>;
let liabilityProof: Awaited<ReturnType<typeof answeredBalance>>;

beforeAll(async () => {
  const key = { kty: 'OKP', crv: 'Ed25519', kid: 'k', x: 'x' };
  browser = await startTestBrowser();
  world = await startGatewayWorld({ accounts: { Query: { signingKeys: () => [key] } } });
  const postings = ['pos_1', 'pos_2', 'pos_3'].map((id) => posting({ id, externalRef: `RECEIPT-${id}` }));
  const journal = sealedJournal(postings, '2026-03-04T01:00:00Z');
  await journal.seal();
  ledgerProof = await answered(journal, postings[1]!);
  const counted = countedBalances(
    [1, 2, 3, 4, 5].map((n) => balance(`wal_mem_${n}_SHARED`, BigInt(n * 100), n === 2 ? 5n : 0n)),
  );
  await counted.build();
  liabilityProof = await answeredBalance(counted, 'wal_mem_3_SHARED');
}, 60_000);
afterAll(async () => {
  await browser?.stop();
  await world?.stop();
});
afterEach(() => browser.renew());

const choose = (name: string, content: string) =>
  browser.page.setInputFiles('#file', { name, mimeType: 'application/json', buffer: Buffer.from(content) });

/** What the page says once a file is chosen: its verdict, and a mark for each step. */
async function verdictOf(content: string): Promise<{ word: string; marks: string; warnings: number }> {
  await browser.page.evaluate("document.getElementById('word').textContent = 'Checking…'");
  await choose('proof.json', content);
  // A predicate in text would be evaluated by the page, whose policy allows that only now and then.
  await browser.page.locator('#word').filter({ hasNotText: 'Checking…' }).waitFor({ state: 'attached' });
  const word = await browser.page.textContent('#word');
  const marks = await browser.page.$$eval('#steps li', (steps) =>
    steps.map((step) => (step as unknown as { dataset: { mark: string } }).dataset.mark).join(''),
  );
  return { word: word!, marks, warnings: await browser.page.locator('#warnings li').count() };
}

const shoot = async (name: string) => {
  const folder = process.env['SCREENSHOTS'];
  if (folder) await browser.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
};

describe.each([
  ['saved as a file', () => saved],
  ['served by the gateway', () => `${world.origin}/verify`],
])('the page, %s', (place, url) => {
  test('verifies a good proof and no forged one, without asking anybody', async () => {
    await browser.page.goto(url());
    await shoot(`empty-${place.split(' ')[0]}`);

    expect(await verdictOf(JSON.stringify({ data: { ledgerProof } }))).toEqual({
      word: 'It holds, with keys that nobody vouched for',
      marks: '✓✓✓✓✓✓',
      warnings: 2,
    });
    await shoot(`good-${place.split(' ')[0]}`);
    const forged = { ...ledgerProof, leaf: ledgerProof.leaf.replace('"points":"5"', '"points":"6"') };
    expect(await verdictOf(JSON.stringify(forged))).toEqual({
      word: 'It does not hold',
      marks: '✗✓✓✓✓✓',
      warnings: 2,
    });
    await shoot(`forged-${place.split(' ')[0]}`);
    expect(await verdictOf('{')).toEqual({ word: 'There is nothing to check', marks: '?', warnings: 0 });
    expect(await verdictOf('{}')).toEqual({ word: 'There is nothing to check', marks: '?', warnings: 0 });

    expect(browser.requested).toEqual([url()]);
    expect(browser.complaints).toEqual([]);
  });
});

test('the page verifies a balance with keys that the reader trusts, and refuses others', async () => {
  await browser.page.goto(saved);
  await browser.page.click('summary');
  await browser.page.fill('#keys', JSON.stringify({ keys: liabilityProof.signingKeys }));

  expect(await verdictOf(JSON.stringify({ data: { liabilityProof } }))).toEqual({
    word: 'It holds',
    marks: '✓✓✓✓',
    warnings: 2,
  });
  expect(await browser.page.textContent('#warnings')).toContain(
    'the balance of the wallet wal_mem_3_SHARED.',
  );
  expect((await browser.page.locator('#facts dt').allTextContents()).slice(0, 5)).toEqual([
    ...['Wallet', 'Programme', 'Month', 'Points', 'Of these in pools'],
  ]);
  await shoot('balance');
  await browser.page.fill('#wallet', 'wal_mem_4_SHARED');
  await browser.page.waitForSelector('.verdict.BAD');
  expect(await browser.page.textContent('#steps li')).toBe(
    'It is the balance of another wallet, wal_mem_3_SHARED',
  );
  await browser.page.fill('#wallet', ' wal_mem_3_SHARED ');
  await browser.page.waitForSelector('.verdict.GOOD');
  expect(await browser.page.locator('#steps li').count()).toBe(5);
  await browser.page.fill('#keys', JSON.stringify(ledgerProof.signingKeys));
  await browser.page.waitForSelector('.verdict.BAD');
  expect(await browser.page.textContent('#steps li:last-child')).toContain('nobody here knows its key');
  await browser.page.fill('#keys', 'not keys');
  expect(await browser.page.textContent('#keysFault')).toContain('These are no public keys');
  expect(await browser.page.getAttribute('#verdict', 'class')).toBe('verdict BAD');
});

test('the page verifies a statement with keys that the reader trusts, and asks for them first', async () => {
  const signer = createSigner(makeSigningKey());
  const record = { type: 'jifen-statement', version: 1, memberId: 'mem_1', month: '2026-03' };
  const figures = { opening: '0', other: '5', closing: '5', available: '5', pending: '0', held: '0' };
  const statement = { ...record, programmes: [{ programme: 'SHARED', ...figures, arrears: '0' }] };
  const hash = sha256(canonicalJson(statement));
  const file = { hash, signature: await signer.sign(statement), statement };
  await browser.page.goto(saved);

  expect(await verdictOf(JSON.stringify(file))).toEqual({
    word: 'It adds up, but its signature cannot be checked without the public keys',
    marks: '✓✓?',
    warnings: 1,
  });
  await shoot('statement-keyless');
  await browser.page.locator('#keys').fill(JSON.stringify({ keys: signer.publicKeys }));
  await browser.page.waitForSelector('.verdict.GOOD');

  expect(await browser.page.textContent('#word')).toBe('It holds');
  expect(await browser.page.locator('#warnings li').count()).toBe(0);
  await shoot('statement');
  expect(await verdictOf(JSON.stringify({ ...file, hash: hash.replace(/^./, 'x') }))).toMatchObject({
    word: 'It does not hold',
  });
});

test('on a phone the count of keys stands clear of the words before it, and nothing runs over the edge', async () => {
  await browser.page.setViewportSize({ width: 420, height: 800 });
  await browser.page.goto(saved);

  const [words, count] = (await browser.page.evaluate(`[
    (range => (range.selectNode(document.querySelector('summary').firstChild), range))(document.createRange()),
    document.getElementById('pinned'),
  ].map((each) => each.getBoundingClientRect().toJSON())`)) as { [side: string]: number }[];

  expect(count!['top']! >= words!['bottom']! || count!['left']! >= words!['right']! + 8).toBe(true);
  expect(await browser.page.evaluate('document.documentElement.scrollWidth')).toBe(420);
  await shoot('phone');
});

test('where nothing is known of a file no empty strip of facts is shown, and its ground has no seam', async () => {
  await browser.page.setViewportSize({ width: 1000, height: 900 });
  await browser.page.goto(saved);

  await verdictOf('{"leaf":"{}","seal":{}}');

  expect(await browser.page.textContent('#title')).toBe('Not a proof');
  expect(await browser.page.locator('#facts').isVisible()).toBe(false);
  expect(await browser.page.evaluate('getComputedStyle(document.body).backgroundRepeat')).toMatch(
    /^no-repeat/,
  );
  await shoot('malformed');
  await browser.page.setViewportSize({ width: 1000, height: 1400 });
  await shoot('tall');
});

const unprintable = { toString: null, valueOf: null };

/** JSON of keys in what holds keys, so many times. */
const nested = (depth: number) => `${'{"signingKeys":'.repeat(depth)}[]${'}'.repeat(depth)}`;

test.each([
  [
    'a seal beside which stands what is no text',
    () => ({ ...ledgerProof, seal: { ...ledgerProof.seal, type: unprintable } }),
    'It does not hold',
  ],
  ['keys nested without end', () => ({ ...ledgerProof, signingKeys: 'KEYS' }), 'It does not hold'],
  [
    'a kind that is no text',
    () => ({ ...ledgerProof, leaf: ledgerProof.leaf.replace('"EARN"', JSON.stringify(unprintable)) }),
    'It does not hold',
  ],
])('after a good proof a file with %s is judged by itself', async (name, crafted, word) => {
  await browser.page.goto(saved);
  expect((await verdictOf(JSON.stringify(ledgerProof))).word).toContain('It holds');

  const second = await verdictOf(JSON.stringify(crafted()).replace('"KEYS"', nested(20_000)));

  expect(second.word).toBe(word);
  expect(await browser.page.getAttribute('#verdict', 'class')).toBe('verdict BAD');
  expect(browser.complaints).toEqual([]);
  await shoot(`crafted ${name}`);
});

/** Drops something whose text is what an expression in the page says. */
const drop = (text: string) =>
  browser.page.evaluate(`dispatchEvent(Object.assign(new Event('drop'), {
    dataTransfer: { files: [{ text: () => ${text} }] },
  }))`);

test('while a file is read nothing is said of the one before, and a folder is no file', async () => {
  await browser.page.goto(saved);
  await verdictOf(JSON.stringify(ledgerProof));

  await drop('new Promise((_, reject) => { globalThis.fail = () => reject(new Error("a folder")); })');

  expect(await browser.page.textContent('#word')).toBe('Checking…');
  expect(await browser.page.getAttribute('#verdict', 'class')).toBe('verdict');
  expect(await browser.page.locator('#steps li, #warnings li, #facts dt').count()).toBe(0);
  await shoot('checking');
  await browser.page.evaluate('fail()');
  await browser.page.waitForSelector('.verdict.NOTHING');
  expect(await browser.page.textContent('#steps')).toBe('This cannot be read as a file: a folder');
  expect(browser.complaints).toEqual([]);
});

test('of two files the later one is judged, though the earlier is read after it', async () => {
  await browser.page.goto(saved);

  await drop('new Promise((resolve) => { globalThis.finish = resolve; })');
  await drop('Promise.resolve("{}")');
  await browser.page.waitForSelector('.verdict.NOTHING');
  // Until all that waits for the earlier has run.
  await browser.page.evaluate(
    `finish(${JSON.stringify(JSON.stringify(ledgerProof))}), new Promise((done) => setTimeout(done, 500))`,
  );

  expect(await browser.page.getAttribute('#verdict', 'class')).toBe('verdict NOTHING');
});

test('a file with far too much of something is refused, and no verdict stands over an empty report', async () => {
  await browser.page.goto(saved);
  await browser.page.click('summary');
  await browser.page.fill('#keys', JSON.stringify(ledgerProof.signingKeys));
  const openings = Array.from({ length: 130_000 }, () => 'x');

  expect((await verdictOf(JSON.stringify({ ...ledgerProof, openings }))).word).toBe('It does not hold');
  expect(await browser.page.textContent('#steps')).toContain('`openings` has more than 2 parts');
  expect((await verdictOf(`[${'1,'.repeat(5_000_000)}1]`)).word).toBe('There is nothing to check');
  expect(await browser.page.textContent('#steps')).toContain('too long');
  expect(browser.complaints).toEqual([]);
});

test('a proof can be pasted', async () => {
  await browser.page.goto(saved);

  await browser.page.evaluate(`
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', ${JSON.stringify(JSON.stringify(liabilityProof))});
    dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
  `);

  await browser.page.waitForSelector('.verdict.UNPINNED');
});

test('a browser without Ed25519 is told so, and the rest is verified', async () => {
  await browser.page.addInitScript({
    content:
      "SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'));",
  });
  await browser.page.goto(saved);

  expect(await verdictOf(JSON.stringify(ledgerProof))).toEqual({
    word: 'It adds up, but its signatures could not be checked',
    marks: '✓✓✓✓✓?',
    warnings: 2,
  });
  await shoot('unsigned');
});

test('the public keys are there as a JWK set', async () => {
  const response = await fetch(`${world.origin}/.well-known/jifen-signing-keys.json`);

  expect(await response.json()).toEqual({
    keys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'k', x: 'x', alg: 'EdDSA', use: 'sig' }],
  });
});
