import { expect, test } from '@jest/globals';
import type { Member } from '../../subgraphs/accounts/membership/member.ts';
import { createMemberLoaders } from '../../subgraphs/accounts/membership/member-loaders.ts';
import type { MemberStore } from '../../subgraphs/accounts/membership/member-store.ts';
import type { ProfileStore } from '../../subgraphs/accounts/membership/profile-store.ts';

const at = new Date(0);
const member = (name: string): Member => ({
  id: `mem_${name}`,
  cardNumber: `card ${name}`,
  registeredAt: at,
  registrations: [{ merchantId: 'pets', reference: `ref ${name}`, at }],
  registeredBy: ['pets'],
});

/** Loaders over some members, and what was read for them, in order. */
function loadersOver(...names: string[]) {
  const all = names.map(member);
  const reads: string[] = [];
  const readBy =
    (what: string, keyOf: (one: Member) => string) =>
    async (keys: readonly string[]): Promise<Member[]> => {
      reads.push(`${what} ${keys.join(', ')}`);
      return all.filter((one) => keys.includes(keyOf(one)));
    };
  const byReferences = readBy('references', (one) => one.registrations[0]!.reference);
  const store = {
    byIds: readBy('ids', (one) => one.id),
    byCardNumbers: readBy('cards', (one) => one.cardNumber),
    byReferences: (_merchantId: string, references: readonly string[]) => byReferences(references),
  } as unknown as MemberStore;
  const profiles = { byMemberIds: async () => [] } as unknown as ProfileStore;
  return { reads, loaders: createMemberLoaders(store, profiles) };
}

test('many members asked for at once are read in one query, those that are not there too', async () => {
  const { reads, loaders } = loadersOver('ann', 'bob');

  const found = await Promise.all(['card ann', 'card cy', 'card bob'].map(loaders.byCardNumber));

  expect(found).toEqual([member('ann'), null, member('bob')]);
  expect(reads).toEqual(['cards card ann, card cy, card bob']);
});

test('who was found by a card or a reference is not read again by id', async () => {
  const { reads, loaders } = loadersOver('ann', 'bob', 'cy');
  await loaders.byCardNumber('card ann');
  await loaders.byReference('pets', 'ref bob');

  const found = await Promise.all(['mem_ann', 'mem_bob', 'mem_cy'].map((id) => loaders.members.load(id)));

  expect(found).toEqual([member('ann'), member('bob'), member('cy')]);
  expect(reads).toEqual(['cards card ann', 'references ref bob', 'ids mem_cy']);
});

test('a card or reference is asked for anew each time: the request may have registered it meanwhile', async () => {
  const { reads, loaders } = loadersOver();

  await loaders.byReference('pets', 'ref ann');
  await loaders.byReference('pets', 'ref ann');

  expect(reads).toEqual(['references ref ann', 'references ref ann']);
});
