import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import {
  buildSchema,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type ObjectTypeDefinitionNode,
  visit,
} from 'graphql';
import { type Composed, composedFiles, composeSupergraph, findDrift } from '../../schema/compose.ts';
import { readSubgraphSchema, subgraphNames } from '../../schema/subgraphs.ts';

const committed: Composed = {
  supergraph: readFileSync(composedFiles.supergraph, 'utf8'),
  api: readFileSync(composedFiles.api, 'utf8'),
};

/** `Type.field` of every field that only services may read, from the subgraphs' own rules. */
function serviceOnlyFields(): string[] {
  const found: string[] = [];
  const collect = (type: ObjectTypeDefinitionNode) => {
    const audience = (node: { directives?: ObjectTypeDefinitionNode['directives'] }) => {
      const access = node.directives?.find((directive) => directive.name.value === 'access');
      const to = access?.arguments?.find((argument) => argument.name.value === 'to')?.value;
      return to?.kind === Kind.LIST
        ? to.values.map((value) => (value.kind === Kind.ENUM ? value.value : '?'))
        : null;
    };
    for (const field of type.fields ?? []) {
      if ((audience(field) ?? audience(type))?.join() === 'SERVICE')
        found.push(`${type.name.value}.${field.name.value}`);
    }
  };
  for (const name of subgraphNames) visit(readSubgraphSchema(name), { ObjectTypeDefinition: collect });
  return found;
}

test('the committed supergraph and public schema are what the subgraphs compose to', async () => {
  const composed = composeSupergraph();

  expect(composed).toEqual(committed);
  expect(await findDrift(composed, committed)).toEqual([]);
});

test('the public schema has none of the fields that only services may read', () => {
  const internal = serviceOnlyFields();
  const api = buildSchema(committed.api);

  const exposed = internal.filter((path) => {
    const [type, field] = path.split('.') as [string, string];
    const found = api.getType(type);
    return isObjectType(found) && field in found.getFields();
  });

  expect(internal).toContain('Mutation.holdPoints');
  expect(internal).toContain('Query.authenticateClient');
  expect(internal.length).toBeGreaterThan(10);
  expect(exposed).toEqual([]);
  expect(committed.api).not.toMatch(/registeredBy|@access|Audience|PostEarnInput|_entities|_service/);
});

test('every query and mutation says what it does', () => {
  const api = buildSchema(committed.api);
  const silent = ['Query', 'Mutation'].flatMap((root) => {
    const type = api.getType(root);
    return isObjectType(type)
      ? Object.values(type.getFields())
          .filter((field) => !field.description)
          .map((field) => `${root}.${field.name}`)
      : [];
  });

  expect(silent).toEqual([]);
});

/** Names that say all by themselves, in every type that has them. */
const plainNames = ['id', 'name', 'message', 'edges', 'node', 'cursor', 'pageInfo'];

/** True for a field that is called what its type is called, e.g. `reward: Reward!`, `price: MerchantPrice!`. */
const isNamedAsType = (name: string, type: GraphQLOutputType): boolean =>
  getNamedType(type).name.toLowerCase().endsWith(name.toLowerCase());

/** `Type.member` of each field, input field and enum value of a type that neither says nor shows what it is. */
function undescribed(type: GraphQLNamedType): string[] {
  if (type.name.startsWith('__')) return [];
  const silent = <T extends { name: string; description?: string | null | undefined }>(
    members: Iterable<T>,
    isPlain: (member: T) => boolean,
  ) =>
    [...members]
      .filter((member) => !member.description && !isPlain(member))
      .map((member) => `${type.name}.${member.name}`);
  if (isEnumType(type)) return silent(type.getValues(), () => false);
  if (isInputObjectType(type))
    return silent(
      Object.values(type.getFields()),
      (field) => /Id$/.test(field.name) && field.type.toString() === 'ID!',
    );
  if (isObjectType(type) || isInterfaceType(type))
    return silent(
      Object.values(type.getFields()),
      (field) => plainNames.includes(field.name) || isNamedAsType(field.name, field.type),
    );
  return [];
}

