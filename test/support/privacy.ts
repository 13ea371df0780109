import { randomUUID } from 'node:crypto';
import type { Caller } from '../../subgraphs/shared/caller.ts';
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

interface Exported {
  readonly exportMember: {
    readonly export: {
      readonly accounts: {
        readonly records: readonly string[];
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
      };
    };
  };
}

/** Everything that accounts exports of a member, in pages of `first`. */
export async function exportOf(
  accounts: TestAccounts,
  caller: Caller,
  input: object = {},
  first = 100,
): Promise<Fields[]> {
  const key = randomUUID();
  const records: Fields[] = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const { exportMember }: Exported = await accounts.send<Exported>(
      caller,
      `mutation ($input: ExportMemberInput!, $first: Int, $after: String) {
         exportMember(input: $input) {
           ... on Refusal { code message }
           ... on MemberExported {
             export { accounts(first: $first, after: $after) { records pageInfo { hasNextPage endCursor } } }
           } } }`,
      { input: { idempotencyKey: key, ...input }, first, after },
    );
    const page = exportMember.export.accounts;
    records.push(...page.records.map((line) => JSON.parse(line) as Fields));
    more = page.pageInfo.hasNextPage;
    after = page.pageInfo.endCursor;
  }
  return records;
}
