import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../subgraphs/shared/caller.ts';
import { nodeCrypto } from '../../../tools/verify/node-crypto.ts';
import { verifyProof } from '../../../tools/verify/verify-proof.ts';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { asMember, auditor, nobody, operator } from '../../support/callers.ts';
import { makeBeneficiary } from '../../support/gifts.ts';
import { act, documentsStored, expectSoundLedger } from '../../support/points.ts';
import { sealNow } from '../../support/proof.ts';

type Fields = Record<string, unknown>;

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let ann: RegisteredMember;
let ben: RegisteredMember;
let earned: string;
let given: string;
let today: string;

const operations = join(import.meta.dirname, '../../../schema/operations');
const read = (name: string) => readFileSync(join(operations, `${name}.graphql`), 'utf8');

const prove = async (caller: Caller, postingId: string, until?: string): Promise<Fields> =>
  (
    await accounts.send<{ ledgerProof: Fields }>(caller, read('storefront/ledger-proof'), {
      postingId,
      until,
    })
  ).ledgerProof;

const proveBalance = async (caller: Caller, variables: object = {}): Promise<Fields> =>
  (await accounts.send<{ liabilityProof: Fields }>(caller, read('storefront/liability-proof'), variables))
    .liabilityProof;

const postingOf = (answer: Fields) => (answer['posting'] as { id: string }).id;

beforeAll(async () => {
  accounts = await startTestAccounts();
  const begun = accounts.clock.now().toISOString();
  accounts.clock.set('2025-11-01T08:00:00.000Z');
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
  ann = await registerMember(accounts, pets, 'ann');
  ben = await registerMember(accounts, cafe, 'ben');
  await makeBeneficiary(accounts, ann, ben);
  accounts.clock.set(begun);
  earned = postingOf(
    await act(accounts, pets.caller, 'issuePoints', { member: { id: ann.id }, points: 100 }),
  );
  given = postingOf(
    await act(accounts, asMember(ann.id), 'transferPoints', { toCardNumber: ben.cardNumber, points: 40 }),
  );
  accounts.clock.set('2026-02-03T10:00:00.000Z');
  await sealNow(accounts.mongo.uri, accounts.database, accounts.clock);
  today = postingOf(await act(accounts, pets.caller, 'issuePoints', { member: { id: ann.id }, points: 7 }));
}, 60_000);

afterAll(async () => {
  await expectSoundLedger(accounts);
  await accounts.stop();
}, 60_000);

const partsOf = (proof: Fields) =>
  (proof['openings'] as string[]).map((opening) => (JSON.parse(opening) as { part: string }).part);

describe('a proof of a posting', () => {
  test('holds for everyone who may see the posting, and shows each no more than that', async () => {
    const callers: [Caller, string, string[]][] = [
      [asMember(ann.id), earned, ['provenance']],
      [asMember(ann.id), given, ['provenance']],
      [asMember(ben.id), given, ['provenance']],
      [pets.caller, earned, ['money']],
      [operator, earned, ['provenance', 'money']],
      [auditor, given, ['provenance', 'money']],
    ];

    for (const [caller, posting, parts] of callers) {
      const proof = await prove(caller, posting);
      expect(proof['__typename']).toBe('LedgerProof');
      expect(partsOf(proof)).toEqual(parts);
      expect((await verifyProof(proof, null, nodeCrypto)).verdict).toBe('GOOD');
    }
  });

  test('leads to the newest seal, or to the one of the day that was asked for', async () => {
    const days = (proof: Fields) => (proof['chain'] as { day: string }[]).map(({ day }) => day);

    expect(days(await prove(auditor, earned))).toEqual([
      ...Array.from({ length: 16 }, (_, i) => `2026-01-${16 + i}`),
      '2026-02-01',
      '2026-02-02',
    ]);
    expect(days(await prove(auditor, earned, '2026-01-17'))).toEqual(['2026-01-16', '2026-01-17']);
  });

  test('is refused, and nothing written: first a bad day, then a posting not to be seen, then a day before it, then one not yet sealed', async () => {
    const before = await documentsStored(accounts);

    expect(await prove(asMember(ben.id), today, '2026-02-30')).toEqual({
      __typename: 'InvalidInput',
      code: 'INVALID_INPUT',
      message: 'until must be a day such as 2026-03-01.',
    });
    for (const [caller, posting] of [
      [asMember(ben.id), today],
      [cafe.caller, earned],
      [pets.caller, given],
      [auditor, 'pos_none'],
    ] as const)
      expect(await prove(caller, posting)).toEqual({
        __typename: 'NotFound',
        code: 'NOT_FOUND',
        message: 'There is no such posting.',
      });
    for (const [posting, day, until] of [
      [earned, '2026-01-15', '2026-01-14'],
      [today, '2026-02-03', '2026-02-02'],
    ] as const)
      expect(await prove(asMember(ann.id), posting, until)).toEqual({
        __typename: 'InvalidInput',
        code: 'INVALID_INPUT',
        message: `until must be ${day}, the day of the posting, or a later one.`,
      });
    expect(await prove(asMember(ann.id), today)).toEqual({
      __typename: 'NotSealedYet',
      code: 'NOT_SEALED_YET',
      message: 'It will be under seal from 2026-02-04T01:00:00.000Z on.',
      availableFrom: '2026-02-04T01:00:00.000Z',
    });
    expect(await documentsStored(accounts)).toEqual(before);
  });
});

