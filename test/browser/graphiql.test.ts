import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GatewayWorld, startGatewayWorld } from '../supergraph/gateway-world.ts';
import { startTestBrowser, type TestBrowser } from '../support/browser.ts';

interface Context {
  readonly caller: { readonly kind: string; readonly memberId?: string; readonly merchantId?: string };
}
const merchant = { id: 'mer_1', name: 'Demo Pet Shop', category: 'pet shop', currency: 'CNY' };
const accounts = {
  Query: {
    viewer: (_: unknown, __: unknown, { caller }: Context) => ({
      kind: caller.kind,
      scopes: [],
      merchant: caller.merchantId ? merchant : null,
      member: caller.memberId
        ? { id: caller.memberId, displayName: 'Demo Member', registeredBy: ['mer_1'] }
        : null,
    }),
    merchant: () => merchant,
  },
  Merchant: { __resolveReference: () => merchant },
};

const facts = {
  rewardId: 'rew_1',
  causeId: 'cau_1',
  memberReference: 'm-1',
  purchaseRef: 'P-1',
  voucherCode: 'V',
};
const identities = [
  {
    label: 'Merchant',
    name: 'Demo Pet Shop',
    caller: { kind: 'MERCHANT', merchantId: 'mer_1', clientId: 'cli_1', scopes: ['READ'] },
  },
  {
    label: 'Member',
    name: 'Demo Member',
    caller: { kind: 'MEMBER', memberId: 'mem_1', merchantId: 'mer_1' },
  },
  { label: 'Operator', name: 'Demo operator', caller: { kind: 'OPERATOR', subject: 'ops' } },
  { label: 'Auditor', name: 'Demo auditor', caller: { kind: 'AUDITOR', subject: 'aud' } },
] as const;

let world: GatewayWorld;
let browser: TestBrowser;
beforeAll(async () => {
  world = await startGatewayWorld(
    { accounts },
    {
      graphiql: true,
      demo: () => ({
        facts,
        identities: identities.map((each) => ({ ...each, caller: structuredClone(each.caller) as never })),
      }),
    },
  );
  browser = await startTestBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.stop();
  await world?.stop();
});

const who = () => browser.page.locator('#who').innerText();
const answer = () => browser.page.locator('.result-window').innerText();

async function runQuery(query: string): Promise<void> {
  const { page } = browser;
  await page.locator('[aria-label="New tab"]').click();
  await page.locator('.graphiql-query-editor .CodeMirror').click();
  await page.keyboard.press('Control+A');
  await page.evaluate((text) => {
    const editor = document.querySelector('.graphiql-query-editor .CodeMirror') as unknown as {
      CodeMirror: { setValue(value: string): void };
    };
    editor.CodeMirror.setValue(text);
  }, query);
  await page.keyboard.press('Control+Enter');
}

test('opens from the root with the example tabs and nothing to complain about', async () => {
  const { page } = browser;

  await page.goto(`${world.origin}/`);
  await page.locator('.graphiql-tab').first().waitFor();

  expect(page.url()).toBe(`${world.origin}/graphiql`);
  expect((await page.locator('.graphiql-tab').allInnerTexts()).map((text) => text.trim())).toEqual([
    'StorefrontHome',
    'Wallet',
    'TillPurchase',
    'Redeem',
    'Donate',
    'TillReturn',
    'TillVoucher',
    'Positions',
    'Postings',
  ]);
  expect(browser.complaints).toEqual([]);
});

test('plays the demo member first and each other caller at one click', async () => {
  const { page } = browser;

  await page.getByRole('button', { name: 'Merchant' }).click();

  await page.locator('#who', { hasText: 'MERCHANT' }).waitFor();
  expect(await who()).toBe('MERCHANT · Demo Pet Shop');
});

test('sends a query as the chosen caller and shows the answer', async () => {
  const { page } = browser;
  world.met.length = 0;
  await page.getByRole('button', { name: 'Auditor' }).click();

  await runQuery('{ viewer { kind } }');
  await page.locator('.result-window', { hasText: 'AUDITOR' }).waitFor();

  expect(JSON.parse((await answer()).replaceAll(/^\d+$/gm, ''))).toEqual({
    data: { viewer: { kind: 'AUDITOR' } },
  });
  expect(world.met.map(({ caller }) => caller)).toContainEqual({ kind: 'AUDITOR', subject: 'aud' });
});

test('asks nothing of any other host', () => {
  const hosts = new Set(browser.requested.map((url) => new URL(url).host));

  expect([...hosts]).toEqual([new URL(world.origin).host]);
  expect(browser.requested.length).toBeGreaterThan(8);
});
