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
import { adviser, allKinds, asMember, callerOf, charity, nobody } from '../../support/callers.ts';

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

const memberById = '{ member(id: $id) { ';
const personal = `query ($id: ID!) ${memberById} id reference cardNumber displayName locale registeredBy } }`;

test.each(['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR', 'SERVICE'] as const)(
  'what of a member a %s is shown',
  async (kind) => {
    const { member: shown } = await accounts.send<{ member: object }>(
      callerOf(kind, member.id, pets.id),
      personal,
      {
        id: member.id,
      },
    );

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
    callerOf(kind, member.id, pets.id),
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
