import type { Page } from '../../shared/connection.ts';
import { type ExportPart, type PlacedRecord, timedPart, wholePart } from '../../shared/export.ts';
import { type Household, stateOf } from '../household/household.ts';
import type { InvitationTo } from '../household/household-store.ts';
import type { PooledLots } from '../ledger/read-wallet.ts';
import type { Wallet } from '../ledger/wallet.ts';

/** What is read of a member's households for its export. */
export interface HouseholdExportPorts {
  /** All households that the member belongs to or ever did. */
  readonly households: (memberId: string) => Promise<readonly Household[]>;
  /** Invitations to the member, newest first; one more than asked for if there are more. */
  readonly invitations: (memberId: string, page: Page) => Promise<readonly InvitationTo[]>;
  readonly pools: (householdId: string) => Promise<readonly Wallet[]>;
  /** The member's own open lots in pools of these. */
  readonly pooled: (memberId: string, householdIds: readonly string[]) => Promise<readonly PooledLots[]>;
}

type Record = PlacedRecord['record'];

const seatRecords = (memberId: string, { id, name, members }: Household): Record[] =>
  members
    .filter((member) => member.memberId === memberId)
    .map(({ role, joinedAs, limits, joinedAt, leftAt }) => ({
      type: 'household',
      ...{ id, name: name || null, role, joinedAs, limits, joinedAt, leftAt },
    }));

/** What counts against the member's limit of a month. */
const spentRecords = (memberId: string, { householdId, programme, poolSpent }: Wallet): Record[] =>
  poolSpent
    .filter((spent) => spent.memberId === memberId)
    .map(({ month, points }) => ({ type: 'pool-spent', householdId, programme, month, points }));

/** Where a member sits or sat, and what it has in the pools, on its way back included; of the others nothing. */
async function householdRecords(memberId: string, ports: HouseholdExportPorts): Promise<Record[]> {
  const households = await ports.households(memberId);
  const ids = households.map(({ id }) => id);
  const pools = (await Promise.all(ids.map((id) => ports.pools(id)))).flat();
  const pooled = await ports.pooled(memberId, ids);
  return [
    ...households.flatMap((household) => seatRecords(memberId, household)),
    ...pools.flatMap((pool) => spentRecords(memberId, pool)),
    ...pooled.flatMap(({ lots }) => lots.map((lot) => ({ type: 'pooled-lot', ...lot }))),
  ];
}

function invitationRecord(invitation: InvitationTo, now: Date): Record {
  const { id, role, invitedAt, expiresAt } = invitation;
  const householdName = invitation.householdName || null;
  const state = stateOf(invitation, now);
  return { type: 'household-invitation', id, householdName, role, state, invitedAt, expiresAt };
}

/** All that is kept of a member's households and of invitations to others. */
export const householdParts = (memberId: string, now: Date, ports: HouseholdExportPorts): ExportPart[] => [
  wholePart('households', () => householdRecords(memberId, ports)),
  timedPart(
    'invitations',
    (page) => ports.invitations(memberId, page),
    (invitation) => invitationRecord(invitation, now),
    ({ invitedAt }) => invitedAt,
  ),
];
