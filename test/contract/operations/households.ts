import { type Contract, mask } from './world.ts';

/** A household of the member and its friend. */
export const householdContracts: readonly Contract[] = [
  {
    operation: 'storefront/create-household',
    token: ({ member }) => member.token,
    variables: () => ({ input: { idempotencyKey: 'household-1', name: 'Home' } }),
    answer: () => ({
      createHousehold: { __typename: 'HouseholdChanged', replayed: false, household: { name: 'Home' } },
    }),
  },
  {
    operation: 'storefront/invite-to-household',
    token: ({ member }) => member.token,
    variables: ({ friend }) => ({
      input: { idempotencyKey: 'invite-1', cardNumber: friend.cardNumber, role: 'ADULT' },
    }),
    answer: ({ friend }) => ({
      inviteToHousehold: {
        __typename: 'HouseholdChanged',
        invitation: { maskedCard: mask(friend), role: 'ADULT' },
      },
    }),
  },
  {
    operation: 'storefront/accept-household-invitation',
    token: ({ friend }) => friend.token,
    variables: async ({ coalition, friend }) => {
      const query = '{ viewer { member { householdInvitations { id } } } }';
      const { viewer } = await coalition.send<{
        viewer: { member: { householdInvitations: { id: string }[] } };
      }>(friend.token, query);
      const invitationId = viewer.member.householdInvitations[0]!.id;
      return { input: { idempotencyKey: 'accept-1', invitationId } };
    },
    answer: () => ({
      acceptHouseholdInvitation: {
        __typename: 'HouseholdChanged',
        household: { name: 'Home', members: [{ role: 'HEAD' }, { role: 'ADULT' }] },
      },
    }),
  },
  {
    operation: 'storefront/contribute',
    token: ({ member }) => member.token,
    variables: () => ({ input: { idempotencyKey: 'contribute-1', points: 150 } }),
    answer: () => ({
      contributeToHousehold: {
        __typename: 'PointsContributed',
        replayed: false,
        wallet: { available: 212 },
        household: { pool: { available: 150, spendableByYou: 150 } },
      },
    }),
  },
  {
    operation: 'storefront/household-rewards',
    token: ({ friend }) => friend.token,
    variables: ({ rewardId }) => ({ rewardId }),
    answer: ({ rewardId }) => ({
      viewer: { member: { affordableRewards: [{ id: rewardId, points: 100 }] } },
      reward: { availability: { canRedeem: true, whyNot: [] } },
    }),
  },
  {
    operation: 'storefront/redeem-from-household',
    token: ({ friend }) => friend.token,
    variables: ({ rewardId }) => ({
      input: { idempotencyKey: 'redeem-pool-1', rewardId, fromHousehold: true },
    }),
    answer: () => ({
      redeemReward: {
        __typename: 'RewardRedeemed',
        replayed: false,
        redemption: { status: 'CONFIRMED', points: 100, fromHousehold: true },
      },
    }),
  },
  {
    operation: 'storefront/household',
    token: ({ member }) => member.token,
    variables: () => ({}),
    answer: ({ member, friend }) => ({
      viewer: {
        member: {
          household: {
            name: 'Home',
            members: [
              { isYou: true, role: 'HEAD' },
              { isYou: false, maskedCard: mask(friend), role: 'ADULT' },
            ],
            invitations: [],
            pool: { available: 50, held: 0, spendableByYou: 50, shares: [{ available: 50 }] },
            spending: {
              edges: [
                {
                  node: {
                    points: 100,
                    reversed: 0,
                    merchant: { name: 'Café' },
                    by: { maskedCard: mask(friend) },
                    parts: [{ member: { maskedCard: mask(member) }, points: 100 }],
                  },
                },
              ],
            },
          },
          householdInvitations: [],
        },
      },
    }),
  },
];
