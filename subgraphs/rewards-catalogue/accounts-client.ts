import type { ServiceClient } from '../shared/service-client.ts';
import type { AccountsPort, Resolution, ResolvedMember } from './accounts-port.ts';
import type { HouseholdLimitExceeded, NotFound, NotInHousehold } from './refusal.ts';
import type { PoolAllowance, Purse, Unlock } from './reward/availability.ts';

/** Every operation that this subgraph sends to accounts, by name; a contract test checks them against its schema. */
export const accountsOperations = {
  resolveMember: `query CatalogueResolveMember($member: MemberSelector!) {
    resolveMember(member: $member) { id registeredBy }
  }`,
  purses: `query CataloguePurses($id: ID!) {
    member(id: $id) {
      wallets {
        programme { code }
        available
        pending
      }
    }
  }`,
  unlocks: `query CatalogueUnlocks($id: ID!, $programme: String!) {
    member(id: $id) {
      wallet(programme: $programme) {
        unlocking { at available }
      }
    }
  }`,
  poolAllowance: `query CataloguePoolAllowance($id: ID!, $programme: String!) {
    member(id: $id) {
      poolAllowance(programme: $programme) { available limit }
    }
  }`,
  poolAllowances: `query CataloguePoolAllowances($id: ID!) {
    member(id: $id) {
      poolAllowances { programme { code } available limit }
    }
  }`,
  merchantAndProgramme: `query CatalogueMerchantAndProgramme($merchant: ID!, $programme: String!) {
    merchant(id: $merchant) { id }
    programme(code: $programme) { code }
  }`,
  holdPoints: `mutation CatalogueHoldPoints($input: HoldPointsInput!) {
    holdPoints(input: $input) {
      __typename
      ... on PointsHeld { hold { id } }
      ... on NotFound { what id }
      ... on NotEnoughPoints { available shortBy availableFrom }
      ... on HouseholdLimitExceeded { per limit left leftFrom }
      ... on Refusal { message }
    }
  }`,
  capturePoints: `mutation CatalogueCapturePoints($input: CapturePointsInput!) {
    capturePoints(input: $input) {
      __typename
      ... on HoldResolved { hold { status capturePostingId } }
      ... on HoldAlreadyResolved { hold { status capturePostingId } }
      ... on Refusal { message }
    }
  }`,
  voidHold: `mutation CatalogueVoidHold($input: VoidHoldInput!) {
    voidHold(input: $input) {
      __typename
      ... on HoldResolved { hold { status capturePostingId } }
      ... on HoldAlreadyResolved { hold { status capturePostingId } }
      ... on Refusal { message }
    }
  }`,
  reversePosting: `mutation CatalogueReversePosting($input: ReversePostingInput!) {
    reversePosting(input: $input) {
      __typename
      ... on NotReversible { remaining }
      ... on Refusal { message }
    }
  }`,
} as const satisfies Record<string, string>;

/** An answer that the schema allows but this use of it rules out: a fault, not a refusal. */
const unexpected = (operation: string, answer: { __typename: string; message?: string }): Error =>
  new Error(`accounts answered ${operation} with ${answer.__typename}: ${answer.message ?? ''}`);

interface HoldAnswer {
  __typename: string;
  hold: { id: string; status: string; capturePostingId: string | null };
  message?: string;
}

function toResolution(operation: string, answer: HoldAnswer): Resolution {
  if (answer.__typename !== 'HoldResolved' && answer.__typename !== 'HoldAlreadyResolved')
    throw unexpected(operation, answer);
  const { status, capturePostingId } = answer.hold;
  if (status === 'CAPTURED' && capturePostingId !== null)
    return { kind: 'Captured', postingId: capturePostingId };
  if (status === 'VOIDED' || status === 'TIMED_OUT') return { kind: 'Released' };
  throw new Error(`accounts left a hold ${status} after ${operation}`);
}

/** Accounts over GraphQL. */
export function createAccountsClient(client: ServiceClient): AccountsPort {
  return { ...readsOf(client), ...writesOf(client) };
}

type Writes = 'holdPoints' | 'capturePoints' | 'voidHold' | 'reversePosting';

interface WalletAnswer {
  programme: { code: string };
  available: number;
  pending: number;
}

const toPurse = ({ available, pending }: WalletAnswer): Purse => ({
  available: BigInt(available),
  pending: BigInt(pending),
});

async function readUnlocks(client: ServiceClient, id: string, programme: string): Promise<Unlock[]> {
  type Answer = { member: { wallet: { unlocking: { at: string; available: number }[] } | null } | null };
  const answer = await client.send<Answer>(accountsOperations.unlocks, { id, programme });
  const unlocking = answer.member?.wallet?.unlocking ?? [];
  return unlocking.map(({ at, available }) => ({ at: new Date(at), available: BigInt(available) }));
}

interface AllowanceAnswer {
  available: number;
  limit: number | null;
}

const toAllowance = ({ available, limit }: AllowanceAnswer): PoolAllowance => ({
  available: BigInt(available),
  limit: limit === null ? null : BigInt(limit),
});

