import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startTestBrowser, type TestBrowser } from '../support/browser.ts';
import { startCoalition, type TestCoalition } from '../support/coalition.ts';
import { checkCoalitionLedger } from '../support/ledger.ts';
import { memberIds } from '../support/member-ids.ts';
import { mutate, seeds, type TestMember, type TestMerchant, unique } from '../support/seed.ts';

let coalition: TestCoalition;
let browser: TestBrowser;
let member: TestMember;
let shop: TestMerchant;
let month: string;
beforeAll(async () => {
  coalition = await startCoalition();
  browser = await startTestBrowser();
  const seed = seeds(coalition);
  await seed.programme('SHARED', 0);
  shop = await seed.merchant('Shop <i>&amp;</i>');
  // Long before the end of a month, whenever this runs.
  const now = coalition.clock.now();
  const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 10);
  coalition.clock.advance(next - now.getTime());
  month = coalition.clock.now().toISOString().slice(0, 7);
  member = await seed.member([shop]);
  await seed.earn(shop, member, 1_000);
  const rewardId = await seed.reward(shop, 300, { name: '逗猫棒 <b>', category: 'pet toy' });
  const home = { idempotencyKey: unique('home'), name: 'Home' };
  await mutate(coalition, member.token, 'createHousehold', 'CreateHouseholdInput', '', home);
  const putIn = { idempotencyKey: unique('put'), points: 200 };
  const put = ['contributeToHousehold', 'ContributeToHouseholdInput', ''] as const;
  await mutate(coalition, member.token, ...put, putIn);
  const paid = { idempotencyKey: unique('pay'), member: { id: member.id }, points: 60, fromHousehold: true };
  await mutate(coalition, shop.token, 'redeemPoints', 'RedeemPointsInput', '', paid);
  await mutate(
    coalition,
    member.token,
    'redeemReward',
    'RedeemRewardInput',
    '... on RewardRedeemed { redemption { status } }',
    { idempotencyKey: unique('redeem'), rewardId },
  );
});
afterEach(async () => expect(await checkCoalitionLedger(coalition)).toEqual([]));
afterAll(async () => {
  await browser.stop();
  await coalition.stop();
});

interface Links {
  readonly status: string;
  readonly json: string;
  readonly hash: string | null;
  readonly page: string;
  readonly file: string;
}

async function links(locale = 'zh-CN'): Promise<Links> {
  const query = `query ($month: String!, $locale: String) { viewer { member {
    statement(month: $month, locale: $locale) { status json hash page: downloadUrl file: downloadUrl(format: JSON) } } } }`;
  const { viewer } = await coalition.send<{ viewer: { member: { statement: Links } } }>(member.token, query, {
    month,
    locale,
  });
  return viewer.member.statement;
}

const at = (path: string): string => `${coalition.origin}${path}`;

test('a member follows the link and reads the running month, with what it did, and nothing is loaded or complained of', async () => {
  const { status, page } = await links();

  await browser.page.goto(at(page));

  const text = await browser.page.textContent('main');
  expect(status).toBe('RUNNING');
  expect(text).toContain('本月尚未结束');
  expect(text).toContain('本月你为宠物兑换了逗猫棒 <b>，它一定很开心。');
  expect(text).toContain('Shop <i>&amp;</i>');
  expect(text).toContain('存入家庭积分池-200');
  expect(text).toContain('当前结余500');
  expect(text).toContain('你在家庭积分池中的积分月初结余0存入+200家庭使用Shop <i>&amp;</i>-60当前结余140');
  expect(browser.requested).toEqual([at(page)]);
  expect(browser.complaints).toEqual([]);
});

test('on a phone nothing runs over the edge', async () => {
  await browser.page.setViewportSize({ width: 360, height: 740 });

  await browser.page.goto(at((await links('en')).page));

  const width = await browser.page.evaluate('document.documentElement.scrollWidth');
  expect(width).toBe(360);
  expect(await browser.page.textContent('h1')).toMatch(/^[A-Z][a-z]+ 20\d\d$/);
});

