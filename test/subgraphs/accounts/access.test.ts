import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { readSubgraphSchema } from '../../../schema/subgraphs.ts';
import { type Caller, callerHeader, callerKey, signCaller } from '../../../subgraphs/shared/caller.ts';
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
  adviser,
  asMember,
  asMerchant,
  asService,
  auditor,
  charity,
  everyScope,
  nobody,
  operator,
} from '../../support/callers.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let cafe: OpenedMerchant;
let member: RegisteredMember;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
  cafe = await openMerchant(accounts, 'Café');
  member = await registerMember(accounts, pets, 'r-1', { displayName: '小明' });
});

afterAll(() => accounts.stop());

type Kind = Caller['kind'];

const allKinds: Kind[] = [
  'PUBLIC',
  'MEMBER',
  'MERCHANT',
  'OPERATOR',
  'AUDITOR',
  'ADVISER',
  'CHARITY',
  'SERVICE',
];

const callerOf = (kind: Kind): Caller => {
  switch (kind) {
    case 'PUBLIC':
      return nobody;
    case 'MEMBER':
      return asMember(member.id);
    case 'MERCHANT':
      return pets.caller;
    case 'OPERATOR':
      return operator;
    case 'AUDITOR':
      return auditor;
    case 'ADVISER':
      return adviser;
    case 'CHARITY':
      return charity;
    case 'SERVICE':
      return asService();
  }
};

interface Row {
  readonly type: 'Query' | 'Mutation';
  readonly operation: string;
  readonly to: readonly Kind[];
  readonly scope?: string;
}

const refusal = '{ ... on Refusal { code } }';
const key = 'idempotencyKey: "k"';
const prices = 'issuePricePerThousand: 1, redemptionPricePerThousand: 1';
const everybody = allKinds;
const readers: Kind[] = ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR', 'SERVICE'];

