import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asMember, asService, auditor, operator } from '../../support/callers.ts';
import { makeBeneficiary } from '../../support/gifts.ts';
import { act, documentsStored, expectSoundLedger, priceIn } from '../../support/points.ts';
import { afterDays } from '../../support/policy.ts';
import { consents, giveConsent } from '../../support/privacy.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  await publishProgramme(accounts, { code: 'SLOW', name: 'Slow', unlock: afterDays(30) });
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
  for (const merchant of [pets, cafe]) await priceIn(accounts, merchant, 'SLOW');
});

afterAll(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
});

let count = 0;

/** A member of both merchants, that told its name to the pet shop. */
async function shared(): Promise<RegisteredMember> {
  const reference = `both-${++count}`;
  const member = await registerMember(accounts, pets, reference, { displayName: '小明' });
  accounts.clock.advance({ hours: 1 });
  await registerMember(accounts, cafe, reference, { cardNumber: member.cardNumber });
  return member;
}

const earn = async (
  merchant: OpenedMerchant,
  { id }: RegisteredMember,
  points: number,
  programme = 'SHARED',
) => {
  const input = {
    member: { id },
    points,
    programme,
    externalRef: `${programme}-${++count}`,
    reason: 'shopping',
  };
  expect(await act(accounts, merchant.caller, 'issuePoints', input)).toMatchObject({
    __typename: 'PointsPosted',
  });
};

interface Seen {
  displayName: string | null;
  registeredAt: string;
  wallet: { available: number; pending: number; held: number } | null;
  wallets: { programme: { code: string } }[];
  postings: { edges: { node: Record<string, unknown> }[] };
  consents: { purpose: string; partner: { id: string } }[];
}

const query = `query ($id: ID!, $programme: String!) {
  member(id: $id) {
    displayName registeredAt
    consents { purpose partner { id } textVersion }
    wallet(programme: $programme) {
      available pending held arrears nextExpiry { points } expiring(withinDays: 3000) { points }
      lots { edges { node { points issuer { name } } } }
    }
    wallets { programme { code } }
    postings { edges { node {
      kind points change merchant { name } externalRef reason entries { account } allocations { issuer { name } } member { id }
    } } }
  }
}`;

async function seenBy(
  merchant: OpenedMerchant,
  { id }: RegisteredMember,
  programme = 'SHARED',
): Promise<Seen> {
  return (await accounts.send<{ member: Seen }>(merchant.caller, query, { id, programme })).member;
}

const lotsOf = (seen: Seen) =>
  (seen.wallet as unknown as { lots: { edges: { node: object }[] } }).lots.edges.map(({ node }) => node);

test('without consent a merchant sees what is available and of the rest what it issued or reserved', async () => {
  const member = await shared();
  await earn(pets, member, 70);
  await earn(cafe, member, 30);
  await earn(pets, member, 500, 'SLOW');
  await earn(cafe, member, 40, 'SLOW');
  const hold = { memberId: member.id, programme: 'SHARED', points: 25, merchantId: pets.id };
  await act(accounts, asService(), 'holdPoints', hold);

  const atCafe = await seenBy(cafe, member);
  const atPets = await seenBy(pets, member);
  const slowAtCafe = await seenBy(cafe, member, 'SLOW');

  expect(atCafe.wallet).toMatchObject({ available: 75, pending: 0, held: 0, nextExpiry: { points: 30 } });
  expect(lotsOf(atCafe)).toEqual([{ points: 30, issuer: { name: 'Café' } }]);
  expect(atPets.wallet).toMatchObject({ available: 75, held: 25, nextExpiry: { points: 45 } });
  expect(lotsOf(atPets)).toEqual([{ points: 70, issuer: { name: 'Pets' } }]);
  expect(slowAtCafe.wallet).toMatchObject({ available: 0, pending: 40, expiring: [{ points: 40 }] });
  expect(atCafe.postings.edges.map(({ node }) => [node['kind'], node['points']])).toEqual([
    ['EARN', 40],
    ['EARN', 30],
  ]);
});

test('what falls due while nobody wrote it is told to a merchant of its own part only', async () => {
  const member = await shared();
  await earn(pets, member, 500, 'SLOW');
  accounts.clock.advance({ days: 20 });
  await earn(cafe, member, 40, 'SLOW');
  accounts.clock.advance({ days: 11 });

  expect((await seenBy(cafe, member, 'SLOW')).wallet).toMatchObject({ available: 500, pending: 40 });
  expect((await seenBy(pets, member, 'SLOW')).wallet).toMatchObject({ available: 500, pending: 0 });
});

