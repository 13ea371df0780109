import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sha256 } from '../../../subgraphs/shared/idempotency.ts';
import { verifyLink } from '../../../subgraphs/shared/link.ts';
import { createSigner, verifySignature } from '../../../subgraphs/shared/signing/signer.ts';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import {
  allKinds,
  asMember,
  asMerchant,
  asService,
  auditor,
  callerOf,
  operator,
} from '../../support/callers.ts';
import { atHome } from '../../support/households.ts';
import { act, documentsStored, expectSoundLedger } from '../../support/points.ts';
import { forMonths } from '../../support/policy.ts';
import { remindBefore } from '../../support/reminders.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let ann: RegisteredMember;
// Each test has a year of its own, so that the clock never goes back.
let year = 2025;
beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts, { validity: forMonths(2) });
  pets = await openMerchant(accounts, 'Pet shop');
  cafe = await openMerchant(accounts, 'Café');
});
beforeEach(async () => {
  year++;
  accounts.clock.set(`${year}-01-15T08:00:00.000Z`);
  ann = await registerMember(accounts, pets, randomUUID());
});
afterEach(() => expectSoundLedger(accounts));
afterAll(() => accounts.stop());

const fields = `month status issuedAt json hash signature keyId html downloadUrl warmLines { kind text }
  programmes { programme { code } opening closing expired giftsReceived giftsGiven other available
    earned { merchant { id } merchantName points postings } spent { merchantName points }
    refunded { merchantName points } donated { causeId cause points impact { goods unit quantity } }
    nextExpiries { at points }
    pooled { opening contributed takenBack expired other closing available held nextExpiries { at points }
      spent { merchantName points postings } refunded { merchantName points } } }`;

interface Answer {
  readonly month: string;
  readonly status: string;
  readonly json: string;
  readonly hash: string | null;
  readonly signature: string | null;
  readonly keyId: string | null;
  readonly html: string;
  readonly downloadUrl: string | null;
  readonly warmLines: { kind: string; text: string }[];
  readonly programmes: Fields[];
}

async function statement(month: string, caller = asMember(ann.id), locale: string | null = null) {
  const query = `query ($id: ID!, $month: String!, $locale: String) {
    member(id: $id) { statement(month: $month, locale: $locale) { ${fields} } } }`;
  const answer = await accounts.send<{ member: { statement: Answer | null } }>(caller, query, {
    id: ann.id,
    month,
    locale,
  });
  return answer.member.statement;
}

const issue = (points: number) =>
  act(accounts, pets.caller, 'issuePoints', { member: { id: ann.id }, points });

/** Buys a reward as the catalogue does. */
async function buy(points: number, note: object) {
  const held = await act(accounts, asService(), 'holdPoints', {
    memberId: ann.id,
    programme: 'SHARED',
    points,
    merchantId: cafe.id,
  });
  const { id: holdId } = held['hold'] as { id: string };
  await act(accounts, asService(), 'capturePoints', { holdId, note });
}

test('a running month is a preview that says so, unsigned and not kept', async () => {
  await issue(100);
  const stored = await documentsStored(accounts);

  expect(await statement(`${year}-01`)).toMatchObject({
    status: 'RUNNING',
    issuedAt: null,
    hash: null,
    signature: null,
    keyId: null,
    programmes: [
      { opening: 0, closing: 100, earned: [{ merchantName: 'Pet shop', points: 100, postings: 1 }] },
    ],
  });
  // Where the month opened follows from the journal and may be kept.
  expect(await documentsStored(accounts)).toEqual({ ...stored, 'ledger-closings': 1 });
});

test('a month is no sooner issued than nothing dated in it can still be written', async () => {
  await issue(100);

  accounts.clock.set(`${year}-02-01T00:01:59.999Z`);
  expect(await statement(`${year}-01`)).toMatchObject({ status: 'RUNNING' });
  accounts.clock.set(`${year}-02-01T00:02:00.000Z`);
  expect(await statement(`${year}-01`)).toMatchObject({
    status: 'ISSUED',
    issuedAt: `${year}-02-01T00:02:00.000Z`,
  });
});

