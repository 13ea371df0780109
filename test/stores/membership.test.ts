import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { newCardNumber } from '../../subgraphs/accounts/membership/card-number.ts';
import type { Member } from '../../subgraphs/accounts/membership/member.ts';
import { createMemberStore, type MemberStore } from '../../subgraphs/accounts/membership/member-store.ts';
import type { MemberVault } from '../../subgraphs/accounts/membership/member-vault.ts';
import { createProfileStore, type ProfileStore } from '../../subgraphs/accounts/membership/profile-store.ts';
import {
  type RegisterMemberPorts,
  registerMember,
} from '../../subgraphs/accounts/membership/register-member.ts';
import { sealPlainMembers } from '../../subgraphs/accounts/membership/seal-members-store.ts';
import { keysConnection, openVault } from '../../subgraphs/accounts/stores.ts';
import { newId, systemClock } from '../../subgraphs/shared/ids.ts';
import { buildIndexes, connectMongo, inTransaction } from '../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../support/mongo.ts';

const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));

let mongo: TestMongo;
let connection: Connection;
let members: MemberStore;
let profiles: ProfileStore;
let vault: MemberVault;
let ports: RegisterMemberPorts;

beforeAll(async () => {
  mongo = await startTestMongo();
  connection = await connectMongo(mongo.uri, mongo.database('membership'));
  vault = openVault(connection);
  members = createMemberStore(connection, vault);
  profiles = createProfileStore(connection, vault);
  await buildIndexes(connection);
  ports = {
    memberByReference: members.byReference,
    memberByCardNumber: members.byCardNumber,
    insertMember: members.insert,
    addRegistration: members.addRegistration,
    keepProfile: profiles.keep,
    inTransaction: (work) => inTransaction(connection, work),
    clock: systemClock,
    newId,
    random,
  };
});

afterAll(async () => {
  await connection.close();
  await mongo.stop();
});

const count = (filter: object, collection = 'members') =>
  connection.db!.collection(collection).countDocuments(filter);

async function registered(merchantId: string, reference: string, input = {}): Promise<Member> {
  const outcome = await registerMember(merchantId, { reference, ...input }, ports);
  if (outcome.kind !== 'MemberRegistered') throw new Error(JSON.stringify(outcome));
  return outcome.member;
}

test('reads a member back by id, reference and card number', async () => {
  const member = await registered('mer_read', 'r-1');

  expect(await members.byId(member.id)).toEqual(member);
  expect(await members.byReference('mer_read', 'r-1')).toEqual(member);
  expect(await members.byCardNumber(member.cardNumber)).toEqual(member);
  expect(await members.byReference('mer_other', 'r-1')).toBeNull();
  expect(await members.byIds([member.id, 'mem_none'])).toEqual([member]);
});

test('does not take one merchant’s reference for another’s when a member has both', async () => {
  const member = await registered('mer_a', 'ra');
  await registered('mer_b', 'rb', { cardNumber: member.cardNumber });

  expect(await members.byReference('mer_a', 'rb')).toBeNull();
  expect((await members.byReference('mer_b', 'rb'))?.id).toBe(member.id);
});

test.each([
  ['named', { displayName: '小明' }],
  ['unnamed', {}],
])('a reference of an %s member registered 40 times at once makes one member', async (kind, personal) => {
  const merchantId = `mer_race_${kind}`;

  const outcomes = await Promise.all(
    Array.from({ length: 40 }, () => registerMember(merchantId, { reference: 'r', ...personal }, ports)),
  );

  const ids = new Set(outcomes.map((o) => (o.kind === 'MemberRegistered' ? o.member.id : o.kind)));
  expect(ids.size).toBe(1);
  expect(outcomes.filter((o) => o.kind === 'MemberRegistered' && o.created)).toHaveLength(1);
  expect(await count({ 'registrations.merchantId': merchantId })).toBe(1);
  const kept = (await profiles.byMemberIds([...ids])).map(({ displayName }) => displayName);
  expect(kept).toEqual(kind === 'named' ? ['小明'] : []);
});

test('a merchant that joins one card under ten references at once is let in under one', async () => {
  const { id, cardNumber } = await registered('mer_home', 'r');

  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      registerMember('mer_joins', { reference: `r-${i}`, cardNumber }, ports),
    ),
  );

  expect(outcomes.map((o) => o.kind).sort()).toEqual([
    'MemberRegistered',
    ...Array.from({ length: 9 }, () => 'ReferenceTaken'),
  ]);
  expect((await members.byId(id))?.registeredBy).toEqual(['mer_home', 'mer_joins']);
});

test('of two cards joined under one reference at once, one gets it and the other changes nothing', async () => {
  const first = await registered('mer_home', 'one');
  const second = await registered('mer_home', 'two');

  const outcomes = await Promise.all(
    [first, second].map(({ cardNumber }) =>
      registerMember('mer_both', { reference: 'same', cardNumber }, ports),
    ),
  );

  expect(outcomes.map((o) => o.kind).sort()).toEqual(['MemberRegistered', 'ReferenceTaken']);
  expect(await count({ 'registrations.merchantId': 'mer_both' })).toBe(1);
});

test('draws another card number when chance gives one that is taken', async () => {
  const taken = await registered('mer_cards', 'r-1');
  const digits = `${taken.cardNumber.slice(0, 15)}0`.split('').map(Number);
  const again = Uint8Array.from(digits);
  const other = Uint8Array.from(digits, (digit) => 9 - digit);
  const chance = [again, other];
  const twice = { ...ports, random: () => chance.shift()! };

  const outcome = await registerMember('mer_cards', { reference: 'r-2', displayName: 'x' }, twice);

  expect(newCardNumber(() => again)).toBe(taken.cardNumber);
  expect(outcome.kind === 'MemberRegistered' && outcome.member.cardNumber).toBe(newCardNumber(() => other));
  expect(chance).toEqual([]);
  expect(await members.byCardNumbers([taken.cardNumber])).toEqual([taken]);
});