test('with SHARE_BALANCE a merchant sees all points and lots, but not who issued them', async () => {
  const member = await shared();
  await earn(pets, member, 500, 'SLOW');
  await earn(cafe, member, 40, 'SLOW');
  await giveConsent(accounts, member.id, cafe.id, 'SHARE_BALANCE');

  const seen = await seenBy(cafe, member, 'SLOW');

  expect(seen.wallet).toMatchObject({ pending: 540, expiring: [{ points: 540 }] });
  expect(lotsOf(seen)).toEqual([
    { points: 500, issuer: null },
    { points: 40, issuer: { name: 'Café' } },
  ]);
  expect(seen.postings.edges).toHaveLength(1);
  expect((await seenBy(pets, member, 'SLOW')).wallet).toMatchObject({ pending: 500 });
});

test("with SHARE_ACTIVITY a merchant sees postings elsewhere, without the other merchant's words", async () => {
  const member = await shared();
  await earn(pets, member, 70);
  await earn(cafe, member, 30);
  await giveConsent(accounts, member.id, cafe.id, 'SHARE_ACTIVITY');

  const { postings } = await seenBy(cafe, member);

  const wallet = `wallet:wal_${member.id}_SHARED:available`;
  expect(postings.edges.map(({ node }) => node)).toEqual([
    {
      ...{ kind: 'EARN', points: 30, change: 30, merchant: { name: 'Café' }, reason: 'shopping' },
      externalRef: expect.any(String),
      entries: [{ account: `issuer:${cafe.id}` }, { account: wallet }],
      allocations: [{ issuer: { name: 'Café' } }],
      member: { id: member.id },
    },
    {
      ...{
        kind: 'EARN',
        points: 70,
        change: 70,
        merchant: { name: 'Pets' },
        reason: null,
        externalRef: null,
      },
      entries: [{ account: `issuer:${pets.id}` }, { account: wallet }],
      allocations: [{ issuer: null }],
      member: { id: member.id },
    },
  ]);
});

test('with SHARE_ACTIVITY a merchant sees neither gifts nor donations nor what time did', async () => {
  const member = await shared();
  const friend = await shared();
  await makeBeneficiary(accounts, member, friend);
  await earn(pets, member, 70);
  await earn(pets, member, 500, 'SLOW');
  await act(accounts, asMember(member.id), 'transferPoints', { toCardNumber: friend.cardNumber, points: 5 });
  const donation = { memberId: member.id, causeId: 'cau_1', programme: 'SHARED', points: 5 };
  await act(accounts, asService(), 'postDonation', donation);
  accounts.clock.advance({ days: 31 });
  await accounts.sweep();
  await giveConsent(accounts, member.id, cafe.id, 'SHARE_ACTIVITY');
  await giveConsent(accounts, friend.id, cafe.id, 'SHARE_ACTIVITY');

  const { postings } = await seenBy(cafe, member);

  expect(postings.edges.map(({ node }) => [node['kind'], node['points']])).toEqual([
    ['EARN', 500],
    ['EARN', 70],
  ]);
  expect((await seenBy(cafe, friend)).postings.edges).toEqual([]);
});

test('the name given to one merchant and the day of joining it are not told to another', async () => {
  const member = await shared();

  const before = [await seenBy(pets, member), await seenBy(cafe, member)];
  await giveConsent(accounts, member.id, cafe.id, 'SHARE_PROFILE');
  const after = await seenBy(cafe, member);

  expect(before.map(({ displayName }) => displayName)).toEqual(['小明', null]);
  expect(after.displayName).toBe('小明');
  expect(Date.parse(after.registeredAt) - Date.parse(before[0]!.registeredAt)).toBe(3_600_000);
});

test('a merchant without a price in a programme learns nothing of a wallet in it', async () => {
  const bank = await openMerchant(accounts, 'Bank');
  const member = await shared();
  await registerMember(accounts, bank, 'banked', { cardNumber: member.cardNumber });
  await earn(pets, member, 500, 'SLOW');

  const before = await seenBy(bank, member, 'SLOW');
  await giveConsent(accounts, member.id, bank.id, 'SHARE_BALANCE');
  const after = await seenBy(bank, member, 'SLOW');

  expect([before.wallet, before.wallets]).toEqual([null, []]);
  expect(after.wallet).toMatchObject({ pending: 500 });
  expect(after.wallets).toEqual([{ programme: { code: 'SLOW' } }]);
});