test('a finished month prints on one sheet of A4 and downloads as the very text that was signed', async () => {
  coalition.clock.advance(40 * 86_400_000);
  const { status, json, hash, page, file } = await links();

  await browser.page.goto(at(page));
  const pdf = await browser.page.pdf({ preferCSSPageSize: true, printBackground: true });
  const download = await fetch(at(file));

  expect(status).toBe('ISSUED');
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
  expect(await browser.page.textContent('footer')).toContain(hash);
  expect(download.headers.get('content-disposition')).toBe(`attachment; filename="statement-${month}.json"`);
  const text = await download.text();
  expect(text).toContain(`"statement":${json}}`);
  expect(JSON.parse(text)).toMatchObject({ hash, signature: { algorithm: 'EdDSA' }, statement: { month } });
  expect(createHash('sha256').update(json).digest('hex')).toBe(hash);
});

test('without a token and without a link there is nothing, and a link or a token is good for its own statement alone', async () => {
  const seed = seeds(coalition);
  const other = await seed.member([shop]);
  const path = `/statements/${member.id}/${month}.json`;
  const ticket = new URL(at((await links()).file)).searchParams.get('ticket')!;
  const status = async (to: string, token?: string) =>
    (await fetch(at(to), { headers: token ? { authorization: `Bearer ${token}` } : {} })).status;

  expect(await status(path)).toBe(401);
  expect(await status(`${path}?ticket=${ticket}x`)).toBe(401);
  expect(await status(`/statements/${other.id}/${month}.json?ticket=${ticket}`)).toBe(401);
  expect(await status(`/statements/${member.id}/${month}.html?ticket=${ticket}`)).toBe(401);
  expect(await status(`${path}?ticket=${ticket}`)).toBe(200);
  expect(await status(path, member.token)).toBe(200);
  expect(await status(path, other.token)).toBe(404);
  expect(await status(path, shop.token)).toBe(404);
  expect(await status(path, await seed.auditor())).toBe(200);
  expect(await status(`/statements/${member.id}/2026-13.json`, member.token)).toBe(404);
  expect(await status(`/statements/${member.id}/x.pdf`, member.token)).toBe(404);
  expect(await status(path, 'nonsense')).toBe(401);
});

test("a member's session names it by its own id or by the one that its storefront was shown, and by no other", async () => {
  const seed = seeds(coalition);
  const [cafe, other] = [await seed.merchant('Cafe'), await seed.member([shop])];
  const status = async (id: string, token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(at(`/statements/${id}/${month}.html`), { headers })).status;
  };
  const shown = memberIds.shown(member.id, shop.id);

  expect(await status(member.id, member.token)).toBe(200);
  expect(await status(shown, member.token)).toBe(200);
  expect(await status(memberIds.shown(member.id, cafe.id), member.token)).toBe(404);
  expect(await status(memberIds.shown(other.id, shop.id), member.token)).toBe(404);
  expect(await status(shown, other.token)).toBe(404);
  expect(await status(shown, shop.token)).toBe(404);
  expect(await status(shown, await seed.auditor())).toBe(404);
});

test('a language that no statement is written in is refused in the words of the GraphQL field', async () => {
  const path = `/statements/${member.id}/${month}`;
  const asked = async (to: string) => {
    const response = await fetch(at(to), { headers: { authorization: `Bearer ${member.token}` } });
    return [response.status, response.status === 200 ? null : await response.json()];
  };
  const query =
    'query ($month: String!) { viewer { member { statement(month: $month, locale: "fr") { hash } } } }';
  const { errors } = await coalition.ask(member.token, query, { month });
  const refusal = [400, { error: errors![0]!.message }];

  expect(await asked(`${path}.html?locale=fr`)).toEqual(refusal);
  expect(await asked(`${path}.json?locale=fr`)).toEqual(refusal);
  expect(await asked(`${path}.html?locale=`)).toEqual(refusal);
  expect(await asked(`${path}.html?locale=en&locale=fr`)).toEqual(refusal);
  expect(await asked(`${path}.html?locale=en`)).toEqual([200, null]);
  expect(await asked(`${path}.html`)).toEqual([200, null]);
});
