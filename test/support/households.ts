import { randomUUID } from 'node:crypto';
import type { RegisteredMember, TestAccounts } from './accounts.ts';
import { asMember } from './callers.ts';

type Fields = Record<string, unknown>;

const refusals = `__typename ... on Refusal { code message } ... on InvalidInput { field expected }`;
const notFound = '... on NotFound { what id }';

/** The mutations that name something which may not exist. */
const naming: readonly string[] = [
  'inviteToHousehold',
  'acceptHouseholdInvitation',
  'declineHouseholdInvitation',
  'withdrawHouseholdInvitation',
  'setHouseholdRole',
  'setHouseholdLimits',
  'handOverHousehold',
  'removeFromHousehold',
  'contributeToHousehold',
];
const household = `household { id name members { id isYou displayName maskedCard role limits { perRedemption perMonth } leftAt } invitations { id state role maskedCard } }`;
const invitation = 'invitation { id state role householdName maskedCard headMaskedCard expiresAt }';
const changed = `... on HouseholdChanged { replayed ${household} ${invitation} }`;

const inputs = {
  createHousehold: ['CreateHouseholdInput', changed],
  inviteToHousehold: ['InviteToHouseholdInput', `${changed} ... on HouseholdFull { most }`],
  acceptHouseholdInvitation: ['HouseholdInvitationInput', `${changed} ... on InvitationClosed { state }`],
  declineHouseholdInvitation: [
    'HouseholdInvitationInput',
    `... on HouseholdInvitationDeclined { replayed ${invitation} } ... on InvitationClosed { state }`,
  ],
  withdrawHouseholdInvitation: ['HouseholdInvitationInput', `${changed} ... on InvitationClosed { state }`],
  setHouseholdRole: ['SetHouseholdRoleInput', changed],
  setHouseholdLimits: ['SetHouseholdLimitsInput', changed],
  handOverHousehold: ['HouseholdMemberInput', changed],
  removeFromHousehold: ['HouseholdMemberInput', changed],
  leaveHousehold: [
    'HouseholdRequestInput',
    '... on HouseholdLeft { replayed member { wallet { available } } }',
  ],
  dissolveHousehold: [
    'HouseholdRequestInput',
    '... on HouseholdLeft { replayed member { wallet { available } } }',
  ],
  contributeToHousehold: [
    'ContributeToHouseholdInput',
    `... on PointsContributed {
       replayed posting { id kind change fromHousehold } wallet { available }
       household { pool { available spendableByYou shares { member { isYou maskedCard } available } } }
     }
     ... on PoolingNotAllowed { poolable } ... on NotEnoughPoints { shortBy }`,
  ],
} as const;

/** Names of the mutations of households. */
export type HouseholdMutation = keyof typeof inputs;

/** The mutation of a name. */
export function householdOperation(name: HouseholdMutation): string {
  const [type, selection] = inputs[name];
  return `mutation ($input: ${type}!) { ${name}(input: $input) { ${refusals} ${naming.includes(name) ? notFound : ''} ${selection} } }`;
}

/** Sends a mutation of households as a member and gives its result. */
export async function atHome(
  accounts: TestAccounts,
  member: RegisteredMember,
  name: HouseholdMutation,
  input: object = {},
): Promise<Fields> {
  const variables = { input: { idempotencyKey: randomUUID(), ...input } };
  const data = await accounts.send<Record<string, Fields>>(
    asMember(member.id),
    householdOperation(name),
    variables,
  );
  return data[name]!;
}

/** Brings a member into the household of its head. */
export async function join(
  accounts: TestAccounts,
  head: RegisteredMember,
  member: RegisteredMember,
  role: 'ADULT' | 'CHILD' = 'ADULT',
): Promise<void> {
  const { cardNumber } = member;
  const invited = await atHome(accounts, head, 'inviteToHousehold', { cardNumber, role });
  if (invited['__typename'] !== 'HouseholdChanged') throw new Error(JSON.stringify(invited));
  const { id: invitationId } = invited['invitation'] as { id: string };
  const joined = await atHome(accounts, member, 'acceptHouseholdInvitation', { invitationId });
  if (joined['__typename'] !== 'HouseholdChanged') throw new Error(JSON.stringify(joined));
}