test('what is taken back counts at once, and the history keeps all of it', async () => {
  const member = await shared();
  await earn(pets, member, 70);
  const session = asMember(member.id, pets.id);
  const sha = 'a'.repeat(64);
  const given = { partnerId: cafe.id, purpose: 'SHARE_ACTIVITY', textVersion: 'v1/zh', textSha256: sha };
  await consents(accounts, session, 'grantConsent', given);
  const seen = (await seenBy(cafe, member)).postings.edges.length;

  const withdrawn = await consents(accounts, asMember(member.id), 'withdrawConsent', {
    partnerId: cafe.id,
    purpose: 'SHARE_ACTIVITY',
  });

  expect(seen).toBe(1);
  expect(withdrawn).toMatchObject({
    __typename: 'ConsentWithdrawn',
    change: { granted: false, relayedBy: null },
  });
  expect((await seenBy(cafe, member)).postings.edges).toEqual([]);
  const history = `query ($id: ID!) { member(id: $id) { consents { purpose } consentHistory { edges { node {
    partner { name } purpose granted textVersion textSha256 relayedBy { name } } } } } }`;
  for (const caller of [asMember(member.id), operator, auditor])
    expect(await accounts.send(caller, history, { id: member.id })).toEqual({
      member: {
        consents: [],
        consentHistory: {
          edges: [
            {
              node: {
                ...{ partner: { name: 'Café' }, purpose: 'SHARE_ACTIVITY', granted: false },
                ...{ textVersion: null, textSha256: null, relayedBy: null },
              },
            },
            {
              node: {
                ...{ partner: { name: 'Café' }, purpose: 'SHARE_ACTIVITY', granted: true },
                ...{ textVersion: 'v1/zh', textSha256: sha, relayedBy: { name: 'Pets' } },
              },
            },
          ],
        },
      },
    });
});

test('a merchant sees the consents that concern it and no history', async () => {
  const member = await shared();
  await giveConsent(accounts, member.id, cafe.id, 'MARKETING');
  await giveConsent(accounts, member.id, pets.id, 'SHARE_BALANCE');

  const seen = await seenBy(cafe, member);
  const history = await accounts.ask(
    cafe.caller,
    'query ($id: ID!) { member(id: $id) { consentHistory { edges { cursor } } } }',
    { id: member.id },
  );

  expect(seen.consents).toMatchObject([{ purpose: 'MARKETING', partner: { id: cafe.id } }]);
  expect(history.errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
});

test('the same request again changes nothing, and its key with another input is refused', async () => {
  const member = await shared();
  const input = { idempotencyKey: 'once', partnerId: cafe.id, purpose: 'MARKETING', textVersion: 'v1' };
  const first = await consents(accounts, asMember(member.id), 'grantConsent', input);
  const before = await documentsStored(accounts);

  const again = await consents(accounts, asMember(member.id), 'grantConsent', input);
  const other = await consents(accounts, asMember(member.id), 'grantConsent', {
    ...input,
    textVersion: 'v2',
  });

  expect(again).toEqual({ ...first, replayed: true });
  expect(other).toMatchObject({ __typename: 'IdempotencyConflict' });
  expect(await documentsStored(accounts)).toEqual(before);
});

test('two changes at once are both kept, one after the other', async () => {
  const member = await shared();
  const both = ['MARKETING', 'SHARE_PROFILE', 'SHARE_BALANCE'].map((purpose) =>
    giveConsent(accounts, member.id, cafe.id, purpose),
  );
  await Promise.all(both);

  expect((await seenBy(cafe, member)).consents.map(({ purpose }) => purpose)).toEqual([
    'SHARE_BALANCE',
    'SHARE_PROFILE',
    'MARKETING',
  ]);
});

test.each([
  ['an empty text version', 'grantConsent', { textVersion: '' }, { field: 'input.textVersion' }],
  ['no SHA-256', 'grantConsent', { textVersion: 'v', textSha256: 'x' }, { field: 'input.textSha256' }],
  ['an empty key', 'withdrawConsent', { idempotencyKey: '' }, { field: 'input.idempotencyKey' }],
  [
    'no such merchant',
    'grantConsent',
    { textVersion: 'v', partnerId: 'mer_x' },
    { what: 'MERCHANT', id: 'mer_x' },
  ],
  [
    'a text fault before an unknown merchant',
    'grantConsent',
    { textVersion: '', partnerId: 'mer_x' },
    { field: 'input.textVersion' },
  ],
  [
    'no such merchant before nothing to take back',
    'withdrawConsent',
    { partnerId: 'mer_x' },
    { what: 'MERCHANT' },
  ],
  ['nothing to take back', 'withdrawConsent', {}, { code: 'CONSENT_NOT_GIVEN' }],
] as const)('%s is refused and keeps nothing', async (_, name, changes, refusal) => {
  const member = await shared();
  const before = await documentsStored(accounts);

  const result = await consents(accounts, asMember(member.id), name, {
    ...{ partnerId: cafe.id, purpose: 'MARKETING' },
    ...changes,
  });

  expect(result).toMatchObject(refusal);
  expect(await documentsStored(accounts)).toEqual(before);
});