test('a finished month is signed over its very text, and whoever has the public key can verify it', async () => {
  await issue(100);
  accounts.clock.set(`${year}-02-03T08:00:00.000Z`);

  const { json, hash, signature, keyId } = (await statement(`${year}-01`))!;

  const { publicKeys } = createSigner(accounts.signingKey);
  expect(hash).toBe(sha256(json));
  const signed = { keyId: keyId!, algorithm: 'EdDSA' as const, signature: signature! };
  expect(verifySignature(publicKeys, JSON.parse(json), signed)).toBe(true);
  const forged = { ...JSON.parse(json), month: `${year}-02` };
  expect(verifySignature(publicKeys, forged, signed)).toBe(false);
});

test('an issued month never changes: a return afterwards appears in the month in which it was posted', async () => {
  const earned = await issue(100);
  accounts.clock.set(`${year}-02-03T08:00:00.000Z`);
  const before = await statement(`${year}-01`);
  await act(accounts, pets.caller, 'reversePosting', {
    postingId: (earned['posting'] as { id: string }).id,
    reason: 'returned',
  });
  accounts.clock.set(`${year}-03-03T08:00:00.000Z`);

  expect(await statement(`${year}-01`)).toEqual({ ...before, downloadUrl: expect.any(String) });
  expect(await statement(`${year}-02`)).toMatchObject({ programmes: [{ opening: 100, closing: 0 }] });
});

test('what fell due in the month is in it although nobody had written it before', async () => {
  await issue(100);
  await remindBefore(`${year}-03-15T23:59:59.999Z`, accounts);
  accounts.clock.set(`${year}-05-03T08:00:00.000Z`);

  expect(await statement(`${year}-03`)).toMatchObject({
    programmes: [{ opening: 100, expired: -100, closing: 0 }],
  });
  expect(await statement(`${year}-02`)).toMatchObject({
    programmes: [
      {
        opening: 100,
        expired: 0,
        closing: 100,
        nextExpiries: [{ at: `${year}-03-15T23:59:59.999Z`, points: 100 }],
      },
    ],
  });
  expect(await statement(`${year}-01`)).toMatchObject({ programmes: [{ opening: 0, closing: 100 }] });
});

test('points in the pool of a household are told on their own, to the member that put them there, in what is signed and on the page', async () => {
  await issue(500);
  await atHome(accounts, ann, 'createHousehold', { name: 'Home' });
  await atHome(accounts, ann, 'contributeToHousehold', { points: 200 });
  const paid = { member: { id: ann.id }, points: 60, fromHousehold: true };
  await act(accounts, pets.caller, 'redeemPoints', paid);
  accounts.clock.set(`${year}-02-10T08:00:00.000Z`);

  const january = await statement(`${year}-01`);

  expect(january!.programmes[0]).toMatchObject({
    closing: 300,
    spent: [],
    pooled: {
      ...{ opening: 0, contributed: 200, takenBack: 0, expired: 0, other: 0, refunded: [] },
      ...{ closing: 140, available: 140, held: 0 },
      spent: [{ merchantName: 'Pet shop', points: -60, postings: 1 }],
      nextExpiries: [{ at: `${year}-03-15T23:59:59.999Z`, points: 140 }],
    },
  });
  expect(JSON.parse(january!.json).programmes[0].pooled).toMatchObject({ opening: '0', closing: '140' });
  expect(january!.html).toContain('家庭使用');
  await remindBefore(`${year}-03-15T23:59:59.999Z`, accounts);
  accounts.clock.set(`${year}-03-20T08:00:00.000Z`);
  expect((await statement(`${year}-03`))!.programmes[0]).toMatchObject({
    expired: -300,
    pooled: { opening: 140, expired: -140, closing: 0 },
  });
  // A link is made anew each time it is asked for.
  const { downloadUrl: _, ...kept } = january!;
  expect(await statement(`${year}-01`)).toMatchObject(kept);
});

