import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type GraphQLSchema, isInputObjectType, isObjectType } from 'graphql';
import { readSubgraphSchema, subgraphNames } from '../../schema/subgraphs.ts';
import { directive } from '../../subgraphs/shared/directive.ts';
import { inIdsOf, memberIds, shownIdPattern } from '../support/member-ids.ts';
import { mutate, type TestMerchant, unique } from '../support/seed.ts';
import { contracts } from './operations/all.ts';
import { buildWorld, type World } from './operations/world.ts';

const folder = join(import.meta.dirname, '../../schema/operations');

let world: World;

beforeAll(async () => {
  world = await buildWorld();
});

afterAll(() => world.coalition.stop());

/** Sends an operation as it is, and gives the answer as it came: no id is translated back. */
async function answerTo(token: string, query: string, variables: object): Promise<string> {
  const body = inIdsOf(token).toMerchant(JSON.stringify({ query, variables }));
  const response = await fetch(`${world.coalition.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
  return response.text();
}

/** What cursors hold can be read by whoever is given them. */
const cursorsIn = (text: string): string =>
  [...text.matchAll(/"(?:cursor|endCursor)":"([^"]+)"/g)]
    .map(([, cursor]) => Buffer.from(cursor!, 'base64url').toString())
    .join();

const idsIn = (text: string): string[] =>
  (text + cursorsIn(text)).match(/[a-z]{2,5}_[0-9A-Za-z_-]{20,}/g) ?? [];

/** What merchants may well have in common: what is public, and themselves. */
const isPublic = (id: string): boolean => /^(mer|rew|cau|cam|ple)_/.test(id);

const inCommon = (answers: readonly string[][]): string[] => {
  const [some, others] = answers.map((texts) => new Set(texts.flatMap(idsIn))) as [Set<string>, Set<string>];
  return [...some].filter((id) => others.has(id) && !isPublic(id));
};

/** Everything that a merchant can ask of its member, in all four subgraphs. */
const everything = `query ($id: ID!) {
  member(id: $id) {
    id reference locale registeredAt
    wallet { id available arrears pending held
      lots(first: 50) { edges { cursor node { id issuer { id } campaignId } } }
      expiring { at points } restorable { id }
    }
    postings(first: 50) { edges { cursor node { id kind member { id } entries { account } allocations { lotId issuer { id } } reverses { id } } } }
    consents { partner { id } } reminders { edges { cursor node { id } } }
    cases { edges { node { id member { id } } } }
    purchases { edges { cursor node { id member { id } posting { id } } } }
    redemptions { edges { cursor node { id member { id } voucher { id } } } } vouchers { id }
    donations { edges { cursor node { id member { id } } } }
  }
  postings(filter: { memberId: $id }, first: 50) { edges { cursor node { id member { id } entries { account } } } }
}`;

test('two merchants find by no id which members they have in common, whatever they ask', async () => {
  const { petShop, cafe, member } = world;
  const swapped: World = { ...world, petShop: cafe, cafe: petShop };
  const answers = new Map<TestMerchant, string[]>([petShop, cafe].map((merchant) => [merchant, []]));
  const run: string[] = [];
  for (const contract of contracts)
    for (const [current, own] of [
      [world, petShop],
      [swapped, cafe],
    ] as const) {
      const token = contract.token(current);
      const sender = [petShop, cafe].find((merchant) => merchant.token === token);
      if (!sender && own === cafe) continue;
      const query = readFileSync(join(folder, `${contract.operation}.graphql`), 'utf8');
      const answer = await answerTo(token, query, await contract.variables(current));
      if (!sender) continue;
      expect(answer).not.toContain('"errors"');
      answers.get(sender)!.push(answer);
      run.push(contract.operation);
    }
  expect(new Set(run).size).toBeGreaterThan(6);
  expect(inCommon([...answers.values()])).toEqual([]);

  for (const { id: partnerId } of [petShop, cafe])
    for (const purpose of ['SHARE_PROFILE', 'SHARE_BALANCE', 'SHARE_ACTIVITY'])
      await mutate(world.coalition, member.token, 'grantConsent', 'GrantConsentInput', '', {
        ...{ idempotencyKey: unique('consent'), partnerId, purpose, textVersion: '1' },
      });
  const all = await Promise.all(
    [petShop, cafe].map(({ token }) => answerTo(token, everything, { id: member.id })),
  );
  expect(all.map((answer) => JSON.parse(answer).errors)).toEqual([undefined, undefined]);
  for (const [i, { id }] of [petShop, cafe].entries()) {
    expect(all[i]).toContain(memberIds.shown(member.id, id));
    expect(all[i]).not.toContain(member.id);
    const others = all[i]!.match(shownIdPattern)!.filter((shown) => memberIds.meant(shown, id) === null);
    expect(others).toEqual([]);
  }
  // The member lets both see what it does elsewhere: these are the same postings, of the same lots.
  expect(inCommon(all.map((answer) => [answer])).filter((id) => !/^(pos|lot)_/.test(id))).toEqual([]);
});

test('another merchant’s id of a member, and the member’s own, are nobody’s to a merchant and said back as sent', async () => {
  const { petShop, cafe, member } = world;
  const issue = `mutation ($input: IssuePointsInput!) { issuePoints(input: $input) {
    __typename ... on NotFound { what id } ... on PointsPosted { wallet { id } } } }`;
  const asked =
    'query ($id: ID!) { member(id: $id) { id } postings(filter: { memberId: $id }) { edges { cursor } } }';
  // Put together here, so that nothing is translated on the way.
  const send = async (query: string, variables: object) => {
    const response = await fetch(`${world.coalition.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${petShop.token}` },
      body: JSON.stringify({ query, variables }),
    });
    return ((await response.json()) as { data: Record<string, unknown> }).data;
  };
  const input = (id: string) => ({
    input: { idempotencyKey: unique('issue'), member: { id }, points: 1 },
  });
  const own = memberIds.shown(member.id, petShop.id);

  for (const id of [
    memberIds.shown(member.id, cafe.id),
    member.id,
    `${own}A`,
    'mem_00000000000000000000000001',
  ]) {
    expect(await send(issue, input(id))).toEqual({
      issuePoints: { __typename: 'NotFound', what: 'MEMBER', id },
    });
    expect(await send(asked, { id })).toEqual({ member: null, postings: { edges: [] } });
  }
  expect(await send(issue, input(own))).toEqual({
    issuePoints: { __typename: 'PointsPosted', wallet: { id: `wal_${own}_SHARED` } },
  });
});

/** An export is the member's own document, as its statements are: no merchant's credential reaches it, and it says one thing to all. */
const itsOwn = ['MemberExport.memberId'];

/** What no one but another subgraph reaches. */
const isInside = (...nodes: Parameters<typeof directive>[0]): boolean =>
  directive(nodes, 'inaccessible') !== null;

interface Part {
  readonly name: string;
  readonly astNode?: Parameters<typeof directive>[0][number];
}

/** Every field, argument and input field of a schema by its path, without those that only subgraphs use. */
function partsOf(schema: GraphQLSchema): [string, Part][] {
  return Object.values(schema.getTypeMap()).flatMap((type): [string, Part][] => {
    if (type.name.startsWith('_') || isInside(type.astNode)) return [];
    if (isInputObjectType(type))
      return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field as Part]);
    if (!isObjectType(type)) return [];
    return Object.values(type.getFields())
      .filter(({ astNode }) => !isInside(astNode))
      .flatMap((field): [string, Part][] => [
        [`${type.name}.${field.name}`, field as Part],
        ...field.args.map((arg): [string, Part] => [`${type.name}.${field.name}(${arg.name})`, arg as Part]),
      ]);
  });
}

/** Ids of members that go by another name, and what has them inside. */
const byAnotherName = [
  'Member.id',
  'MemberSelector.id',
  'Query.member(id)',
  'Reward.availability(forMember)',
  'Wallet.id',
  'Entry.account',
  'NotFound.id',
];

test.each(subgraphNames)('%s says of every id of a member that it is one', (name) => {
  const schema = buildSubgraphSchema({ typeDefs: readSubgraphSchema(name) });
  const parts = partsOf(schema);
  const holding = parts.filter(
    ([path, part]) =>
      !itsOwn.includes(path) && (/^(member|forMember)Ids?$/.test(part.name) || byAnotherName.includes(path)),
  );

  expect(holding.length).toBeGreaterThan(0);
  expect(
    holding.filter(([, { astNode }]) => !directive([astNode], 'memberId')).map(([path]) => path),
  ).toEqual([]);
  expect(
    parts
      .filter(([, { astNode }]) => directive([astNode], 'memberId'))
      .filter(([path, { name: field }]) => !byAnotherName.includes(path) && field !== 'memberId'),
  ).toEqual([]);
});