// Written from the specification, not read from the schema: what the schema says must be this.
const rows: Record<string, Row> = {
  viewer: { type: 'Query', operation: '{ viewer { kind } }', to: everybody },
  member: { type: 'Query', operation: '{ member(id: "x") { id } }', to: readers, scope: 'READ' },
  merchant: { type: 'Query', operation: '{ merchant(id: "x") { id } }', to: everybody },
  merchants: { type: 'Query', operation: '{ merchants { edges { node { id } } } }', to: everybody },
  programme: { type: 'Query', operation: '{ programme(code: "SHARED") { code } }', to: everybody },
  programmes: { type: 'Query', operation: '{ programmes { code } }', to: everybody },
  disclosures: { type: 'Query', operation: '{ disclosures { hash } }', to: everybody },
  posting: { type: 'Query', operation: '{ posting(id: "x") { id } }', to: readers, scope: 'READ' },
  postings: {
    type: 'Query',
    operation: '{ postings { edges { cursor } } }',
    to: ['MERCHANT', 'OPERATOR', 'AUDITOR'],
    scope: 'READ',
  },
  positions: { type: 'Query', operation: '{ positions { issued } }', to: ['OPERATOR', 'AUDITOR'] },
  ledgerCheck: { type: 'Query', operation: '{ ledgerCheck { ok } }', to: ['OPERATOR', 'AUDITOR'] },
  resolveMember: {
    type: 'Query',
    operation: '{ resolveMember(member: { id: "x" }) { id } }',
    to: ['SERVICE'],
  },
  authenticateClient: {
    type: 'Query',
    operation: '{ authenticateClient(clientId: "x", clientSecret: "y") { merchantId } }',
    to: ['SERVICE'],
  },
  openMerchant: {
    type: 'Mutation',
    operation: `mutation { openMerchant(input: { ${key}, name: "", category: "", currency: "", ${prices} }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  createClientCredential: {
    type: 'Mutation',
    operation: `mutation { createClientCredential(input: { merchantId: "x" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  revokeClientCredential: {
    type: 'Mutation',
    operation: `mutation { revokeClientCredential(input: { clientId: "x" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  setPrices: {
    type: 'Mutation',
    operation: `mutation { setPrices(input: { ${key}, merchantId: "x", ${prices}, effectiveFrom: "2030-01-01T00:00:00Z" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  publishProgramme: {
    type: 'Mutation',
    operation: `mutation { publishProgramme(input: { ${key}, code: "", name: "", unlockAfterDays: 0, validityMonths: 1,
      cashEquivalentPerThousand: { amountMinor: 0, currency: "CNY" },
      disclosure: { earning: "", accrualBase: "", rounding: "", validity: "", redemption: "", honouringMerchants: "",
        exclusions: "", cashEquivalent: "" } }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  registerMember: {
    type: 'Mutation',
    operation: `mutation { registerMember(input: { reference: "" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MEMBERS',
  },
  issuePoints: {
    type: 'Mutation',
    operation: `mutation { issuePoints(input: { ${key}, member: { id: "x" }, points: 1 }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'POINTS',
  },
  redeemPoints: {
    type: 'Mutation',
    operation: `mutation { redeemPoints(input: { ${key}, member: { id: "x" }, points: 1 }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'POINTS',
  },
  reversePosting: {
    type: 'Mutation',
    operation: `mutation { reversePosting(input: { ${key}, postingId: "x", reason: "r" }) ${refusal} }`,
    to: ['MERCHANT', 'OPERATOR', 'SERVICE'],
    scope: 'POINTS',
  },
  transferPoints: {
    type: 'Mutation',
    operation: `mutation { transferPoints(input: { ${key}, toCardNumber: "x", points: 1 }) ${refusal} }`,
    to: ['MEMBER'],
  },
  postEarn: {
    type: 'Mutation',
    operation: `mutation { postEarn(input: { ${key}, memberId: "x", merchantId: "x", programme: "SHARED", points: 1 }) ${refusal} }`,
    to: ['SERVICE'],
  },
  holdPoints: {
    type: 'Mutation',
    operation: `mutation { holdPoints(input: { ${key}, memberId: "x", merchantId: "x", programme: "SHARED", points: 1 }) ${refusal} }`,
    to: ['SERVICE'],
  },
  capturePoints: {
    type: 'Mutation',
    operation: `mutation { capturePoints(input: { ${key}, holdId: "x" }) ${refusal} }`,
    to: ['SERVICE'],
  },
  voidHold: {
    type: 'Mutation',
    operation: `mutation { voidHold(input: { ${key}, holdId: "x" }) ${refusal} }`,
    to: ['SERVICE'],
  },
  postDonation: {
    type: 'Mutation',
    operation: `mutation { postDonation(input: { ${key}, memberId: "x", causeId: "x", programme: "SHARED", points: 1 }) ${refusal} }`,
    to: ['SERVICE'],
  },
};

test('the table has every query and mutation', () => {
  const declared = readSubgraphSchema('accounts').definitions.flatMap((definition) =>
    definition.kind === 'ObjectTypeDefinition' && ['Query', 'Mutation'].includes(definition.name.value)
      ? (definition.fields ?? []).map((field) => `${definition.name.value}.${field.name.value}`)
      : [],
  );

  expect(Object.entries(rows).map(([field, { type }]) => `${type}.${field}`)).toEqual(declared);
});

describe.each(Object.entries(rows))('%s', (field, { type, operation, to, scope }) => {
  test.each(allKinds)('by %s', async (kind) => {
    const { status, errors } = await accounts.ask(callerOf(kind), operation);

    if (to.includes(kind)) {
      expect(errors).toEqual([]);
      expect(status).toBe(200);
    } else {
      const code = kind === 'PUBLIC' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
      expect(errors.map(({ extensions, path }) => [extensions.code, path])).toEqual([[code, [field]]]);
      expect(errors[0]?.message).toMatch(new RegExp(`^${type}\\.${field} `));
    }
  });

  if (scope)
    test(`by a merchant's credential without ${scope}`, async () => {
      const without = asMerchant(
        pets.id,
        everyScope.filter((other) => other !== scope),
      );

      const { errors } = await accounts.ask(without, operation);

      expect(errors.map(({ message }) => message)).toEqual([`${type}.${field} needs the scope ${scope}.`]);
    });
});

const memberById = '{ member(id: $id) { ';
const personal = `query ($id: ID!) ${memberById} id reference cardNumber displayName locale registeredBy } }`;

test.each(['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR', 'SERVICE'] as const)(
  'what of a member a %s is shown',
  async (kind) => {
    const { member: shown } = await accounts.send<{ member: object }>(callerOf(kind), personal, {
      id: member.id,
    });

    expect(shown).toEqual({
      id: member.id,
      reference: kind === 'MERCHANT' ? 'r-1' : null,
      cardNumber: kind === 'AUDITOR' ? null : member.cardNumber,
      displayName: kind === 'AUDITOR' ? null : '小明',
      locale: 'zh-CN',
      registeredBy: [pets.id],
    });
  },
);

const entities = 'query ($of: [_Any!]!) { _entities(representations: $of) { ';

test('another merchant and another member get nothing of a member by its id, not even through federation', async () => {
  const other = await registerMember(accounts, cafe, 'other');
  const of = [{ __typename: 'Member', id: member.id }];

  for (const caller of [
    cafe.caller,
    asMember(other.id),
    asMember(other.id, pets.id),
    nobody,
    adviser,
    charity,
  ]) {
    const { data, errors } = await accounts.ask(
      caller,
      `${entities} ... on Member { cardNumber displayName } } }`,
      {
        of,
      },
    );
    expect(data).toEqual({ _entities: [{ cardNumber: null, displayName: null }] });
    const code = caller.kind === 'PUBLIC' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([code, code]);
  }
});

const pricesOf =
  'query ($id: ID!) { merchant(id: $id) { name price { issuePricePerThousand } prices { currency } position { issued } } }';

test.each(allKinds)('the prices and position of a merchant by %s', async (kind) => {
  const { data, errors } = await accounts.ask<{ merchant: Record<string, unknown> }>(
    callerOf(kind),
    pricesOf,
    {
      id: pets.id,
    },
  );

  const merchant = data?.merchant;
  expect(merchant?.['name']).toBe('Pets');
  if (['MERCHANT', 'OPERATOR', 'AUDITOR'].includes(kind)) {
    expect(errors).toEqual([]);
    expect(merchant?.['price']).toEqual({ issuePricePerThousand: 1000 });
    expect(merchant?.['prices']).toEqual([{ currency: 'CNY' }]);
    expect(merchant?.['position']).toEqual({ issued: 0 });
  } else {
    expect([merchant?.['price'], merchant?.['prices'], merchant?.['position']]).toEqual([null, null, null]);
    expect(errors).toHaveLength(3);
  }
});

test("another merchant's prices and position stay its own", async () => {
  const { data, errors } = await accounts.ask<{ merchant: object }>(cafe.caller, pricesOf, { id: pets.id });

  expect(data?.merchant).toEqual({ name: 'Pets', price: null, prices: null, position: null });
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
});

const viewer = '{ viewer { kind } }';

test('nothing is answered without a header that the coalition signed', async () => {
  const forgedKey = callerKey('another secret of at least 32 characters');
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(
    JSON.stringify({ caller: operator, aud: 'jifen-subgraphs', exp: 4102444800 }),
  ).toString('base64url')}.`;
  const expired = await new SignJWT({ caller: operator })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('jifen-subgraphs')
    .setIssuedAt(Math.floor(Date.now() / 1000) - 120)
    .setExpirationTime(Math.floor(Date.now() / 1000) - 60)
    .sign(accounts.key);
  const elsewhere = await new SignJWT({ caller: operator })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('somebody-else')
    .setExpirationTime('60s')
    .sign(accounts.key);
  const malformed = await signCaller({ kind: 'EMPEROR' } as unknown as Caller, accounts.key);
  const good = await signCaller(operator, accounts.key);
  const [head, , signature] = good.split('.');
  const changed = `${head}.${Buffer.from(JSON.stringify({ caller: operator })).toString('base64url')}.${signature}`;
  const headers = [
    {},
    { [callerHeader]: '' },
    { [callerHeader]: 'nonsense' },
    { [callerHeader]: await signCaller(operator, forgedKey) },
    { [callerHeader]: unsigned },
    { [callerHeader]: expired },
    { [callerHeader]: elsewhere },
    { [callerHeader]: malformed },
    { [callerHeader]: changed },
    { authorization: `Bearer ${good}` },
  ];

  for (const header of headers as Record<string, string>[]) {
    const { status, data, errors } = await accounts.askWith(header, viewer);
    expect([status, data, errors.map(({ extensions }) => extensions.code)]).toEqual([
      401,
      undefined,
      ['UNAUTHENTICATED'],
    ]);
  }
  expect((await accounts.askWith({ [callerHeader]: good }, viewer)).data).toEqual({
    viewer: { kind: 'OPERATOR' },
  });
});
