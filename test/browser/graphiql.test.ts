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

let mutations = 0;
const campaigns = {
  Mutation: {
    recordPurchase: () => {
      mutations++;
      return null;
    },
  },
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
    caller: { kind: 'MEMBER', memberId: `mem_${'1'.repeat(26)}`, merchantId: 'mer_1' },
  },
  { label: 'Operator', name: 'Demo operator', caller: { kind: 'OPERATOR', subject: 'ops' } },
  { label: 'Auditor', name: 'Demo auditor', caller: { kind: 'AUDITOR', subject: 'aud' } },
] as const;

let world: GatewayWorld;
let browser: TestBrowser;
beforeAll(async () => {
  world = await startGatewayWorld(
    { accounts, campaigns },
    {
      graphiql: true,
      demo: () => ({
        facts,
        identities: identities.map((each) => ({ ...each, caller: structuredClone(each.caller) as never })),
      }),
    },
  );
  browser = await startTestBrowser();
});
afterAll(async () => {
  await browser?.stop();
  await world?.stop();
});

const who = () => browser.page.locator('#who').textContent();

async function answer(): Promise<unknown> {
  const lines = await browser.page.locator('.result-window pre.CodeMirror-line').allTextContents();
  // The viewer writes leading blanks as non-breaking ones.
  return JSON.parse(lines.join('').replaceAll(/[\u00a0\u200b]/g, ''));
}

async function runQuery(query: string): Promise<void> {
  const { page } = browser;
  const tabs = page.locator('.graphiql-tab');
  const before = await tabs.count();
  await page.getByLabel('Add tab').click();
  await tabs.nth(before).waitFor();
  await page.locator('.graphiql-query-editor .CodeMirror').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(query);
  // On a busy machine a key pressed at once would meet what was there before.
  await page.locator('.graphiql-query-editor .CodeMirror-code', { hasText: query }).waitFor();
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

test('shows the demo member an answer at once, and never sends a mutation by itself', async () => {
  const { page } = browser;

  await page.locator('.result-window', { hasText: 'viewer' }).waitFor();
  await page.locator('#who', { hasText: 'MEMBER' }).waitFor();

  expect(await who()).toBe('MEMBER · Demo Member, in a session of Demo Pet Shop');
  expect(mutations).toBe(0);
});

test('plays each other caller at one click, and says whom the open example is for', async () => {
  const { page } = browser;

  await page.locator('.graphiql-tab-button', { hasText: 'TillPurchase' }).click();
  expect(await page.locator('.identity.suggested').allTextContents()).toEqual(['MerchantDemo Pet Shop']);
  await page.getByRole('button', { name: 'Merchant' }).click();
  await page.locator('#who', { hasText: 'MERCHANT' }).waitFor();

  expect(await who()).toBe('MERCHANT · Demo Pet Shop');
  expect(await page.locator('.identity.suggested').count()).toBe(0);
});

test('sends a query as the chosen caller and shows the answer', async () => {
  const { page } = browser;
  world.met.length = 0;
  await page.getByRole('button', { name: 'Auditor' }).click();
  await page.locator('#who', { hasText: 'AUDITOR' }).waitFor();

  await runQuery('{ viewer { kind } }');
  await page.locator('.result-window', { hasText: 'AUDITOR' }).waitFor();

  expect(await answer()).toEqual({
    data: { viewer: { kind: 'AUDITOR' } },
  });
  expect(world.met.map(({ caller }) => caller)).toContainEqual({ kind: 'AUDITOR', subject: 'aud' });
});

test('asks nothing of any other host', () => {
  const hosts = new Set(browser.requested.map((url) => new URL(url).host));

  expect([...hosts]).toEqual([new URL(world.origin).host]);
  expect(browser.requested.length).toBeGreaterThan(8);
});