test('every field, input field and enum value says what it is, unless its name does', () => {
  const types = Object.values(buildSchema(committed.api).getTypeMap());
  const mute = buildSchema(
    'enum E { A } input I { key: String caseId: ID! } type T { id: ID! at: Int t: T }',
  );

  expect(types.flatMap(undescribed)).toEqual([]);
  expect(Object.values(mute.getTypeMap()).flatMap(undescribed)).toEqual(['E.A', 'I.key', 'T.at']);
});

/** Of unions whose refusals depend on households or cases, what comes after NotFound. */
const orders: readonly [string, readonly string[]][] = [
  ['RedeemPointsResult', ['AlreadyPosted', 'NotInHousehold', 'HouseholdLimitExceeded', 'NotEnoughPoints']],
  [
    'RedeemRewardResult',
    ['RewardUnavailable', 'NotInHousehold', 'HouseholdLimitExceeded', 'NotEnoughPoints'],
  ],
  [
    'TransferPointsResult',
    ['NotForChildren', 'TransferNotAllowed', 'NotABeneficiary', 'GiftLimitExceeded', 'NotEnoughPoints'],
  ],
  [
    'EraseMemberResult',
    ['LegallyHeld', 'InHousehold', 'CasesOpen', 'HoldsOpen', 'ArrearsOwed', 'PointsLeft'],
  ],
  ['PublishProgrammeResult', ['DisclosureIncomplete']],
];

test.each(orders)('%s names its refusals in the order in which requests are refused', (name, last) => {
  const union = buildSchema(committed.api).getType(name);
  const members = isUnionType(union) ? union.getTypes().map((type) => type.name) : [];

  expect(members.slice(1)).toEqual(['InvalidInput', 'IdempotencyConflict', 'NotFound', ...last]);
});

const changes: readonly [string, (api: string) => string, string][] = [
  [
    'a field is removed',
    (api) => api.replace(/\n {2}"""Spendable now\."""\n {2}available: Points!/, ''),
    "Field 'available' was removed from object type 'Wallet'",
  ],
  [
    'a field becomes nullable',
    (api) => api.replace('displayName: String', 'displayName: [String]'),
    "Field 'Member.displayName' changed type from 'String' to '[String]'",
  ],
  [
    'an argument becomes required',
    (api) => api.replace('campaign(id: ID!)', 'campaign(id: ID!, at: DateTime!)'),
    "Argument 'at: DateTime!' added to field 'Query.campaign'",
  ],
  [
    'an enum value is removed',
    (api) => api.replace(/\n {2}"""[^"]*"""\n {2}UNLOCK\n/, '\n'),
    "Enum value 'UNLOCK' was removed from enum 'PostingKind'",
  ],
  [
    'a refusal leaves a union',
    (api) =>
      api.replace(
        'union SetPricesResult = PricesSet | InvalidInput | IdempotencyConflict | NotFound',
        'union SetPricesResult = PricesSet | InvalidInput | IdempotencyConflict',
      ),
    "Member 'NotFound' was removed from Union type 'SetPricesResult'",
  ],
  [
    'an input field becomes required',
    (api) =>
      api.replace(/(input RegisterMemberInput \{[\s\S]*?)cardNumber: String\n/, '$1cardNumber: String!\n'),
    "Input field 'RegisterMemberInput.cardNumber' changed type from 'String' to 'String!'",
  ],
];

test.each(changes)('names the breaking change when %s', async (_, change, message) => {
  const changed = change(committed.api);

  expect(changed).not.toBe(committed.api);
  const drift = await findDrift({ ...committed, api: changed }, committed);
  expect(drift).toContain(`breaking change: ${message}`);
});

test('an addition is drift but no breaking change', async () => {
  const changed = committed.api.replace('displayName: String', 'displayName: String\n  nickname: String');

  expect(await findDrift({ ...committed, api: changed }, committed)).toEqual([
    'schema/api.graphql is not what the subgraphs compose to: run npm run compose',
  ]);
});