test('many who ask at once for a month that nobody had asked for get one and the same statement', async () => {
  await issue(100);
  accounts.clock.set(`${year}-02-03T08:00:00.000Z`);

  const callers = [asMember(ann.id), operator, auditor, asMember(ann.id), asMember(ann.id), operator];
  const answers = await Promise.all(callers.map((caller) => statement(`${year}-01`, caller)));

  expect(new Set(answers.map((one) => `${one!.json} ${one!.signature}`)).size).toBe(1);
});

test('there is no statement before the member joined nor of a month to come, and a faulty month or language is said to be', async () => {
  expect(await statement(`${year - 1}-12`)).toBeNull();
  expect(await statement(`${year}-02`)).toBeNull();
  const ask = (args: string) =>
    accounts.ask(asMember(ann.id), `query ($id: ID!) { member(id: $id) { statement(${args}) { month } } }`, {
      id: ann.id,
    });
  for (const args of ['month: "2026-13"', 'month: "01/2026"', 'month: "2026-01", locale: "fr"'])
    expect((await ask(args)).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('the member reads what it did, in its language or the one it asks for; those who supervise read the numbers alone', async () => {
  await issue(1_000);
  await buy(300, { name: '逗猫棒 <b>', categories: ['pet toy'] });
  await act(accounts, asService(), 'postDonation', {
    memberId: ann.id,
    programme: 'SHARED',
    causeId: 'cats',
    points: 200,
    note: {
      name: '流浪猫',
      categories: ['animal rescue'],
      goods: [{ goods: '猫粮', unit: 'g', quantity: '200' }],
    },
  });
  accounts.clock.set(`${year}-02-03T08:00:00.000Z`);

  const own = (await statement(`${year}-01`))!;
  const inEnglish = (await statement(`${year}-01`, asMember(ann.id), 'en'))!;
  const supervised = (await statement(`${year}-01`, operator))!;

  expect(own.warmLines.map(({ text }) => text)).toEqual([
    '本月你为宠物兑换了逗猫棒 <b>，它一定很开心。',
    '你为「流浪猫」捐出 200 积分，商家因此备下了 200 g 猫粮。',
    '本月你的卡收到了第一笔积分，欢迎你。',
  ]);
  expect(inEnglish.warmLines[0]!.text).toBe(
    'This month you got 逗猫棒 <b> for your pet. There must have been some happy jumping.',
  );
  expect(own.programmes).toMatchObject([
    {
      spent: [{ merchantName: 'Café', points: -300 }],
      donated: [
        {
          causeId: 'cats',
          cause: '流浪猫',
          points: -200,
          impact: [{ goods: '猫粮', unit: 'g', quantity: '200' }],
        },
      ],
      closing: 500,
    },
  ]);
  expect(own.html).toContain('逗猫棒 &lt;b&gt;');
  expect(own.html).not.toContain('<b>，');
  expect(supervised).toMatchObject({
    json: own.json,
    signature: own.signature,
    warmLines: [],
    downloadUrl: null,
  });
  expect(supervised.html).not.toContain('逗猫棒');
  expect(own.json).not.toContain('逗猫棒');
});

test('a month in which all that was earned was taken back ends a row of months, as it does while it runs', async () => {
  const at = (day: string) => accounts.clock.set(`${year}-${day}T08:00:00.000Z`);
  await issue(100);
  at('02-03');
  const { posting } = (await issue(100)) as { posting: { id: string } };
  await act(accounts, pets.caller, 'reversePosting', { postingId: posting.id, reason: 'returned' });
  at('03-03');
  await issue(100);
  expect((await statement(`${year}-03`))!.warmLines).toEqual([]);
  at('04-03');
  await issue(100);
  at('05-03');
  await issue(100);

  expect((await statement(`${year}-05`))!.warmLines.map(({ kind }) => kind)).toEqual(['streak']);
});

test('a programme that is renamed is called on the page of an issued month what it was called then', async () => {
  await issue(100);
  accounts.clock.set(`${year}-02-03T08:00:00.000Z`);
  const { html } = (await statement(`${year}-01`))!;
  await publishProgramme(accounts, { validity: forMonths(2), name: 'Renamed points' });
  accounts.clock.set(`${year}-02-20T08:00:00.000Z`);

  expect(html).toContain('Shared points');
  expect((await statement(`${year}-01`))!.html).toBe(html);
  expect((await statement(`${year}-02`))!.html).toContain('Renamed points');
});

test('the link is good for this very path and this member', async () => {
  accounts.clock.set(`${year}-02-03T08:00:00.000Z`);

  const { downloadUrl } = (await statement(`${year}-01`))!;

  const url = new URL(downloadUrl!, 'http://gateway');
  expect(url.pathname).toBe(`/statements/${ann.id}/${year}-01.html`);
  expect(await verifyLink(url.searchParams.get('ticket')!, accounts.key)).toEqual({
    path: url.pathname,
    memberId: ann.id,
  });
  await issue(1);
});

test('issued statements are listed, the latest month first', async () => {
  await issue(100);
  accounts.clock.set(`${year}-03-03T08:00:00.000Z`);
  await statement(`${year}-01`);
  await statement(`${year}-03`);
  await statement(`${year}-02`);

  const query = 'query ($id: ID!) { member(id: $id) { statements { month status } } }';
  expect(await accounts.send(asMember(ann.id), query, { id: ann.id })).toEqual({
    member: {
      statements: [
        { month: `${year}-02`, status: 'ISSUED' },
        { month: `${year}-01`, status: 'ISSUED' },
      ],
    },
  });
});

test.each(allKinds)('%s may read statements as the table says', async (kind) => {
  await issue(100);
  const other = await registerMember(accounts, pets, randomUUID());
  // As a reference from another subgraph, so that finding the member hides nothing of who may read.
  const query = `query ($members: [_Any!]!) {
    _entities(representations: $members) {
      ... on Member { statement(month: "${year}-01") { month warmLines { kind } } } } }`;
  const ask = (memberId: string) =>
    accounts.ask<{ _entities: ({ statement: unknown } | null)[] }>(callerOf(kind, ann.id, pets.id), query, {
      members: [{ __typename: 'Member', id: memberId }],
    });

  const [own, others] = [await ask(ann.id), await ask(other.id)];

  const read = {
    statement: { month: `${year}-01`, warmLines: kind === 'MEMBER' ? [{ kind: 'first-earn' }] : [] },
  };
  const may = ['MEMBER', 'OPERATOR', 'AUDITOR'].includes(kind);
  const mayOthers = ['OPERATOR', 'AUDITOR'].includes(kind);
  expect(own.data?._entities[0]?.statement ?? null).toEqual(may ? read.statement : null);
  expect(others.data?._entities[0]?.statement ?? null).toEqual(
    mayOthers ? { month: `${year}-01`, warmLines: [] } : null,
  );
});

describe("a merchant's own lines", () => {
  const set = async (input: object, caller = cafe.caller) => {
    const query = `mutation ($input: SetWarmLineInput!) { setWarmLine(input: $input) {
      __typename ... on WarmLineSet { line { category texts { zhCN en } } }
      ... on Refusal { code } ... on InvalidInput { field expected } ... on TooManyWarmLines { limit } } }`;
    const variables = { input: { idempotencyKey: randomUUID(), ...input } };
    return (await accounts.send<{ setWarmLine: Fields }>(caller, query, variables)).setWarmLine;
  };
  const texts = { zhCN: '{reward}，趁热喝。', en: '{reward}: best while it is hot.' };
  const lines = async () => {
    const query = 'query ($id: ID!) { merchant(id: $id) { warmLines { category } } }';
    const answer = await accounts.send<{ merchant: { warmLines: { category: string }[] } }>(
      cafe.caller,
      query,
      { id: cafe.id },
    );
    return answer.merchant.warmLines.map(({ category }) => category);
  };

  test('are told in place of ours, replaced, and withdrawn; what was issued keeps what it said', async () => {
    await set({ category: 'drink', texts });
    await issue(1_000);
    await buy(300, { name: '拿铁', categories: ['drink'] });
    const { warmLines } = (await statement(`${year}-01`))!;
    expect(warmLines[0]).toEqual({ kind: `merchant:${cafe.id}:drink`, text: '拿铁，趁热喝。' });
    expect(warmLines.map(({ kind }) => kind)).not.toContain('drink');
    accounts.clock.set(`${year}-02-03T08:00:00.000Z`);
    const issued = await statement(`${year}-01`);
    expect(await lines()).toEqual(['drink']);

    await set({ category: 'drink', texts: null });

    expect(await lines()).toEqual([]);
    expect((await statement(`${year}-01`))!.warmLines).toEqual(issued!.warmLines);
  });

  test.each([
    ['{reward, date}', '小王子'],
    ['{reward, number}', '小王子'],
    ['{reward, select, other {}}', '小王子'],
    ['{reward, select, Ball {球} other {}}', '小王子'],
    ['{reward, select, Ball {球} other {书}}', '__proto__'],
  ])(
    'that an earlier release kept and cannot be told (%s, of %s) keep no statement back, and ours are told instead',
    async (kept, name) => {
      await set({ category: 'book', texts });
      await accounts.stored
        .collection('warm-lines')
        .updateMany({ category: 'book', past: null }, { $set: { 'texts.en': kept } });
      await issue(1_000);
      await buy(300, { name, categories: ['book'] });
      accounts.clock.set(`${year}-02-03T08:00:00.000Z`);

      const issued = await statement(`${year}-01`);

      expect(issued).toMatchObject({ status: 'ISSUED', hash: sha256(issued!.json) });
      expect(issued!.warmLines[0]!.kind).toBe('book');
      await set({ category: 'book', texts: null });
    },
  );

  test('are set once for one key, and refused for the same key with another input', async () => {
    const input = { idempotencyKey: randomUUID(), category: 'tea', texts };
    const stored = async () => (await documentsStored(accounts))['warm-lines'];
    const first = await set(input);
    const before = await stored();

    expect(await set(input)).toEqual(first);
    expect(await set({ ...input, category: 'cake' })).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await stored()).toBe(before);
    await issue(1);
  });

  test.each([
    [
      'an argument that nobody fills',
      { category: 'x', texts: { ...texts, en: '{points}' } },
      'input.texts.en',
    ],
    ['markup', { category: 'x', texts: { ...texts, zhCN: '<script>' } }, 'input.texts.zhCN'],
    ['no ICU message', { category: 'x', texts: { ...texts, en: '{' } }, 'input.texts.en'],
    ['a name as a date', { category: 'x', texts: { ...texts, en: '{reward, date}' } }, 'input.texts.en'],
    ['no category', { category: '', texts }, 'input.category'],
  ])('are refused for %s, and nothing is written', async (_, input, field) => {
    const before = await documentsStored(accounts);

    expect(await set(input)).toMatchObject({ __typename: 'InvalidInput', field });
    expect(await documentsStored(accounts)).toEqual(before);
    await issue(1);
  });

  test('are at most twenty a merchant, and nothing is written of one more', async () => {
    const many = await openMerchant(accounts, 'Many');
    for (let i = 0; i < 20; i++) await set({ category: `c${i}`, texts }, many.caller);
    const before = await documentsStored(accounts);

    expect(await set({ category: 'one more', texts }, many.caller)).toEqual({
      __typename: 'TooManyWarmLines',
      code: 'TOO_MANY_WARM_LINES',
      limit: 20,
    });
    expect(await documentsStored(accounts)).toEqual(before);
    expect(await set({ category: 'c3', texts }, many.caller)).toMatchObject({ __typename: 'WarmLineSet' });
    await issue(1);
  });

  test('are set by merchants with the scope MANAGE and by nobody else', async () => {
    const mutation = `mutation { setWarmLine(input: { idempotencyKey: "k", category: "x" }) { __typename } }`;
    for (const kind of allKinds.filter((one) => one !== 'MERCHANT'))
      expect((await accounts.ask(callerOf(kind, ann.id, cafe.id), mutation)).errors).toHaveLength(1);
    const reader = asMerchant(cafe.id, ['READ']);
    expect((await accounts.ask(reader, mutation)).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
    await issue(1);
  });
});