test('a registration that fails half way leaves neither member nor profile', async () => {
  const before = [await count({}), await count({}, 'member-profiles')];
  const failing: RegisterMemberPorts = {
    ...ports,
    keepProfile: async (profile) => {
      await profiles.keep(profile);
      throw new Error('the process stumbled');
    },
  };

  const attempt = registerMember('mer_half', { reference: 'r', displayName: '小红' }, failing);

  await expect(attempt).rejects.toThrow('the process stumbled');
  expect([await count({}), await count({}, 'member-profiles')]).toEqual(before);
});

test('a merchant that joins does not overwrite the name given first', async () => {
  const { id, cardNumber } = await registered('mer_named', 'r', { displayName: '小明', locale: 'en' });

  await registered('mer_renames', 'r', { cardNumber, displayName: '张三' });

  expect(await profiles.byMemberIds([id])).toEqual([
    { memberId: id, givenBy: 'mer_named', displayName: '小明', locale: 'en' },
  ]);
});

test('nothing personal lies in the collection that the ledger key belongs to', async () => {
  const { id } = await registered('mer_apart', 'r', { displayName: '小明' });

  const row = await connection.db!.collection<{ _id: string }>('members').findOne({ _id: id });

  expect(Object.keys(row ?? {}).sort()).toEqual([
    ...['_id', 'cardNumber', 'registeredAt', 'registrations', 'sealedCard'],
  ]);
});

const stored = async (name: string, _id: string) =>
  JSON.stringify(await connection.db!.collection<{ _id: string }>(name).findOne({ _id }));

test('card number, references and name are kept so that only the key of the member opens them', async () => {
  const { id, cardNumber } = await registered('mer_sealed', 'a-reference', { displayName: '小明小明' });

  const rows = (await stored('members', id)) + (await stored('member-profiles', id));

  for (const text of [cardNumber, 'a-reference', '小明小明']) expect(rows).not.toContain(text);
  expect(rows).toContain(id);
});

test('without its key a member is nobody, in whatever copy of the store', async () => {
  const { id, cardNumber } = await registered('mer_shredded', 'r', { displayName: '小明' });
  const other = await registered('mer_shredded', 'r-2', { displayName: '小红' });
  const copies = ['members', 'member-profiles'].map((name) =>
    connection.db!.collection<{ _id: string }>(name).findOne({ _id: id }),
  );
  const [member, profile] = await Promise.all(copies);
  await inTransaction(connection, async () => {
    await profiles.remove(id);
    await members.remove(id);
  });

  await connection.db!.collection('members').insertOne(member as never);
  await connection.db!.collection('member-profiles').insertOne(profile as never);

  expect(await members.byId(id)).toBeNull();
  expect(await members.byCardNumber(cardNumber)).toBeNull();
  expect(await members.byReference('mer_shredded', 'r')).toBeNull();
  expect(await profiles.byMemberIds([id, other.id])).toMatchObject([{ displayName: '小红' }]);
});

test('a sealed text that is put with another member does not open', async () => {
  const { id } = await registered('mer_moved', 'r-1');
  const other = await registered('mer_moved', 'r-2');
  const rows = connection.db!.collection<{ _id: string; sealedCard: string }>('members');
  const { sealedCard } = (await rows.findOne({ _id: id }))!;
  await rows.updateOne({ _id: other.id }, { $set: { sealedCard } });

  await expect(members.byId(other.id)).rejects.toThrow();
});

test('what a store of an earlier release kept in plain text is sealed, once', async () => {
  const at = new Date('2026-01-15T08:00:00Z');
  const plain = {
    ...{ _id: 'mem_plain', cardNumber: '6200000000000005', registeredAt: at },
    registrations: [{ merchantId: 'mer_plain', reference: 'old-reference', at }],
  };
  await connection.db!.collection('members').insertOne(plain as never);
  const profile = { _id: 'mem_plain', displayName: '老张', locale: 'zh-CN' };
  await connection.db!.collection('member-profiles').insertOne(profile as never);

  await sealPlainMembers(connection, vault);
  const once = await stored('members', 'mem_plain');
  await sealPlainMembers(connection, vault);

  expect(await members.byReference('mer_plain', 'old-reference')).toEqual({
    ...{ id: 'mem_plain', cardNumber: '6200000000000005', registeredAt: at, registeredBy: ['mer_plain'] },
    registrations: plain.registrations,
  });
  expect(await profiles.byMemberIds(['mem_plain'])).toEqual([
    { memberId: 'mem_plain', givenBy: null, displayName: '老张', locale: 'zh-CN' },
  ]);
  expect(once).not.toContain('old-reference');
  expect(await stored('members', 'mem_plain')).toBe(once);
  expect(await stored('member-profiles', 'mem_plain')).not.toContain('老张');
});

test('keys stand in a database of their own', async () => {
  const { id } = await registered('mer_keys', 'r');

  const keys = keysConnection(connection).db!.collection<{ _id: string }>('member-keys');

  expect(await keys.countDocuments({ _id: id })).toBe(1);
  expect((await connection.db!.listCollections().toArray()).map(({ name }) => name)).not.toContain(
    'member-keys',
  );
});
