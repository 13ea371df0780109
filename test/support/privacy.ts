import { randomUUID } from 'node:crypto';
import type { Caller } from '../../subgraphs/shared/caller.ts';
import { connectMongo } from '../../subgraphs/shared/mongo.ts';
import type { TestAccounts } from './accounts.ts';
import { asMember } from './callers.ts';

type Fields = Record<string, unknown>;

const refusals =
  '__typename ... on Refusal { code message } ... on InvalidInput { field } ... on NotFound { what id }';
const change = 'change { partner { id } purpose granted at textVersion textSha256 relayedBy { id } }';

const operations = {
  grantConsent: `mutation ($input: GrantConsentInput!) {
    grantConsent(input: $input) { ${refusals} ... on ConsentGranted { replayed ${change} } } }`,
  withdrawConsent: `mutation ($input: WithdrawConsentInput!) {
    withdrawConsent(input: $input) { ${refusals} ... on ConsentWithdrawn { replayed ${change} } } }`,
};

/** Sends one of the mutations about consents as a member's session and gives its result. */
export async function consents(
  accounts: TestAccounts,
  caller: Caller,
  name: keyof typeof operations,
  input: object,
): Promise<Fields> {
  const variables = { input: { idempotencyKey: randomUUID(), ...input } };
  return (await accounts.send<Record<string, Fields>>(caller, operations[name], variables))[name]!;
}

/** Gives a partner a consent as the member. */
export async function giveConsent(
  accounts: TestAccounts,
  memberId: string,
  partnerId: string,
  purpose: string,
): Promise<void> {
  const input = { partnerId, purpose, textVersion: 'test-1' };
  const result = await consents(accounts, asMember(memberId), 'grantConsent', input);
  if (result['__typename'] !== 'ConsentGranted') throw new Error(JSON.stringify(result));
}

interface Page {
  readonly records: readonly string[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const exported = `mutation ($input: ExportMemberInput!, $first: Int, $after: String) {
  exportMember(input: $input) {
    ... on Refusal { code message }
    ... on MemberExported {
      export { accounts(first: $first, after: $after) { records pageInfo { hasNextPage endCursor } } }
    } } }`;

/** Everything that accounts exports of a member, in pages of `first`. */
export async function exportOf(
  accounts: TestAccounts,
  caller: Caller,
  input: object = {},
  first = 100,
): Promise<Fields[]> {
  const idempotencyKey = randomUUID();
  const pageAfter = async (after: string | null): Promise<Page> => {
    const variables = { input: { idempotencyKey, ...input }, first, after };
    const answer = await accounts.send<{ exportMember: { export: { accounts: Page } } }>(
      caller,
      exported,
      variables,
    );
    return answer.exportMember.export.accounts;
  };
  const pages = [await pageAfter(null)];
  while (pages.at(-1)!.pageInfo.hasNextPage) pages.push(await pageAfter(pages.at(-1)!.pageInfo.endCursor));
  return pages.flatMap(({ records }) => records.map((line) => JSON.parse(line) as Fields));
}

const points = '{ programme points }';
const held = '{ id reason placedAt until releasedAt }';

const erasing = {
  eraseMember: `mutation ($input: EraseMemberInput!) { eraseMember(input: $input) {
    ${refusals}
    ... on MemberErased { memberId erasedAt forfeited ${points} replayed }
    ... on LegallyHeld { until holds { reason } }
    ... on HoldsOpen { held ${points} }
    ... on ArrearsOwed { owed ${points} }
    ... on PointsLeft { left ${points} } } }`,
  placeLegalHold: `mutation ($input: PlaceLegalHoldInput!) { placeLegalHold(input: $input) {
    ${refusals} ... on LegalHoldPlaced { replayed hold ${held} member { legalHolds ${held} } } } }`,
} as const;

/** Sends one of the mutations of erasure and gives its result. */
export async function erasure(
  accounts: TestAccounts,
  caller: Caller,
  name: keyof typeof erasing,
  input: object = {},
): Promise<Fields> {
  const variables = { input: { idempotencyKey: randomUUID(), ...input } };
  return (await accounts.send<Record<string, Fields>>(caller, erasing[name], variables))[name]!;
}

/** Names of the collections of accounts in which a text stands anywhere. */
export async function documentsWith(accounts: TestAccounts, text: string): Promise<string[]> {
  const connection = await connectMongo(accounts.mongo.uri, accounts.database);
  const found: string[] = [];
  for (const { name } of await connection.db!.listCollections().toArray())
    for await (const row of connection.db!.collection(name).find({}))
      if (
        JSON.stringify(row, (_, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        ).includes(text)
      )
        found.push(name);
  await connection.close();
  return [...new Set(found)].sort();
}