describe('seals and keys', () => {
  test('are there for anyone, page by page, the newest first', async () => {
    interface Page {
      readonly seals: {
        readonly edges: { readonly node: { day: string; hash: string; previous: string } }[];
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
      };
    }
    const seals = [];
    for (let after: string | null = null; ; ) {
      const page: Page = await accounts.send<Page>(nobody, read('auditor/seals'), { first: 8, after });
      seals.push(...page.seals.edges.map(({ node }) => node));
      if (!page.seals.pageInfo.hasNextPage) break;
      after = page.seals.pageInfo.endCursor;
    }

    expect(seals.map(({ day }) => day)).toEqual([...seals.map(({ day }) => day)].sort().reverse());
    expect([seals.length, seals[0]!.day, seals.at(-1)!.day]).toEqual([19, '2026-02-02', '2026-01-15']);
    expect(seals.slice(0, -1).map(({ previous }) => previous)).toEqual(
      seals.slice(1).map(({ hash }) => hash),
    );
  });

  test('keys of every process that ever signed stay listed', async () => {
    const { signingKeys } = await accounts.send<{ signingKeys: object[] }>(
      nobody,
      '{ signingKeys { kid kty crv x since } }',
    );

    expect(signingKeys).toHaveLength(2);
    expect(signingKeys[0]).toEqual({
      kid: expect.stringMatching(/^[\w-]{43}$/),
      kty: 'OKP',
      crv: 'Ed25519',
      x: expect.stringMatching(/^[\w-]{43}$/),
      since: '2026-02-03T10:00:00.000Z',
    });
  });
});

describe('a proof of a balance', () => {
  test('shows a member the own balance in the total that everyone sees, which is what was outstanding', async () => {
    const { liabilities } = await accounts.send<{ liabilities: Fields }>(
      nobody,
      read('auditor/liabilities'),
      {},
    );

    expect(liabilities).toMatchObject({
      programmeCode: 'SHARED',
      period: '2026-01',
      at: '2026-02-01T00:00:00.000Z',
      leaves: 2,
      points: 100,
      arrears: 0,
      outstanding: 100,
    });
    for (const [member, points] of [
      [ann, '60'],
      [ben, '40'],
    ] as const) {
      const proof = await proveBalance(asMember(member.id), { period: '2026-01' });
      expect(JSON.parse(proof['leaf'] as string)).toMatchObject({ points, arrears: '0' });
      expect(proof['liabilities']).toMatchObject({ content: liabilities['content'] });
      expect((await verifyProof(proof, null, nodeCrypto)).verdict).toBe('GOOD');
    }
  });

  test('has no total for a month to come, and of what is no month or no programme it is said so', async () => {
    const ask = (variables: object) => accounts.ask(nobody, read('auditor/liabilities'), variables);

    expect((await ask({ period: '2026-02' })).data).toEqual({ liabilities: null });
    for (const [variables, message] of [
      [{ period: 'x', programme: 'NOPE' }, 'period: must be a month such as 2026-03'],
      [{ period: '' }, 'period: must be a month such as 2026-03'],
      [{ programme: 'NOPE' }, 'programme: there is no such programme'],
    ] as const)
      expect((await ask(variables)).errors).toMatchObject([
        { message, extensions: { code: 'BAD_USER_INPUT' } },
      ]);
  });

  test('is refused for what is no month, no programme, not over, or without a wallet, in this order', async () => {
    const before = await documentsStored(accounts);
    const late = await registerMember(accounts, pets, 'late');
    const code = async (caller: Caller, variables: object) => (await proveBalance(caller, variables))['code'];

    expect(await code(asMember(late.id), { period: '2026-13', programme: 'NONE' })).toBe('INVALID_INPUT');
    expect(await code(asMember(late.id), { period: '2026-02', programme: 'NONE' })).toBe('NOT_FOUND');
    expect(await proveBalance(asMember(late.id), { period: '2026-02' })).toEqual({
      __typename: 'NotSealedYet',
      code: 'NOT_SEALED_YET',
      message: 'It will be under seal from 2026-03-01T01:00:00.000Z on.',
      availableFrom: '2026-03-01T01:00:00.000Z',
    });
    expect(await proveBalance(asMember(late.id), {})).toEqual({
      __typename: 'NotCounted',
      code: 'NOT_COUNTED',
      message: 'By the end of 2026-01 you had no wallet in SHARED.',
    });
    await publishProgramme(accounts, { code: 'IDLE' });
    for (const variables of [{ period: '2025-10' }, { period: '2026-01', programme: 'IDLE' }])
      expect(await code(asMember(ann.id), variables)).toBe('NOT_COUNTED');
    const after = await documentsStored(accounts);
    for (const name of ['liabilities', 'balance-leaves', 'proof-chunks', 'ledger-seals'])
      expect(after[name]).toBe(before[name]);
  });
});
