import type { OutsideCaller } from '../shared/caller.ts';
import type { ServiceClient } from '../shared/service-client.ts';
import type { AccountsPort, MemberChoice, Posted } from './accounts-port.ts';

const posted = /* GraphQL */ `
  __typename
  ... on PointsPosted { posting { id } }
  ... on Refusal { code message }
  ... on InvalidInput { field expected }
  ... on NotFound { what }
`;

/** Every operation this subgraph sends to accounts, by name; a contract test checks them against its schema. */
export const accountsOperations: Record<string, string> = {
  ResolveMember: /* GraphQL */ `
    query ResolveMember($member: MemberSelector!) { resolveMember(member: $member) { id registeredAt } }
  `,
  TillFacts: /* GraphQL */ `
    query TillFacts($merchantId: ID!) { merchant(id: $merchantId) { currency } }
  `,
  ProgrammeFacts: /* GraphQL */ `
    query ProgrammeFacts($code: String!) { programme(code: $code) { code } }
  `,
  PostEarn: /* GraphQL */ `
    mutation PostEarn($input: PostEarnInput!) {
      postEarn(input: $input) { ${posted} ... on IssuerNotEligible { eligibleIssuers { id } } }
    }
  `,
  ReversePosting: /* GraphQL */ `
    mutation ReversePosting($input: ReversePostingInput!) {
      reversePosting(input: $input) { ${posted} ... on PointsSpent { reversible shortBy } }
    }
  `,
};

interface PostedAnswer {
  readonly __typename: string;
  readonly posting?: { readonly id: string };
  readonly code?: string;
  readonly message?: string;
  readonly field?: string;
  readonly expected?: string;
  readonly what?: string;
  readonly eligibleIssuers?: readonly { readonly id: string }[];
  readonly reversible?: number;
  readonly shortBy?: number;
}

function toPosted(answer: PostedAnswer): Posted {
  if (answer.__typename === 'PointsPosted') return { kind: 'POSTED', postingId: answer.posting!.id };
  const { code = answer.__typename, message = '' } = answer;
  const { what = null, eligibleIssuers = [], reversible, shortBy } = answer;
  const spent =
    reversible === undefined || shortBy === undefined
      ? null
      : { reversible: BigInt(reversible), shortBy: BigInt(shortBy) };
  const eligibleIssuerIds = eligibleIssuers.map(({ id }) => id);
  return { kind: 'REFUSED', code, message, what, eligibleIssuerIds, spent };
}

/** The accounts subgraph over GraphQL. Every call throws ServiceUnavailable when the answer is not known. */
export function createAccountsClient(client: ServiceClient): AccountsPort {
  const ask = <T>(name: string, variables: Record<string, unknown>, actor?: OutsideCaller): Promise<T> =>
    client.send<T>(accountsOperations[name]!, variables, actor);
  return {
    resolveMember: async (member: MemberChoice, actor: OutsideCaller) => {
      const answer = await ask<{ resolveMember: { id: string; registeredAt: string } | null }>(
        'ResolveMember',
        { member },
        actor,
      );
      const found = answer.resolveMember;
      return found && { id: found.id, registeredAt: new Date(found.registeredAt) };
    },
    merchantCurrency: async (merchantId) =>
      (await ask<{ merchant: { currency: string } | null }>('TillFacts', { merchantId })).merchant
        ?.currency ?? null,
    programmeExists: async (code) =>
      (await ask<{ programme: object | null }>('ProgrammeFacts', { code })).programme !== null,
    postEarn: async (input) =>
      toPosted((await ask<{ postEarn: PostedAnswer }>('PostEarn', { input })).postEarn),
    reversePosting: async (input) =>
      toPosted((await ask<{ reversePosting: PostedAnswer }>('ReversePosting', { input })).reversePosting),
  };
}

/**
 * Remembers what never changes once it is so: a merchant's currency and that a programme exists. What is not there is
 * asked again every time, so a merchant or programme opened later is seen at once.
 */
export function rememberFacts(accounts: AccountsPort): AccountsPort {
  const currencies = new Map<string, string>();
  const programmes = new Set<string>();
  return {
    ...accounts,
    merchantCurrency: async (merchantId) => {
      const known = currencies.get(merchantId) ?? (await accounts.merchantCurrency(merchantId));
      if (known !== null) currencies.set(merchantId, known);
      return known;
    },
    programmeExists: async (code) => {
      const exists = programmes.has(code) || (await accounts.programmeExists(code));
      if (exists) programmes.add(code);
      return exists;
    },
  };
}
