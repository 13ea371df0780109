import { z } from 'zod';
import type { OutsideCaller } from '../shared/caller.ts';
import { invalidInput, notFound } from '../shared/refusal.ts';
import { type ServiceClient, wasNeverSent } from '../shared/service-client.ts';
import type { Donation, MemberSelector } from './donation/donation.ts';
import type { AccountsPort, ResolvedMember, TakenPoints } from './donation/donation-ports.ts';
import { sumGoods } from './matching/pledge.ts';

/** The operations that charity sends to accounts. A contract test validates them against accounts' schema. */
export const accountsOperations: Record<'resolveMember' | 'postDonation', string> = {
  resolveMember: `query ResolveMember($member: MemberSelector!) {
    resolveMember(member: $member) { id locale registeredBy }
  }`,
  postDonation: `mutation PostDonation($input: PostDonationInput!) {
    postDonation(input: $input) {
      __typename
      ... on PointsPosted { posting { id } }
      ... on InvalidInput { field expected }
      ... on IdempotencyConflict { message }
      ... on NotFound { what id }
      ... on NotEnoughPoints { available shortBy availableFrom }
    }
  }`,
};

const resolved = z.object({
  resolveMember: z
    .object({ id: z.string(), locale: z.string(), registeredBy: z.array(z.string()) })
    .nullable(),
});

const points = z.number().int().transform(BigInt);

const posted = z.object({
  postDonation: z.discriminatedUnion('__typename', [
    z.object({ __typename: z.literal('PointsPosted'), posting: z.object({ id: z.string() }) }),
    z.object({ __typename: z.literal('InvalidInput'), field: z.string(), expected: z.string() }),
    z.object({ __typename: z.literal('IdempotencyConflict'), message: z.string() }),
    z.object({ __typename: z.literal('NotFound'), what: z.string(), id: z.string() }),
    z.object({
      __typename: z.literal('NotEnoughPoints'),
      available: points,
      shortBy: points,
      availableFrom: z.string().nullable(),
    }),
  ]),
});

type Answer = z.infer<typeof posted>['postDonation'];

/** The idempotency key under which a donation's points are taken: its own, whoever asks and however often. */
export const donationKey = (donationId: string): string => `donation:${donationId}`;

function toTaken(answer: Answer): TakenPoints {
  switch (answer.__typename) {
    case 'PointsPosted':
      return { kind: 'Posted', postingId: answer.posting.id };
    case 'InvalidInput':
      return invalidInput(answer.field, answer.expected);
    case 'NotFound':
      return notFound(answer.what === 'PROGRAMME' ? 'PROGRAMME' : 'MEMBER', answer.id);
    case 'NotEnoughPoints': {
      const { available, shortBy, availableFrom } = answer;
      return {
        kind: 'NotEnoughPoints',
        available,
        shortBy,
        availableFrom: availableFrom === null ? null : new Date(availableFrom),
      };
    }
    case 'IdempotencyConflict':
      // The key is the donation's own: only a fault can have used it for something else.
      throw new Error(`accounts: ${answer.message}`);
  }
}

async function resolveMember(
  client: ServiceClient,
  selector: MemberSelector,
  actor: OutsideCaller,
): Promise<ResolvedMember | null> {
  const answer = await client.send(accountsOperations.resolveMember, { member: selector }, actor);
  return resolved.parse(answer).resolveMember;
}

/** What a donation is for and what it set aside, for the member's statement. */
const noteOf = ({ causeName, matches }: Donation, causeKind: string | null) => ({
  name: causeName,
  categories: causeKind === null ? [] : [causeKind],
  goods: sumGoods(matches).map((sum) => ({ ...sum, quantity: String(sum.quantity) })),
});

async function takePoints(
  client: ServiceClient,
  donation: Donation,
  causeKind: string | null,
): Promise<TakenPoints> {
  const { id, memberId, causeId, programme, points, actor } = donation;
  const reason = `Donation ${id}`;
  const note = noteOf(donation, causeKind);
  const input = { idempotencyKey: donationKey(id), memberId, causeId, programme, points, reason, note };
  try {
    return toTaken(
      posted.parse(await client.send(accountsOperations.postDonation, { input }, actor)).postDonation,
    );
  } catch (error) {
    if (wasNeverSent(error)) return { kind: 'Unreachable' };
    throw error;
  }
}

/** Asks accounts over its service client; tells it with a donation of what kind the cause is. */
export const createAccountsPort = (
  client: ServiceClient,
  kindOf: (causeId: string) => Promise<string | null> = async () => null,
): AccountsPort => ({
  resolveMember: (selector, actor) => resolveMember(client, selector, actor),
  takePoints: async (donation) => takePoints(client, donation, await kindOf(donation.causeId)),
});