async function readAllowance(
  client: ServiceClient,
  id: string,
  programme: string,
): Promise<PoolAllowance | NotInHousehold | null> {
  type Answer = { member: { poolAllowance: AllowanceAnswer | null } | null };
  const { member } = await client.send<Answer>(accountsOperations.poolAllowance, { id, programme });
  if (!member) return null;
  return member.poolAllowance ? toAllowance(member.poolAllowance) : { kind: 'NotInHousehold' };
}

async function readAllowances(client: ServiceClient, id: string): Promise<Map<string, PoolAllowance>> {
  type Answer = { member: { poolAllowances: (AllowanceAnswer & { programme: { code: string } })[] } | null };
  const { member } = await client.send<Answer>(accountsOperations.poolAllowances, { id });
  const allowances = member?.poolAllowances ?? [];
  return new Map(allowances.map((allowance) => [allowance.programme.code, toAllowance(allowance)]));
}

function readsOf(client: ServiceClient): Omit<AccountsPort, Writes> {
  return {
    async resolveMember(member, actor) {
      type Answer = { resolveMember: ResolvedMember | null };
      return (await client.send<Answer>(accountsOperations.resolveMember, { member }, actor)).resolveMember;
    },
    async purses(memberId) {
      type Answer = { member: { wallets: WalletAnswer[] } | null };
      const { member } = await client.send<Answer>(accountsOperations.purses, { id: memberId });
      return member && new Map(member.wallets.map((wallet) => [wallet.programme.code, toPurse(wallet)]));
    },
    unlocks: (memberId, programme) => readUnlocks(client, memberId, programme),
    poolAllowance: (memberId, programme) => readAllowance(client, memberId, programme),
    poolAllowances: (memberId) => readAllowances(client, memberId),
    async merchantAndProgramme(merchant, programme) {
      type Answer = { merchant: object | null; programme: object | null };
      const variables = { merchant, programme };
      const answer = await client.send<Answer>(accountsOperations.merchantAndProgramme, variables);
      return { merchant: answer.merchant !== null, programme: answer.programme !== null };
    },
  };
}

function writesOf(client: ServiceClient): Pick<AccountsPort, Writes> {
  return {
    async holdPoints(input, actor) {
      type Answer = { holdPoints: HoldAnswer & Record<string, never> };
      const { holdPoints: answer } = await client.send<Answer>(
        accountsOperations.holdPoints,
        { input },
        actor,
      );
      return toHeld(answer);
    },
    async capturePoints(holdId, idempotencyKey, reward) {
      const note = reward && { name: reward.name, categories: [reward.category] };
      const variables = { input: { holdId, idempotencyKey, note } };
      type Answer = { capturePoints: HoldAnswer };
      const answer = await client.send<Answer>(accountsOperations.capturePoints, variables);
      return toResolution('capturePoints', answer.capturePoints);
    },
    async voidHold(holdId, idempotencyKey) {
      const variables = { input: { holdId, idempotencyKey } };
      const answer = await client.send<{ voidHold: HoldAnswer }>(accountsOperations.voidHold, variables);
      return toResolution('voidHold', answer.voidHold);
    },
    async reversePosting(postingId, idempotencyKey, reason) {
      type Answer = { reversePosting: { __typename: string; message?: string; remaining?: number } };
      const variables = { input: { postingId, idempotencyKey, reason } };
      const { reversePosting: answer } = await client.send<Answer>(
        accountsOperations.reversePosting,
        variables,
      );
      const done = answer.__typename === 'PointsPosted';
      const doneBefore = answer.__typename === 'NotReversible' && answer.remaining === 0;
      if (!done && !doneBefore) throw unexpected('reversePosting', answer);
    },
  };
}

function toHeld(answer: {
  __typename: string;
  hold?: { id: string };
  what?: string;
  id?: string;
  available?: number;
  shortBy?: number;
  availableFrom?: string | null;
  per?: HouseholdLimitExceeded['per'];
  limit?: number;
  left?: number;
  leftFrom?: string | null;
  message?: string;
}): Awaited<ReturnType<AccountsPort['holdPoints']>> {
  switch (answer.__typename) {
    case 'PointsHeld':
      return { kind: 'Held', holdId: answer.hold!.id };
    case 'NotFound':
      return { kind: 'NotFound', what: answer.what as NotFound['what'], id: answer.id! };
    case 'NotEnoughPoints':
      return {
        kind: 'NotEnoughPoints',
        available: BigInt(answer.available!),
        shortBy: BigInt(answer.shortBy!),
        availableFrom: answer.availableFrom ? new Date(answer.availableFrom) : null,
      };
    case 'NotInHousehold':
      return { kind: 'NotInHousehold' };
    case 'HouseholdLimitExceeded':
      return {
        kind: 'HouseholdLimitExceeded',
        per: answer.per!,
        limit: BigInt(answer.limit!),
        left: BigInt(answer.left!),
        leftFrom: answer.leftFrom ? new Date(answer.leftFrom) : null,
      };
    default:
      throw unexpected('holdPoints', answer);
  }
}
